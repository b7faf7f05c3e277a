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
    "lambda values: sum(place * value for place, value in enumerate(values))",
    "lambda values: sum(a != b for a, b in zip(values, values[1:]))",
)
"""What can be made of the values of the columns that a rule looks at."""

CHOICES = (
    "[place for place in range(width) if RANDOM.random() < 0.5]",
    "[place for place in range(width) if RANDOM.random() < 0.25]",
    "RANDOM.sample(range(width), min(width, RANDOM.randint(1, 2)))",
    "RANDOM.sample(range(width), min(width, RANDOM.randint(1, 4)))",
    "RANDOM.sample(range(width), RANDOM.randint(1, width))",
    "list(range(RANDOM.randrange(width), width))",
)
"""How the columns are chosen that a rule looks at."""


def random_key(rng: Random) -> str:
    """Draws the source of a function of the chosen values."""
    key = rng.choice(KEYS)
    modulus, bound = rng.choice([2, 3, 3, 4, 5]), rng.choice([0, 1, 2, 3])
    return key.replace("MODULUS", str(modulus)).replace("BOUND", str(bound))
