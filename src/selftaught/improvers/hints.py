from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Give each sample another piece of advice, one of five, and go on from the best solution.

    Hints (paper, section 6.1, figure A.17), on the same five subjects: loops, data structures,
    calls of functions, work at the same time, memory.
    """
    expertise = "You are an experienced reviewer who knows how to make Python programs better."
    hints = [
        "Look at the loops: which of them could do more in each turn, or need fewer turns?",
        "Look at the data structures: would another one make the central step direct?",
        "Look at what is computed again and again: work it out once and remember it.",
        "Look for steps that do not depend on each other and could be taken together.",
        "Look at what is stored: could the program keep less, and spend its time on what counts?",
    ]
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    asked = 0

    def ask_for(solution, hint):
        return f"""Here is a solution to a problem:
```python
{solution}
```

Its quality is measured by this utility:
```python
{utility.str}
```

Write a better solution. {hint} State your idea first, then give the whole program."""

    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            scores[initial_solution] = utility(initial_solution)
        for _ in range(min(language_model.budget, 200)):  # a budget may be without end
            left = max(2, utility.budget) - len(scores)
            count = min(language_model.max_responses_per_call, left)
            if count < 1:
                break
            best = max(scores, key=scores.get)
            turns = range(asked, asked + count)
            messages = [ask_for(best, hints[turn % len(hints)]) for turn in turns]
            asked += count
            replies = language_model.batch_prompt(expertise, messages, temperature=0.7)
            new = [code for code in dict.fromkeys(extract_code(replies)) if code]
            new = [code for code in new if code not in scores and len(code) < 100_000]
            scores.update(zip(new, utility.map(new)))
    return max(scores, key=scores.get)
