import numpy as np

N = 15
PREFERENCE_WEIGHT = 0.5


def cost_of(assignment, flow, distance, preference):
    """Return the cost of facility i standing at location assignment[i]."""
    traffic = np.sum(flow * distance[np.ix_(assignment, assignment)])
    return traffic - PREFERENCE_WEIGHT * np.sum(preference[np.arange(N), assignment])


def average_cost(flow, distance, preference):
    """Return the mean cost of all assignments."""
    alone = np.trace(flow) * np.trace(distance) / N
    pairs = (flow.sum() - np.trace(flow)) * (distance.sum() - np.trace(distance)) / (N * (N - 1))
    return alone + pairs - PREFERENCE_WEIGHT * preference.sum() / N


def instance(seed):
    """Draw the flows between facilities, the distances of locations, and who likes it where."""
    rng = np.random.default_rng(seed)
    matrices = tuple(rng.random((3, N, N)))
    return matrices, matrices


def score(answer, expected):
    """Return the share of the average cost that a permutation saves; 0 where it saves nothing."""
    assignment = np.asarray(answer)
    if assignment.dtype.kind not in "iu" or assignment.shape != (N,):
        return 0.0
    if sorted(assignment.tolist()) != list(range(N)):
        return 0.0
    return float(max(0.0, 1 - cost_of(assignment, *expected) / average_cost(*expected)))
