import ast
from contextlib import suppress

from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Climb from neighbour to neighbour: small changes, asked for at several temperatures.

    Local search (paper, section 6.1, figure A.14): five temperatures in turn, and a syntax tree
    that tells which replies are worth an evaluation.
    """
    expertise = "You are a programmer who improves Python programs by small, well-chosen steps."
    scores = {initial_solution: 0.0}  # a single evaluation goes to a reply
    trees = set()  # of all programs that were scored

    def ask_for(solution):
        # The paper's program also swaps brackets, which only breaks what it touches: here every
        # neighbour is the language model's.
        return f"""Here is a solution to a problem:
```python
{solution}
```

Its quality is measured by this utility:
```python
{utility.str}
```

Make it better by a single small change: one number, one condition, one step, or one more case.
State your idea first, then give the whole program."""

    def is_new(program):
        """Tell whether a program parses and differs from all others in more than its layout."""
        try:
            tree = ast.dump(ast.parse(program))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        if tree in trees:
            return False
        trees.add(tree)
        return True

    is_new(initial_solution)
    temperatures = [0.2, 0.4, 0.6, 0.8, 1.0]
    with suppress(RuntimeError):  # a limit that was not announced ends the search
        if utility.budget > 1:
            scores[initial_solution] = utility(initial_solution)
        for step in range(min(language_model.budget, 200)):  # a budget may be without end
            left = max(2, utility.budget) - len(scores)
            count = min(language_model.max_responses_per_call, left)
            if count < 1:
                break
            messages = [ask_for(max(scores, key=scores.get))] * count
            temperature = temperatures[step % len(temperatures)]
            replies = language_model.batch_prompt(expertise, messages, temperature=temperature)
            found = [code for code in extract_code(replies) if code and len(code) < 100_000]
            neighbours = [code for code in found if is_new(code)]
            scores.update(zip(neighbours, utility.map(neighbours)))
    return max(scores, key=scores.get)
