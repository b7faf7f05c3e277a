from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Improve the best solution so far, round after round, until a budget is used up.

    The greedy baseline that the paper's third version adds to section 5.1.
    """
    expertise = "You are a computer scientist who writes fast and clever Python programs."
    evaluations = utility.budget - 1
    best, best_score = initial_solution, 0.0
    with suppress(RuntimeError):  # a limit that was not announced ends the search
        best_score = utility(initial_solution)
        for _ in range(min(language_model.budget, 200)):  # a budget may be without end
            count = min(language_model.max_responses_per_call, evaluations)
            if count < 1:
                break
            message = f"""Here is a solution to a problem; its score is {best_score:.4f}:
```python
{best}
```

Its quality is measured by this utility:
```python
{utility.str}
```

Write a better solution. State your idea first, then give the whole program."""
            replies = language_model.batch_prompt(expertise, [message] * count, temperature=0.7)
            candidates = [code for code in extract_code(replies) if code]
            evaluations -= len(candidates)
            for candidate, score in zip(candidates, utility.map(candidates)):
                if score > best_score:
                    best, best_score = candidate, score
    return best
