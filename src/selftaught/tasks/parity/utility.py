import numpy as np

N_BITS = 10
P_BIT_IN_SUBSET = 0.3
N_TRAIN = 100
N_TEST = 20


def instance(seed):
    """Draw a hidden subset of bits; the label of a sample is the parity of the bits in it."""
    rng = np.random.default_rng(seed)
    subset = rng.random(N_BITS) < P_BIT_IN_SUBSET
    samples = rng.integers(0, 2, size=(N_TRAIN + N_TEST, N_BITS))
    labels = samples[:, subset].sum(axis=1) % 2
    return (samples[:N_TRAIN], labels[:N_TRAIN], samples[N_TRAIN:]), labels[N_TRAIN:]


def score(answer, expected):
    """Return the share of the test labels that the answer predicts."""
    predictions = np.asarray(answer).reshape(-1)
    if predictions.shape != expected.shape:
        return 0.0
    return float(np.mean(predictions == expected))
