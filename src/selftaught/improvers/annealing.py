import math
import random
from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Go on from worse solutions too, the less often the longer the search: simulated annealing.

    Simulated annealing (paper, section 6.1, figure A.15): a worse solution is accepted with
    probability exp(change / temperature), and the temperature falls by the factor .6. Here changes
    are shares of the best score, and what is returned is the best solution, not the last.
    """
    expertise = "You are a computer scientist who writes fast and clever Python programs."
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    current = initial_solution
    temperature = 0.2

    def ask_for(solution):
        return f"""Here is a solution to a problem:
```python
{solution}
```

Its quality is measured by this utility:
```python
{utility.str}
```

Write a variation of it that is better. State your idea first, then give the whole program."""

    def accepts(candidate):
        """Decide whether to go on from a candidate."""
        change = (scores[candidate] - scores[current]) / (max(scores.values()) or 1.0)
        return change >= 0 or random.random() < math.exp(change / temperature)

    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            scores[initial_solution] = utility(initial_solution)
        for _ in range(min(language_model.budget, 200)):  # a budget may be without end
            left = max(2, utility.budget) - len(scores)
            count = min(language_model.max_responses_per_call, left)
            if count < 1:
                break
            messages = [ask_for(current)] * count
            replies = language_model.batch_prompt(expertise, messages, temperature=0.7)
            found = [code for code in dict.fromkeys(extract_code(replies)) if code]
            found = [code for code in found if len(code) < 100_000]
            new = [code for code in found if code not in scores]
            scores.update(zip(new, utility.map(new)))
            for candidate in found:
                if accepts(candidate):
                    current = candidate
            temperature *= 0.6
    return max(scores, key=scores.get)
