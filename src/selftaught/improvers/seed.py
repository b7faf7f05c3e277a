from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Ask once for several better solutions and return the best of them."""
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
    count = min(language_model.max_responses_per_call, utility.budget)
    replies = language_model.batch_prompt(expertise, [message] * count, temperature=0.7)
    candidates = extract_code(replies)
    return max(candidates, key=utility)
