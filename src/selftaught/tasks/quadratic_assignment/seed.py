import math
import random

import numpy as np

PREFERENCE_WEIGHT = 0.5


def cost_of(assignment, flow, distance, preference):
    order = np.array(assignment)
    traffic = (flow * distance[order][:, order]).sum()
    return float(traffic - PREFERENCE_WEIGHT * preference[np.arange(len(order)), order].sum())


def algorithm(flow, distance, preference):
    assignment = list(range(len(flow)))
    cost = cost_of(assignment, flow, distance, preference)
    best, best_cost = list(assignment), cost
    temperature = 1.0
    for _ in range(1000):
        temperature *= 0.99
        i, j = random.sample(range(len(flow)), 2)
        assignment[i], assignment[j] = assignment[j], assignment[i]
        new_cost = cost_of(assignment, flow, distance, preference)
        if new_cost < cost or random.random() < math.exp((cost - new_cost) / temperature):
            cost = new_cost
        else:
            assignment[i], assignment[j] = assignment[j], assignment[i]
        if cost < best_cost:
            best, best_cost = list(assignment), cost
    return best
