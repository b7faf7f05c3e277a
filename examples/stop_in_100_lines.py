"""The Self-Taught Optimizer in a hundred lines: the whole method, nothing hidden.

An improver is a program that asks a language model for better programs. Here it improves solutions
of one small task, and then its own text (algorithm 1 of arXiv 2310.02304). Generated programs run
in a sandbox and reach the language model and the utility only through `call_host`. The language
model is the embedded one: a program editor, not a neural network. Budgets, splits, statistics and
the journal are left out; the package has them.

Run it: python examples/stop_in_100_lines.py
"""

import inspect
import random
from contextlib import suppress
from itertools import count
from pathlib import Path

from selftaught import extraction
from selftaught.client import Request
from selftaught.language_models.editor import Editor
from selftaught.sandbox import Limits, Program
from selftaught.sandboxes.local import LocalSandbox

LANGUAGE_MODEL, SANDBOX = Editor(seed=1), LocalSandbox()

# The task: split numbers into two groups of nearly equal sums. s is its seed solution.
SEED_SOLUTION = """
def algorithm(numbers):
    return [i % 2 for i in range(len(numbers))]
"""


def instance(seed):
    numbers = random.Random(seed).choices(range(1, 1000), k=12)
    return (numbers,), numbers


def score(answer, expected):
    """1 for groups of equal sums; answer has 0 or 1 for each number, its group."""
    difference = sum(x if side else -x for side, x in zip(answer, expected, strict=True))
    return 10 / (10 + abs(difference))


UTILITY_TEXT = inspect.getsource(instance) + inspect.getsource(score)


def utility(solution):
    """u: run the program on each instance in the sandbox, and score its answers out here."""
    total = 0
    with SANDBOX.run(
        Program(solution or "", entry="algorithm"), Limits(cpu_seconds=0.5)
    ) as program:
        for seed in range(10):
            arguments, expected = instance(seed)
            outcome = program.call(arguments, seed=seed)
            with suppress(TypeError, ValueError):  # an answer that score() cannot judge
                total += score(outcome.value, expected)
    return total / 10


# I_0: the seed improver, as a program. It runs inside the sandbox.
SEED_IMPROVER = '''
from helpers import ask, extract_code

def improve_algorithm(initial_solution, utility_text, utility):
    """Ask for several better solutions and return the best of them."""
    message = f"""Improve this solution:
```python
{initial_solution}
```
It is judged by this utility:
```python
{utility_text}
```
Be creative, and give the whole program."""
    solutions = extract_code(ask(message, 6, 0.7))
    return max(solutions, key=utility)
'''
# What improvers can import: the channel to the host, and the reader of replies.
HELPERS = f"""{Path(extraction.__file__).read_text()}
def ask(message, n, temperature):
    return call_host("ask", message, n, temperature)

def call(function, initial_solution, utility_text):
    return function(initial_solution, utility_text, lambda solution: call_host("utility", solution))
"""


def apply(improver, initial_solution, utility_text, utility, stream):
    """I(u, s, L): run an improver on a program; None where it fails."""
    number = count()

    def ask(message, n, temperature):
        requests = [
            Request("You are a programmer.", message, temperature, stream, next(number))
            for _ in range(n if n in range(7) else 6)
        ]
        return [reply.text for _, reply in LANGUAGE_MODEL.complete(requests)]

    program = Program(improver or "", "improve_algorithm", {"helpers": HELPERS}, caller="helpers")
    handlers = {"ask": ask, "utility": utility}
    with SANDBOX.run(program, Limits(cpu_seconds=10, threads=4), handlers) as running:
        value = running.call((initial_solution, utility_text)).value
    return value if isinstance(value, str) else None


def meta_utility(improver):
    """u-hat: how good are the solutions that an improver finds?"""
    results = [apply(improver, SEED_SOLUTION, UTILITY_TEXT, utility, f"task {i}") for i in range(3)]
    return sum(utility(result) for result in results) / len(results)


META_UTILITY_TEXT = """
def meta_utility(improver):
    '''Average utility of the solutions that the improver returns for downstream tasks.'''
    return sum(task.utility(improver(task.solution)) for task in tasks) / len(tasks)
"""

if __name__ == "__main__":
    print("seed solution:", round(utility(SEED_SOLUTION), 3))
    improver = SEED_IMPROVER
    print("seed improver I_0:", round(meta_utility(improver), 3))
    for t in range(1, 4):  # I_t = I_{t-1}(u-hat, I_{t-1}, L)
        improver = apply(improver, improver, META_UTILITY_TEXT, meta_utility, f"t{t}") or improver
        print(f"improver I_{t}:", round(meta_utility(improver), 3))
    SANDBOX.close()
