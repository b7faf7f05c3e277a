import random

LONGEST = 30


def grid_distance(s, t):
    """Count the places where s and t differ, and the changes of letter in s and in t."""
    if not isinstance(s, str) or len(s) != len(t) or not set(s) <= {"A", "B"}:
        raise ValueError("expected a text of A and B as long as t")
    different = sum(a != b for a, b in zip(s, t))
    return different + sum(a != b for text in (s, t) for a, b in zip(text, text[1:]))


def instance(seed):
    """Draw a text t, and the distance of another text from it."""
    rng = random.Random(seed)
    length = rng.randint(1, LONGEST)
    t = "".join(rng.choice("AB") for _ in range(length))
    s = "".join(rng.choice("AB") for _ in range(length))
    distance = grid_distance(s, t)
    return (t, distance), (t, distance)


def score(answer, expected):
    """Return 1 for a text at the distance; else less than 0.5, the more the closer it comes."""
    t, distance = expected
    error = abs(grid_distance(answer, t) - distance)
    return 1.0 if error == 0 else 0.5 - error / (6 * len(t))
