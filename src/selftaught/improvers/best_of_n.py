from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Ask for as many independent solutions as the budget holds, and return the best of them.

    The control that table 1 of the paper lacks (section 5.2): it spends as many samples as the
    improvers that build on what they find, and builds on nothing.
    """
    expertise = "You are a computer scientist who writes fast and clever Python programs."
    message = f"""Here is a solution to a problem:
```python
{initial_solution}
```

Its quality is measured by this utility:
```python
{utility.str}
```

Write a better solution. Within the constraints, be as creative as you can: the main change should
be new and more than a detail. State your idea first, then give the whole program."""
    found = {}  # the candidates, in the order in which they came
    most = max(1, utility.budget - 1)  # one evaluation is for the initial solution
    with suppress(RuntimeError):  # a limit that was not announced: score what there is
        for _ in range(min(language_model.budget, 200)):  # a budget may be without end
            count = min(language_model.max_responses_per_call, most - len(found))
            if count < 1:
                break
            replies = language_model.batch_prompt(expertise, [message] * count, temperature=0.7)
            new = [code for code in extract_code(replies) if code and code != initial_solution]
            found.update(dict.fromkeys(code for code in new if len(code) < 100_000))
    solutions = [initial_solution, *found] if utility.budget > 1 else list(found)
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    with suppress(RuntimeError):
        scores.update(zip(solutions, utility.map(solutions)))
    return max(scores, key=scores.get)
