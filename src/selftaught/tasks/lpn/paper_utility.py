import numpy as np

N_BITS = 10
P_BIT_IN_SUBSET = 0.3
N_TRAIN = 100
N_TEST = 20
NOISE = 0.05


def instance(seed):
    """Draw a hidden subset of bits; labels are the parity of the bits in it, some flipped."""
    rng = np.random.RandomState(seed % 2**32)
    subset = rng.binomial(1, P_BIT_IN_SUBSET, N_BITS)
    samples = rng.binomial(1, 0.5, (N_TRAIN + N_TEST, N_BITS))
    labels = (samples * subset).sum(axis=1) % 2
    train_labels = (labels[:N_TRAIN] + rng.binomial(1, NOISE, N_TRAIN)) % 2
    return (samples[:N_TRAIN], train_labels, samples[N_TRAIN:]), labels[N_TRAIN:]


def score(answer, expected):
    """Return the share of the test labels that the answer predicts."""
    predictions = np.array(answer).reshape(-1)
    return float(np.sum(predictions == expected) / N_TEST)
