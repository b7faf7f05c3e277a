import numpy as np

N = 15
PREFERENCE_WEIGHT = 0.5
SCALE = N * N


def instance(seed):
    """Draw the flows between facilities, the distances of locations, and who likes it where."""
    rng = np.random.RandomState(seed % 2**32)
    matrices = rng.rand(N, N), rng.rand(N, N), rng.rand(N, N)
    return matrices, matrices


def score(answer, expected):
    """Return the objective of facility i standing at location answer[i]; higher is better."""
    flow, distance, preference = expected
    if set(answer) != set(range(N)):
        return 0.0
    cost = sum(flow[i, j] * distance[answer[i], answer[j]] for i in range(N) for j in range(N))
    cost -= PREFERENCE_WEIGHT * sum(preference[i, answer[i]] for i in range(N))
    return cost / SCALE
