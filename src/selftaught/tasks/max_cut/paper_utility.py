import random

import numpy as np

FEWEST_NODES = 50
MOST_NODES = 200
P_EDGE = 0.4
LARGEST_WEIGHT = 10


def instance(seed):
    """Draw a graph: entry i, j of the symmetric matrix is the weight of an edge, 0 without one."""
    rng = random.Random(seed)
    n = rng.randint(FEWEST_NODES, MOST_NODES)
    adjacency = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1, n):
            if rng.random() < P_EDGE:
                adjacency[i, j] = adjacency[j, i] = rng.randint(1, LARGEST_WEIGHT)
    return (adjacency,), adjacency


def score(answer, expected):
    """Return the weight of the edges between nodes whose labels differ, in units of the largest."""
    n = len(expected)
    if len(answer) != n:
        raise ValueError("wrong length")
    labels = [answer[i] for i in range(n)]
    cut = sum(expected[i, j] for i in range(n) for j in range(i) if labels[i] != labels[j])
    return float(cut / LARGEST_WEIGHT)
