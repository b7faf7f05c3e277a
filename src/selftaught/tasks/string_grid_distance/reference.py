"""Find all distances that beginnings of the text can have, then go back along one path."""


def algorithm(t, distance):
    wanted = distance - sum(a != b for a, b in zip(t, t[1:]))
    # reached[i]: (last letter, cost) of texts of i + 1 letters -> the letter before the last.
    reached = [{(letter, int(letter != t[0])): "" for letter in "AB"}]
    for place in t[1:]:
        reached.append({})
        for last, cost in reached[-2]:
            for letter in "AB":
                new = cost + (letter != place) + (letter != last)
                reached[-1].setdefault((letter, new), last)
    ends = sorted(reached[-1], key=lambda end: abs(end[1] - wanted))
    letter, cost = ends[0]
    letters = []
    for place, before in zip(reversed(t), reversed(reached)):
        letters.append(letter)
        last = before[letter, cost]
        cost -= (letter != place) + (letter != last)
        letter = last
    return "".join(reversed(letters))
