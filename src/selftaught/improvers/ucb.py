import math
from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Choose which of the three best solutions to improve by an upper confidence bound.

    UCB over a pool (paper, section 6.1, figure A.13): the mean score of what came of a solution,
    plus sqrt(2 ln N / n). Samples that are still out count as drawn, so one call can serve several.
    """
    expertise = "You are a computer scientist who writes fast and clever Python programs."
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    draws = {}  # how often each solution was tried; its own score is the first try
    rewards = {}

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

    def choose(pool):
        """Draw the solution with the highest bound."""
        # Scores need not be fractions: as shares of the best they are on the bound's scale.
        top = max(scores.values()) or 1.0
        total = sum(draws[each] for each in pool)
        bounds = {
            each: rewards[each] / draws[each] / top + math.sqrt(2 * math.log(total) / draws[each])
            for each in pool
        }
        chosen = max(bounds, key=bounds.get)
        draws[chosen] += 1
        return chosen

    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            scores[initial_solution] = utility(initial_solution)
        for _ in range(min(language_model.budget, 200)):  # a budget may be without end
            left = max(2, utility.budget) - len(scores)
            count = min(language_model.max_responses_per_call, left)
            if count < 1:
                break
            pool = sorted(scores, key=scores.get, reverse=True)[:3]
            for each in pool:
                draws.setdefault(each, 1)
                rewards.setdefault(each, scores[each])
            parents = [choose(pool) for _ in range(count)]
            messages = [ask_for(parent) for parent in parents]
            replies = language_model.batch_prompt(expertise, messages, temperature=0.7)
            codes = [
                code if code and len(code) < 100_000 else None for code in extract_code(replies)
            ]
            new = [code for code in dict.fromkeys(codes) if code and code not in scores]
            scores.update(zip(new, utility.map(new)))
            for parent, code in zip(parents, codes):
                rewards[parent] += scores.get(code, 0.0)
    return max(scores, key=scores.get)
