import random
from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Cross and mutate a population without selection: the language model judges what is good.

    The genetic algorithm with implicit fitness (paper, section 6.1, figure A.8): the newest ten
    programs that work at all are the population, and scores only decide what is returned.
    """
    expertise = "You are an expert in evolutionary programming who crosses and mutates programs."
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    population = [initial_solution]

    def ask_for(parents, wish):
        shown = [f"Here is a solution to a problem:\n```python\n{each}\n```" for each in parents]
        solutions = "\n\n".join(shown)
        return f"""{solutions}

Quality is measured by this utility:
```python
{utility.str}
```

{wish} State your idea first, then give the whole program."""

    def reproduce():
        """Ask for one child."""
        # The paper's rates of crossover and mutation are .5 and .1, done by the language model. A
        # child of neither would be a copy, so here all children come of one of them, five to one.
        if len(population) > 1 and random.random() < 5 / 6:
            parents = random.sample(population, 2)
            return ask_for(parents, "Cross these solutions: combine what is best in each.")
        wish = "Mutate this solution: change one thing about it that could make it better."
        return ask_for([random.choice(population)], wish)

    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            scores[initial_solution] = utility(initial_solution)
        for _ in range(min(language_model.budget, 200)):  # a budget may be without end
            left = max(2, utility.budget) - len(scores)
            count = min(language_model.max_responses_per_call, left)
            if count < 1:
                break
            messages = [reproduce() for _ in range(count)]
            replies = language_model.batch_prompt(expertise, messages, temperature=0.5)
            children = [code for code in dict.fromkeys(extract_code(replies)) if code]
            children = [code for code in children if len(code) < 100_000]
            new = [code for code in children if code not in scores]
            scores.update(zip(new, utility.map(new)))
            living = [code for code in children if scores.get(code)]
            population = list(dict.fromkeys([*population, *living]))[-10:]
    return max(scores, key=scores.get)
