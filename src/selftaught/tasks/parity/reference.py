"""Solve the equations that the samples give, by elimination modulo 2."""

import numpy as np


def algorithm(train_samples, train_labels, test_samples):
    n_bits = train_samples.shape[1]
    table = np.column_stack([train_samples, train_labels]).astype(np.uint8) & 1
    pivots = []
    for column in range(n_bits):
        row = len(pivots)
        candidates = np.flatnonzero(table[row:, column]) + row
        if len(candidates) == 0:
            continue
        table[[row, candidates[0]]] = table[[candidates[0], row]]
        others = np.flatnonzero(table[:, column])
        table[others[others != row]] ^= table[row]
        pivots.append(column)
    subset = np.zeros(n_bits, dtype=int)
    for row, column in enumerate(pivots):
        subset[column] = table[row, -1]
    return test_samples @ subset % 2
