import random


def algorithm(formula):
    n = max(abs(literal) for clause in formula for literal in clause)
    truth = [False] * (n + 1)
    for _ in range(1000):
        violated = [
            clause
            for clause in formula
            if not any(truth[abs(literal)] == (literal > 0) for literal in clause)
        ]
        if not violated:
            return truth
        clause = random.choice(violated)
        literal = random.choice(clause) if random.random() < 0.4 else clause[0]
        truth[abs(literal)] = not truth[abs(literal)]
    return None
