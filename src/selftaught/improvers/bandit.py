import math
from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Learn which sampling temperature pays: each is an arm of a bandit.

    Multi-armed bandit over temperatures (paper, section 6.1, figure A.16; the temperatures are
    those of figure A.32). An arm is worth the mean score of the replies to it, and is chosen by
    an upper confidence bound.
    """
    expertise = "You are a computer scientist who writes fast and clever Python programs."
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    rewards = {0.7: [], 0.4: [], 1.0: []}  # of every reply, by temperature

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

    def bound(arm):
        """Return how good an arm may be."""
        replies = rewards[arm]
        if not replies:
            return math.inf
        total = sum(map(len, rewards.values()))
        # Scores need not be fractions: as shares of the best they are on the bound's scale.
        mean = sum(replies) / len(replies) / (max(scores.values()) or 1.0)
        return mean + math.sqrt(2 * math.log(total) / len(replies))

    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            scores[initial_solution] = utility(initial_solution)
        for _ in range(min(language_model.budget, 200)):  # a budget may be without end
            left = max(2, utility.budget) - len(scores)
            count = min(language_model.max_responses_per_call, left)
            if count < 1:
                break
            arm = max(rewards, key=bound)
            messages = [ask_for(max(scores, key=scores.get))] * count
            replies = language_model.batch_prompt(expertise, messages, temperature=arm)
            codes = [
                code if code and len(code) < 100_000 else None for code in extract_code(replies)
            ]
            new = [code for code in dict.fromkeys(codes) if code and code not in scores]
            scores.update(zip(new, utility.map(new)))
            rewards[arm] += [scores.get(code, 0.0) for code in codes]
    return max(scores, key=scores.get)
