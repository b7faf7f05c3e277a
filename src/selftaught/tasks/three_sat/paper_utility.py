import random

FEWEST_VARIABLES = 5
MOST_VARIABLES = 50
CLAUSES_PER_VARIABLE = 4
UNSOLVED = 0.01


def is_satisfied(clause, assignment):
    """Tell whether a literal holds: 3 holds where assignment[3] is true, -3 where it is false."""
    return any((assignment[abs(literal)] > 0) == (literal > 0) for literal in clause)


def instance(seed):
    """Draw clauses that one and the same hidden assignment satisfies."""
    rng = random.Random(seed)
    n = rng.randint(FEWEST_VARIABLES, MOST_VARIABLES)
    n_clauses = CLAUSES_PER_VARIABLE * n
    hidden = [False] + [rng.random() < 0.5 for _ in range(n)]
    formula = []
    for _ in range(n_clauses**2):
        variables = rng.sample(range(1, n + 1), 3)
        clause = [variable if rng.random() < 0.5 else -variable for variable in variables]
        if is_satisfied(clause, hidden):
            formula.append(clause)
        if len(formula) == n_clauses:
            break
    rng.shuffle(formula)
    return (formula,), formula


def score(answer, expected):
    """Return 1 for an assignment that satisfies all clauses; variables count from 1."""
    return 1.0 if all(is_satisfied(clause, answer) for clause in expected) else UNSOLVED
