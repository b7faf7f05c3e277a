"""Programs that show what a known defect of the research code does, one for each that can be shown.

With the preset ``paper`` each scores otherwise than with ``paper-without:DEFECT``; in ``standard``
it scores no more than the plain program that it is compared with.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A program that meets a defect, and one that is like it but does not."""

    task: str
    defect: str
    program: str
    plain: str


def _failing_once(program: str) -> str:
    return f"""{program}

solve, calls = algorithm, []


def algorithm(*arguments):
    calls.append(1)
    if len(calls) == 2:
        raise RuntimeError("once")
    return solve(*arguments)
"""


THE_SAME_TEXT = "def algorithm(t, distance):\n    return t\n"
FAILING = "def algorithm(*arguments):\n    raise RuntimeError('always')\n"
IDENTITY = "def algorithm(flow, distance, preference):\n    return list(range(len(flow)))\n"
ZEROS = "def algorithm(samples, labels, test_samples):\n    return [0] * len(test_samples)\n"
COLUMN = "def algorithm(samples, labels, test_samples):\n    return [[0]] * len(test_samples)\n"
ALTERNATING = "def algorithm(adjacency):\n    return [i % 2 for i in range(len(adjacency))]\n"
ALL_DIFFERENT = "def algorithm(adjacency):\n    return list(range(len(adjacency)))\n"
ALL_FALSE = """
def algorithm(formula):
    return [False] * (1 + max(abs(literal) for clause in formula for literal in clause))
"""
REWRITING = """
def algorithm(formula):
    n = max(abs(literal) for clause in formula for literal in clause)
    for clause in formula:
        clause[:] = [-1, -1, -1]
    return [False] * (n + 1)
"""
SLOW_IDENTITY = """
import time

def algorithm(flow, distance, preference):
    start = time.process_time()
    while time.process_time() < start + 0.1:
        pass
    return list(range(len(flow)))
"""
ONE_LOCATION = """
def algorithm(flow, distance, preference):
    n = len(flow)
    farthest = max(range(n), key=lambda place: distance[place, place])
    return [farthest] * n + list(range(n))
"""
DEAREST = """
import itertools

def algorithm(flow, distance, preference):
    order = list(range(len(flow)))

    def cost():
        liked = preference[range(len(flow)), order].sum()
        return (flow * distance[order][:, order]).sum() - liked / 2

    best, is_better = cost(), True
    while is_better:
        is_better = False
        for i, j in itertools.combinations(range(len(flow)), 2):
            order[i], order[j] = order[j], order[i]
            if cost() > best + 1e-9:
                best, is_better = cost(), True
            else:
                order[i], order[j] = order[j], order[i]
    return order
"""
KNOWN_PARITY = """
import numpy as np

def algorithm(samples, labels, test_samples):
    for base in (4321, 5678, 8765):
        for seed in range(base, base + 50):
            rng = np.random.RandomState(seed)
            subset = rng.binomial(1, 0.3, 10)
            if np.array_equal(rng.binomial(1, 0.5, (120, 10))[:100], samples):
                return test_samples @ subset % 2
    return [0] * len(test_samples)
"""
KNOWN_TEXTS = """
import random

def algorithm(t, distance):
    for base in (4321, 5678, 8765):
        for seed in range(base, base + 50):
            rng = random.Random(seed)
            length = rng.randint(1, 30)
            first, second = ("".join(rng.choice("AB") for _ in range(length)) for _ in range(2))
            changes = sum(a != b for s in (first, second) for a, b in zip(s, s[1:]))
            if first == t and changes + sum(map(str.__ne__, first, second)) == distance:
                return second
    return t
"""
KNOWN_FORMULAS = """
import random

def is_satisfied(clause, truth):
    return any(truth[abs(literal)] == (literal > 0) for literal in clause)

def algorithm(formula):
    n = max(abs(literal) for clause in formula for literal in clause)
    for base in (4321, 5678, 8765):
        for seed in range(base, base + 30):
            rng = random.Random(seed)
            n_variables = rng.randint(5, 50)
            truth = [False] + [rng.random() < 0.5 for _ in range(n_variables)]
            if n_variables >= n and all(is_satisfied(clause, truth) for clause in formula):
                return truth
    return [False] * (n + 1)
"""

_OF_LPN = (
    Demonstration("lpn", "one_failure", _failing_once(ZEROS), ZEROS),
    Demonstration("lpn", "floor", FAILING, ZEROS),
    Demonstration("lpn", "fixed_instances", KNOWN_PARITY, ZEROS),
)
_OF_PARITY = (
    Demonstration("parity", "shape", COLUMN, ZEROS),
    Demonstration("parity", "fixed_instances", KNOWN_PARITY, ZEROS),
)
_OF_STRING_GRID_DISTANCE = (
    Demonstration("string_grid_distance", "fixed_instances", KNOWN_TEXTS, THE_SAME_TEXT),
)
_OF_QUADRATIC_ASSIGNMENT = (
    Demonstration("quadratic_assignment", "sign", DEAREST, IDENTITY),
    Demonstration("quadratic_assignment", "slowness", SLOW_IDENTITY, IDENTITY),
    Demonstration("quadratic_assignment", "no_permutation", ONE_LOCATION, IDENTITY),
    Demonstration("quadratic_assignment", "floor", FAILING, IDENTITY),
)
_OF_THREE_SAT = (
    Demonstration("three_sat", "rewritten_formula", REWRITING, ALL_FALSE),
    Demonstration("three_sat", "one_failure", _failing_once(REWRITING), REWRITING),
    Demonstration("three_sat", "floor", ALL_FALSE, ALL_FALSE),
    Demonstration("three_sat", "fixed_instances", KNOWN_FORMULAS, ALL_FALSE),
)
_OF_MAX_CUT = (
    Demonstration("max_cut", "many_labels", ALL_DIFFERENT, ALTERNATING),
    Demonstration("max_cut", "one_failure", _failing_once(ALTERNATING), ALTERNATING),
    Demonstration("max_cut", "floor", FAILING, ALTERNATING),
)
DEMONSTRATIONS = (
    *_OF_LPN,
    *_OF_PARITY,
    *_OF_STRING_GRID_DISTANCE,
    *_OF_QUADRATIC_ASSIGNMENT,
    *_OF_THREE_SAT,
    *_OF_MAX_CUT,
)
"""All of them."""
