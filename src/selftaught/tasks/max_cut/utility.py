import numpy as np

FEWEST_NODES = 40
MOST_NODES = 80
P_EDGE = 0.4
LARGEST_WEIGHT = 10


def instance(seed):
    """Draw a graph: entry i, j of the symmetric matrix is the weight of an edge, 0 without one."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(FEWEST_NODES, MOST_NODES + 1))
    weights = rng.integers(1, LARGEST_WEIGHT + 1, size=(n, n)) * (rng.random((n, n)) < P_EDGE)
    upper = np.triu(weights, 1)
    return (upper + upper.T,), upper + upper.T


def score(answer, expected):
    """Return 0 where half of the weight is cut or less, 1 where all is; answers are two labels."""
    labels = np.asarray(answer)
    if labels.shape != (len(expected),) or labels.dtype.kind not in "biuf":
        return 0.0
    if not np.isfinite(labels).all() or len(np.unique(labels)) != 2:
        return 0.0
    cut = expected[labels[:, None] != labels].sum() / expected.sum()
    return float(max(0.0, 2 * cut - 1))
