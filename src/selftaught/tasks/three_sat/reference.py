"""Walk along violated clauses; flip what breaks no other clause, or the fewest (WalkSAT)."""

import random

N_FLIPS = 6000
N_FLIPS_PER_TRY = 1500
P_RANDOM = 0.4


class Walk:
    """An assignment, and how many literals hold in every clause."""

    def __init__(self, formula, rng):
        self.formula = formula
        self.rng = rng
        n = max(abs(literal) for clause in formula for literal in clause)
        self.truth = [rng.random() < 0.5 for _ in range(n + 1)]
        self.clauses_of = {}
        for number, clause in enumerate(formula):
            for literal in clause:
                self.clauses_of.setdefault(literal, []).append(number)
        self.n_holding = [sum(map(self.holds, clause)) for clause in formula]
        self.violated = {number for number, count in enumerate(self.n_holding) if not count}

    def holds(self, literal):
        return self.truth[abs(literal)] == (literal > 0)

    def n_broken_by(self, literal):
        """Count the clauses that only the opposite of the literal satisfies."""
        return sum(self.n_holding[number] == 1 for number in self.clauses_of.get(-literal, ()))

    def make_true(self, literal):
        self.truth[abs(literal)] = literal > 0
        for number in self.clauses_of.get(literal, ()):
            self.n_holding[number] += 1
            self.violated.discard(number)
        for number in self.clauses_of.get(-literal, ()):
            self.n_holding[number] -= 1
            if not self.n_holding[number]:
                self.violated.add(number)

    def step(self):
        clause = self.formula[self.rng.choice(tuple(self.violated))]
        broken = [self.n_broken_by(literal) for literal in clause]
        if min(broken) and self.rng.random() < P_RANDOM:
            self.make_true(self.rng.choice(clause))
        else:
            self.make_true(clause[broken.index(min(broken))])


def algorithm(formula):
    rng = random.Random(0)
    walk = Walk(formula, rng)
    for flip in range(N_FLIPS):
        if not walk.violated:
            break
        if flip % N_FLIPS_PER_TRY == N_FLIPS_PER_TRY - 1:
            walk = Walk(formula, rng)
        walk.step()
    return walk.truth
