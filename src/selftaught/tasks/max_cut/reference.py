"""Tabu search: move the node that gains most, but none that was moved a short time ago."""

import numpy as np

N_STEPS = 2000


def algorithm(adjacency):
    n = len(adjacency)
    rng = np.random.default_rng(0)
    weights = adjacency.astype(float)
    side = rng.choice([-1.0, 1.0], size=n)
    gain = side * (weights @ side)  # of moving a node to the other side
    forbidden_until = np.zeros(n)
    value, best_value, best = 0.0, 0.0, side.copy()
    for step in range(N_STEPS):
        is_allowed = (forbidden_until <= step) | (value + gain > best_value)
        node = int(np.where(is_allowed, gain, -np.inf).argmax())
        value += gain[node]
        own = gain[node]
        side[node] = -side[node]
        gain += 2 * side * side[node] * weights[node]
        gain[node] = -own
        forbidden_until[node] = step + rng.integers(5, 5 + n // 5)
        if value > best_value:
            best_value, best = value, side.copy()
    return best > 0
