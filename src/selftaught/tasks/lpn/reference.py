"""Fit a parity to random batches of samples by elimination modulo 2; keep the best fit."""

import numpy as np


def solve_modulo_2(matrix, labels):
    """Return a solution of matrix @ x = labels (mod 2), ignoring contradictions."""
    table = np.column_stack([matrix, labels]) % 2
    pivots = []
    for column in range(matrix.shape[1]):
        row = len(pivots)
        candidates = np.flatnonzero(table[row:, column]) + row
        if len(candidates) == 0:
            continue
        table[[row, candidates[0]]] = table[[candidates[0], row]]
        others = np.flatnonzero(table[:, column])
        others = others[others != row]
        table[others] ^= table[row]
        pivots.append(column)
        if len(pivots) == len(table):
            break
    solution = np.zeros(matrix.shape[1], dtype=int)
    for row, column in enumerate(pivots):
        solution[column] = table[row, -1]
    return solution


def algorithm(train_samples, train_labels, test_samples):
    rng = np.random.default_rng(0)
    n_train, n_bits = train_samples.shape
    best, best_agreement = np.zeros(n_bits, dtype=int), -1
    for _ in range(300):
        batch = rng.choice(n_train, size=n_bits + 2, replace=False)
        subset = solve_modulo_2(train_samples[batch], train_labels[batch])
        agreement = np.sum(train_samples @ subset % 2 == train_labels)
        if agreement > best_agreement:
            best, best_agreement = subset, agreement
    return test_samples @ best % 2
