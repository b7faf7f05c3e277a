"""Simple predictors that every programmer knows: programs that learn from examples in a few lines.

In the texts EXAMPLES, LABELS and ASKED stand for a learner's parameters. Where several labels are
as good, the first seen wins, so that nothing depends on the order of a set.
"""

from __future__ import annotations

from random import Random

PLAIN = '''
def plain(values):
    """Return plain Python values, whatever kind of array they came in."""
    return values.tolist() if hasattr(values, "tolist") else list(values)
'''

_PREDICTORS = {
    "the most frequent label": """
        labels = plain(LABELS)
        return [Counter(labels).most_common(1)[0][0] for _ in ASKED]
        """,
    "the nearest examples": """
        def distance(row, other):
            return DISTANCE
        examples, labels, answers = plain(EXAMPLES), plain(LABELS), []
        for row in plain(ASKED):
            order = sorted(range(len(examples)), key=lambda i: distance(row, examples[i]))
            nearest = [labels[i] for i in order[:COUNT]]
            answers.append(Counter(nearest).most_common(1)[0][0])
        return answers
        """,
    "the nearest centre": """
        def distance(row, other):
            return DISTANCE
        groups = {}
        for row, label in zip(plain(EXAMPLES), plain(LABELS)):
            groups.setdefault(label, []).append(row)
        centres = {
            label: [sum(column) / len(rows) for column in zip(*rows)]
            for label, rows in groups.items()
        }
        return [
            min(centres, key=lambda label: distance(row, centres[label])) for row in plain(ASKED)
        ]
        """,
    "the best single threshold": """
        labels, columns = plain(LABELS), list(zip(*plain(EXAMPLES)))
        best, best_hits = None, -1
        for place, column in enumerate(columns):
            for bound in sorted(set(column)):
                sides = [value > bound for value in column]
                counts = Counter(zip(sides, labels))
                usual = {side: label for (side, label), _ in reversed(counts.most_common())}
                hits = sum(usual[side] == label for side, label in zip(sides, labels))
                if hits > best_hits:
                    best, best_hits = (place, bound, usual), hits
        place, bound, usual = best
        return [usual.get(row[place] > bound, labels[0]) for row in plain(ASKED)]
        """,
    "weights learnt from mistakes": """
        def rate(row, weights):
            return sum(map(operator.mul, weights, [*row, 1]))
        examples, labels = plain(EXAMPLES), plain(LABELS)
        weights = {label: [0.0] * (len(examples[0]) + 1) for label in labels}
        for _ in range(COUNT):
            for row, label in zip(examples, labels):
                guess = max(weights, key=lambda each: rate(row, weights[each]))
                if guess != label:
                    for place, value in enumerate([*row, 1]):
                        weights[label][place] += value
                        weights[guess][place] -= value
        return [max(weights, key=lambda each: rate(row, weights[each])) for row in plain(ASKED)]
        """,
}
_DISTANCES = (
    "sum(map(operator.ne, row, other))",
    "sum(a != b for a, b in zip(row, other))",
    "sum(abs(a - b) for a, b in zip(row, other))",
    "math.dist(row, other)",
)


def random_predictor(rng: Random) -> tuple[str, str]:
    """Draws the name of a predictor and the body of its function."""
    name = rng.choice(list(_PREDICTORS))
    source = _PREDICTORS[name].replace("COUNT", str(rng.choice([1, 3, 5, 9])))
    return name, source.replace("DISTANCE", rng.choice(_DISTANCES))
