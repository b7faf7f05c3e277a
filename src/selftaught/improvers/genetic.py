import random
from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Breed a population: the fitter a program, the more often it is a parent; the ten best live.

    The genetic algorithm with explicit fitness (paper, section 6.1, figures A.7 and A.9).
    """
    expertise = "You are an expert in evolutionary programming who crosses and mutates programs."
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    calls = min(language_model.budget, 200)  # a budget may be without end

    def found():
        return f"""Here is a solution to a problem:
```python
{initial_solution}
```

Its fitness is measured by this utility:
```python
{utility.str}
```

Write a better solution that takes a different approach. State your idea first, then give the whole
program."""

    def breed(first, second):
        # The language model crosses and mutates: lines that are cut and pasted, or letters that
        # are changed at random, hardly ever make a program that runs.
        return f"""Here is a solution to a problem; its fitness is {scores[first]:.4f}:
```python
{first}
```

Here is another solution; its fitness is {scores[second]:.4f}:
```python
{second}
```

Their fitness is measured by this utility:
```python
{utility.str}
```

Combine the strengths of both solutions in one, then mutate it: change one more thing that could
raise its fitness. State your idea first, then give the whole program."""

    def choose(population):
        """Draw two parents in proportion to their fitness."""
        first = random.choices(population, [scores[each] + 1e-6 for each in population])[0]
        others = [each for each in population if each != first]
        return first, random.choices(others, [scores[each] + 1e-6 for each in others])[0]

    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            scores[initial_solution] = utility(initial_solution)
        for generation in range(calls):
            left = max(2, utility.budget) - len(scores)
            count = min(language_model.max_responses_per_call, left)
            if count < 1:
                break
            population = sorted(scores, key=scores.get, reverse=True)[:10]
            founding = len(scores) < 2 or (len(scores) < 10 and generation < calls // 4)
            messages = [found() if founding else breed(*choose(population)) for _ in range(count)]
            temperature = 0.8 if founding else 0.4
            replies = language_model.batch_prompt(expertise, messages, temperature=temperature)
            new = [code for code in dict.fromkeys(extract_code(replies)) if code]
            new = [code for code in new if code not in scores and len(code) < 100_000]
            scores.update(zip(new, utility.map(new)))
    return max(scores, key=scores.get)
