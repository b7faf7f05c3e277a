from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Ask for five better solutions, and keep the initial one unless one of them beats it.

    The seed improver before it was simplified (paper, appendix D, figure A.19). There the initial
    solution counted as 0, so that any working reply took its place; here it is scored too.
    """
    expertise = "You are an experienced programmer who makes Python programs better."
    message = f"""Here is a solution to a problem:
```python
{initial_solution}
```

Its quality is measured by this utility:
```python
{utility.str}
```

Write a solution with a higher utility. State your idea first, then give the whole program."""
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    asked = 0
    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            scores[initial_solution] = utility(initial_solution)
        for _ in range(min(language_model.budget, 5)):
            left = max(2, utility.budget) - len(scores)
            count = min(language_model.max_responses_per_call, left, 5 - asked)
            if count < 1:
                break
            replies = language_model.batch_prompt(expertise, [message] * count, temperature=0.7)
            asked += count
            new = [code for code in dict.fromkeys(extract_code(replies)) if code]
            new = [code for code in new if code not in scores and len(code) < 100_000]
            scores.update(zip(new, utility.map(new)))
    return max(scores, key=scores.get)
