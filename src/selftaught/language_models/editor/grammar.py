"""A general grammar of rules: which parts of an example are looked at, and what is made of them.

A rule is an expression over a few columns of an example - a sum, a count, a product, an extreme, a
remainder by a small number, a comparison - and the label that its value had most often among the
training examples. Nothing here knows a task: the search over rules, on the training arguments,
decides.
"""

from __future__ import annotations

from random import Random

KEYS = (
    "sum",
    "max",
    "min",
    "tuple",
    "lambda values: len(set(values))",
    "lambda values: values[0] - values[-1]",
    "lambda values: math.prod(values)",
    "lambda values: sum(1 for value in values if value)",
    "lambda values: sum(values) % MODULUS",
    "lambda values: sum(values) > BOUND",
    "lambda values: 2 * sum(values) > len(values)",
    "lambda values: max(values) - min(values)",
    "lambda values: sorted(values)[len(values) // 2]",
    "lambda values: any(values)",
    "lambda values: all(values)",
    "lambda values: values.index(max(values))",
    "lambda values: round(sum(values))",
    "lambda values: values[0] > values[-1]",
    "lambda values: sum(map(operator.mul, values, range(len(values))))",
    "lambda values: sum(map(operator.ne, values, values[1:]))",
    "lambda values: sum(abs(a - b) for a, b in zip(values, values[1:])) > BOUND",
)
"""What can be made of the values of the columns that a rule looks at."""

_PLAIN = 4
"""How many of them, from the first, are plain functions."""

_CANDIDATES = (
    """
    for _ in range(COUNT):
        yield [place for place in range(width) if RANDOM.random() < SHARE]
    """,
    """
    for _ in range(COUNT):
        yield RANDOM.sample(range(width), RANDOM.randint(1, min(width, SIZE)))
    """,
    """
    for size in range(1, SIZE):
        yield from itertools.combinations(range(width), size)
    """,
    """
    for first in range(width):
        yield list(range(first, min(width, first + SIZE)))
    """,
)
"""Ways to go through the columns that a rule may look at."""


def random_key(rng: Random) -> str:
    """Draws the source of a function of the chosen values; plain ones more often."""
    key = rng.choice(KEYS if rng.random() < 0.7 else KEYS[:_PLAIN])
    modulus, bound = rng.choice([2, 3, 3, 4, 5]), rng.choice([0, 1, 2, 3])
    return key.replace("MODULUS", str(modulus)).replace("BOUND", str(bound))


def random_candidates(rng: Random, module: str) -> str:
    """Draws the body of a generator of column choices, for a number of columns `width`."""
    values = {
        "COUNT": rng.choice([20, 30, 40, 60]),
        "SHARE": rng.choice([0.2, 0.4, 0.5, 0.7]),
        "SIZE": rng.choice([2, 3, 3, 4]),
        "RANDOM": module,
    }
    source = rng.choice(_CANDIDATES)
    for name, value in values.items():
        source = source.replace(name, str(value))
    return source
