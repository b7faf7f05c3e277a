import math
import random
from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Improve the best of a pool, or explore from any of it at twice the temperature.

    Epsilon-greedy pool of three with adaptive temperature (paper, section 6.1, figure 5): how often
    it explores follows from how often that paid; the temperature falls as the budget is used up;
    samples are spread over the calls that are left. In the paper the prompt does not show the
    solution that was chosen, and three calls without success end the search; here it is shown,
    and then the search explores, since what is left of a budget is worth nothing.
    """
    expertise = "You are a computer scientist who writes fast and clever Python programs."
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    calls = min(language_model.budget, 200)  # a budget may be without end
    tries = {"explore": 2, "exploit": 2}  # as if one of two had paid
    successes = {"explore": 1, "exploit": 1}
    failures = 0  # calls in a row that found nothing better

    def ask_for(solution, wish):
        return f"""Here is a solution to a problem:
```python
{solution}
```

Its quality is measured by this utility:
```python
{utility.str}
```

{wish} State your idea first, then give the whole program."""

    def choose_mode():
        rates = {mode: successes[mode] / tries[mode] for mode in tries}
        epsilon = max(0.1, rates["explore"] / sum(rates.values()))
        return "explore" if failures >= 3 or random.random() < epsilon else "exploit"

    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            scores[initial_solution] = utility(initial_solution)
        for turn in range(calls):
            left = max(2, utility.budget) - len(scores)
            share = math.ceil(left / (calls - turn))
            count = min(language_model.max_responses_per_call, share)
            if count < 1:
                break
            mode = choose_mode()
            pool = sorted(scores, key=scores.get, reverse=True)[:3]
            temperature = 0.3 + 0.4 * (1 - turn / calls)
            solution, wish = pool[0], "Write a better solution."
            if mode == "explore":
                solution, temperature = random.choice(pool), 2 * temperature
                wish = "Write a better solution by a very different approach."
            messages = [ask_for(solution, wish)] * count
            replies = language_model.batch_prompt(expertise, messages, temperature=temperature)
            new = [code for code in dict.fromkeys(extract_code(replies)) if code]
            new = [code for code in new if code not in scores and len(code) < 100_000]
            scores.update(zip(new, utility.map(new)))
            found_better = max(scores.values()) > scores[pool[0]]
            tries[mode] += 1
            successes[mode] += found_better
            failures = 0 if found_better else failures + 1
    return max(scores, key=scores.get)
