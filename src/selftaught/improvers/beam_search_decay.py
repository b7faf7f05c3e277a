from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Refine a beam of three at falling temperatures; threads score, a cache saves evaluations.

    Beam search with decay, caching and threads (paper, section 6.1, figure A.11): a width of
    three and a temperature of 0.6 ** depth.
    """
    expertise = "You are a computer scientist who writes fast and clever Python programs."
    cache = {initial_solution: 0.0}  # a single evaluation goes to a reply

    def ask_for(solution):
        return f"""Here is a solution to a problem:
```python
{solution}
```

Its quality is measured by this utility:
```python
{utility.str}
```

Write a better solution. State your idea first, then give the whole program."""

    def score_all(solutions):
        """Score what is not in the cache; in order, whichever thread is done first."""
        new = [solution for solution in dict.fromkeys(solutions) if solution not in cache]
        with ThreadPoolExecutor(max_workers=8) as pool:
            cache.update(zip(new, pool.map(utility, new)))

    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            cache[initial_solution] = utility(initial_solution)
        for depth in range(min(language_model.budget, 200)):  # a budget may be without end
            left = max(2, utility.budget) - len(cache)
            count = min(language_model.max_responses_per_call, left)
            if count < 1:
                break
            beam = sorted(cache, key=cache.get, reverse=True)[:3]
            # One call for the whole beam: a call for each member would use up the budget.
            messages = [ask_for(beam[(depth + turn) % len(beam)]) for turn in range(count)]
            temperature = max(0.1, 0.6**depth)
            replies = language_model.batch_prompt(expertise, messages, temperature=temperature)
            score_all([code for code in extract_code(replies) if code and len(code) < 100_000])
    return max(cache, key=cache.get)
