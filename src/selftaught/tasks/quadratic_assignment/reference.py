"""Tabu search over exchanges of two facilities, all of which are rated at once."""

import numpy as np

PREFERENCE_WEIGHT = 0.5
N_STEPS = 1500


def sums_of_exchanges(left, right):
    """Return for all r, s the scalar product of left[r] - left[s] and right[s] - right[r]."""
    product = left @ right.T
    own = np.diag(product)
    return product + product.T - own[:, None] - own


def exchange_costs(flow, distance, preference, order):
    """Return for all pairs r, s of facilities how much their exchange adds to the cost."""
    placed = distance[order][:, order]
    change = sums_of_exchanges(flow, placed) + sums_of_exchanges(flow.T, placed.T)
    # What r and s have to do with each other is different from what these sums take it for.
    f_rr, f_ss, f_rs, f_sr = np.diag(flow)[:, None], np.diag(flow), flow, flow.T
    d_rr, d_ss, d_rs, d_sr = np.diag(placed)[:, None], np.diag(placed), placed, placed.T
    change -= (f_rr - f_sr) * (d_sr - d_rr) + (f_rs - f_ss) * (d_ss - d_rs)
    change -= (f_rr - f_rs) * (d_rs - d_rr) + (f_sr - f_ss) * (d_ss - d_sr)
    change += (f_rr - f_ss) * (d_ss - d_rr) + (f_rs - f_sr) * (d_sr - d_rs)
    liked = preference[:, order]
    own = np.diag(liked)
    return change - PREFERENCE_WEIGHT * (liked + liked.T - own[:, None] - own)


def algorithm(flow, distance, preference):
    n = len(flow)
    rng = np.random.default_rng(0)
    order = np.arange(n)
    cost, best, best_cost = 0.0, order.copy(), 0.0
    forbidden_until = np.zeros((n, n))
    for step in range(N_STEPS):
        change = exchange_costs(flow, distance, preference, order)
        is_allowed = (forbidden_until <= step) | (cost + change < best_cost - 1e-9)
        is_allowed[np.diag_indices(n)] = False
        r, s = divmod(int(np.where(is_allowed, change, np.inf).argmin()), n)
        cost += change[r, s]
        order[[r, s]] = order[[s, r]]
        forbidden_until[r, s] = forbidden_until[s, r] = step + rng.integers(8, 30)
        if cost < best_cost - 1e-9:
            best, best_cost = order.copy(), cost
    return best
