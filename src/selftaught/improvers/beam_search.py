from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Collect varied solutions, keep the best three, then refine a beam of the best two.

    Beam search (paper, section 6.1, figure A.10): ten samples at a temperature of .9, of which
    three are kept; each refined by five samples at .4, of which two are kept. Here two fifths of
    the calls go to the first step, and a refined program competes with the one it came from.
    """
    expertise = "You are a computer scientist who writes fast and clever Python programs."
    vary = "Write a solution that is better and very different: take a new approach."
    refine = "Refine this solution: keep its approach and improve what limits its score."
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    calls = min(language_model.budget, 200)  # a budget may be without end
    wide = max(1, round(0.4 * calls))

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

    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            scores[initial_solution] = utility(initial_solution)
        for step in range(calls):
            left = max(2, utility.budget) - len(scores)
            count = min(language_model.max_responses_per_call, left)
            if count < 1:
                break
            if step < wide:
                beam, wish, temperature = [initial_solution], vary, 0.9
            else:
                ranked = sorted(scores, key=scores.get, reverse=True)
                beam, wish, temperature = ranked[: 3 if step == wide else 2], refine, 0.4
            # In turns, so that a call of few samples does not always refine the same program.
            parents = [beam[(step + turn) % len(beam)] for turn in range(count)]
            messages = [ask_for(parent, wish) for parent in parents]
            replies = language_model.batch_prompt(expertise, messages, temperature=temperature)
            new = [code for code in dict.fromkeys(extract_code(replies)) if code]
            new = [code for code in new if code not in scores and len(code) < 100_000]
            scores.update(zip(new, utility.map(new)))
    return max(scores, key=scores.get)
