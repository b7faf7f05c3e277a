import random

import numpy as np

FEWEST_VARIABLES = 40
MOST_VARIABLES = 60
CLAUSES_PER_VARIABLE = 4


def is_satisfied(clause, truth):
    """Tell whether a literal holds: 3 holds where truth[3] is true, -3 where it is false."""
    return any((truth[abs(literal)] > 0) == (literal > 0) for literal in clause)


def instance(seed):
    """Draw clauses that one and the same hidden assignment satisfies."""
    rng = random.Random(seed)
    n = rng.randint(FEWEST_VARIABLES, MOST_VARIABLES)
    hidden = [rng.random() < 0.5 for _ in range(n + 1)]
    formula = []
    while len(formula) < CLAUSES_PER_VARIABLE * n:
        variables = rng.sample(range(1, n + 1), 3)
        clause = tuple(rng.choice((variable, -variable)) for variable in variables)
        if is_satisfied(clause, hidden):
            formula.append(clause)
    return (tuple(formula),), tuple(formula)


def score(answer, expected):
    """Return 1 for a list of truth values that satisfies all clauses; else 0.

    It has one value more than there are variables: they count from 1, the first is not used.
    """
    truth = np.asarray(answer)
    n = max(abs(literal) for clause in expected for literal in clause)
    if truth.shape != (n + 1,) or truth.dtype.kind not in "biu":
        return 0.0
    return float(all(is_satisfied(clause, truth) for clause in expected))
