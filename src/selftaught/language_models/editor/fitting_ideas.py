"""Ideas for programs that learn numbers from examples: averages, and sums of weighted terms.

Where the scorer measures how far an answer is off, a label is a quantity and not a name. Sums have
terms of a general grammar, and least squares find the weights.
"""

from __future__ import annotations

import ast
from random import Random

from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.learners import (
    add_plain,
    call_of,
    rewrite,
    tried,
    with_names,
)
from selftaught.language_models.editor.roles import roles_of
from selftaught.language_models.editor.syntax import (
    add_helpers,
    add_import,
    expression,
    functions_of,
    names_bound,
    names_bound_at_top,
    parameters_of,
)


def fit_average(draft: Draft) -> str | None:
    """Rewrites a learner as an average of labels, unless it is more than that already."""
    if roles_of(draft.entry, draft.scorer) is None or _terms_of(draft.tree) is not None:
        return None
    name = draft.rng.choice(list(_AVERAGES))
    rewrite(draft, _filled(_AVERAGES[name], draft.rng))
    add_helpers(draft.tree, _filled(_DISTANCE, draft.rng))
    add_helpers(draft.tree, _AS_ROW)
    return f"answer with {name}"


def fit_terms(draft: Draft) -> str | None:
    """Rewrites a learner as a sum of weighted terms, by least squares."""
    if roles_of(draft.entry, draft.scorer) is None or _terms_of(draft.tree) is not None:
        return None
    rewrite(draft, _FIT)
    _add_terms(draft)
    return "fit a weighted sum by least squares"


def _add_terms(draft: Draft) -> None:
    add_import(draft.tree, "import itertools")
    terms = ["row", *(_random_term(draft.rng) for _ in range(draft.rng.randint(0, 3)))]
    listed = ", ".join(f"lambda row: {each}" for each in dict.fromkeys(terms))
    add_helpers(draft.tree, f"TERMS = [{listed}]\n{_EXPAND}\n{_LEAST_SQUARES}\n{_AS_ROW}")


def change_terms(draft: Draft) -> str | None:
    """Adds a kind of term to a weighted sum, or drops one."""
    terms = _terms_of(draft.tree)
    if terms is None:
        return None
    if len(terms.elts) > 1 and draft.rng.random() < 0.2:
        dropped = terms.elts.pop(draft.rng.randrange(len(terms.elts)))
        return f"no longer use the terms {ast.unparse(dropped).removeprefix('lambda row: ')}"
    new = _random_term(draft.rng)
    if f"lambda row: {new}" in map(ast.unparse, terms.elts):
        return None
    terms.elts.append(expression(f"lambda row: {new}"))
    return f"add the terms {new}"


def correct_by_neighbours(draft: Draft) -> str | None:
    """Adds to an answer what the nearest examples are off by on average."""
    entry, roles = draft.entry, roles_of(draft.entry, draft.scorer)
    if entry is None or roles is None or roles.labels is None:
        return None
    if "off" in names_bound(entry) or not _has_room_for_distance(draft):
        return None
    start = draft.name("first_guess")
    guess = call_of(entry, start, roles, asked="[*examples, *asked]")
    source = _CORRECTION.replace("GUESS", guess)
    draft.wrap(entry, start, with_names(_filled(source, draft.rng), roles))
    _add_distance(draft)
    return "correct an answer by what the nearest examples are off"


def correct_by_terms(draft: Draft) -> str | None:
    """Adds to an answer what least squares make of what the examples are off by."""
    entry, roles = draft.entry, roles_of(draft.entry, draft.scorer)
    if entry is None or roles is None or roles.labels is None:
        return None
    taken = {"expand", "least_squares", "as_row", "TERMS"} & names_bound_at_top(draft.tree)
    if "off" in names_bound(entry) or taken - {"as_row"} or not _has_room_for_distance(draft):
        return None
    start = draft.name("first_guess")
    guess = call_of(entry, start, roles, asked="[*examples, *asked]")
    draft.wrap(entry, start, with_names(_CORRECTION_BY_TERMS.replace("GUESS", guess), roles))
    add_plain(draft)
    _add_terms(draft)
    return "correct an answer by a weighted sum of what the examples are off"


def choose_by_distance(draft: Draft) -> str | None:
    """Tries the program and an average on a part of the examples, and takes the better."""
    entry, roles = draft.entry, roles_of(draft.entry, draft.scorer)
    if entry is None or roles is None or roles.labels is None:
        return None
    if "way_1" in names_bound(draft.tree) or not _has_room_for_distance(draft):
        return None
    name = draft.rng.choice(list(_AVERAGES))
    draft.wrap(entry, "way_1", with_names(tried(_VALIDATION, entry, roles), roles))
    body = with_names(_filled(_AVERAGES[name], draft.rng), roles).strip().replace("\n", "\n    ")
    add_helpers(draft.tree, f"def way_2({', '.join(parameters_of(entry))}):\n    {body}")
    _add_distance(draft)
    return f"try the present way and {name} on a part of the examples, and take the better"


def _has_room_for_distance(draft: Draft) -> bool:
    """Tells whether the program has no other function of the helpers' names."""
    ours = {"distance": ["row", "other"], "as_row": ["value"], "plain": ["values"]}
    taken = names_bound_at_top(draft.tree) & ours.keys()
    own = {each.name: parameters_of(each) for each in functions_of(draft.tree)}
    return all(own.get(name) == ours[name] for name in taken)


def _add_distance(draft: Draft) -> None:
    add_plain(draft)
    add_helpers(draft.tree, _filled(_DISTANCE, draft.rng))
    add_helpers(draft.tree, _AS_ROW)


def _random_term(rng: Random) -> str:
    return ast.unparse(expression(_filled(rng.choice(_TERMS), rng)))


def _filled(source: str, rng: Random) -> str:
    """Draws the numbers of a text."""
    values = {
        "COUNT": rng.choice([1, 2, 3, 5, 9]),
        "WIDTH": rng.choice([0.1, 0.3, 1.0, 3.0]),
        "BOUND": rng.choice([-1, 0, 0.5, 1, 2]),
        "FACTOR": rng.choice([1, 2, 3, 5]),
        "POWER": rng.choice([1, 2]),
    }
    for name, value in values.items():
        source = source.replace(name, str(value))
    return source


def _terms_of(tree: ast.Module) -> ast.List | None:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="TERMS")], value=ast.List() as terms) if all(
                isinstance(each, ast.Lambda) for each in terms.elts
            ):
                return terms
            case _:
                continue
    return None


_AS_ROW = '''
def as_row(value):
    """Return a list also of a single number."""
    return list(value) if hasattr(value, "__iter__") else [value]
'''

_DISTANCE = '''
def distance(row, other):
    """Return how far two examples are apart."""
    return sum(abs(a - b) ** POWER for a, b in zip(as_row(row), as_row(other)))
'''

_EXPAND = """
def expand(row):
    row = as_row(row)
    return [1.0, *(value for term in TERMS for value in term(row))]
"""

_LEAST_SQUARES = '''
def least_squares(rows, values, shrink=1e-06):
    """Return the weights of the columns that are off least in squares, a little shrunk."""
    size = len(rows[0])
    table = [
        [sum(row[i] * row[j] for row in rows) * (1 + shrink * (i == j)) for j in range(size)]
        + [sum(row[i] * value for row, value in zip(rows, values))]
        for i in range(size)
    ]
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(table[k][i]))
        table[i], table[pivot] = table[pivot], table[i]
        for k in range(size):
            if k != i:
                share = table[k][i] / (table[i][i] or 1.0)
                table[k] = [a - share * b for a, b in zip(table[k], table[i])]
    return [table[i][size] / (table[i][i] or 1.0) for i in range(size)]
'''

_FIT = """
rows = [expand(row) for row in plain(EXAMPLES)]
weights = least_squares(rows, plain(LABELS))
return [sum(map(operator.mul, weights, expand(row))) for row in plain(ASKED)]
"""

_AVERAGES = {
    "the mean": """
        values = plain(LABELS)
        return [sum(values) / len(values) for _ in ASKED]
        """,
    "the median": """
        values = sorted(plain(LABELS))
        return [values[len(values) // 2] for _ in ASKED]
        """,
    "the mean of the nearest examples": """
        examples, values, answers = plain(EXAMPLES), plain(LABELS), []
        for row in plain(ASKED):
            order = sorted(range(len(examples)), key=lambda i: distance(row, examples[i]))
            near = [values[i] for i in order[:COUNT]]
            answers.append(sum(near) / len(near))
        return answers
        """,
    "a mean in which near examples weigh more": """
        examples, values, answers = plain(EXAMPLES), plain(LABELS), []
        for row in plain(ASKED):
            weights = [math.exp(-distance(row, other) / WIDTH) + 1e-9 for other in examples]
            answers.append(sum(map(operator.mul, weights, values)) / sum(weights))
        return answers
        """,
}

_TERMS = (
    "[value ** 2 for value in row]",
    "[value ** 3 for value in row]",
    "[a * b for a, b in itertools.combinations(row, 2)]",
    "[abs(value) for value in row]",
    "[math.sqrt(abs(value)) for value in row]",
    "[math.log1p(abs(value)) for value in row]",
    "[math.exp(-abs(value)) for value in row]",
    "[math.sin(FACTOR * value) for value in row]",
    "[math.cos(FACTOR * value) for value in row]",
    "[1 / (1 + abs(value)) for value in row]",
    "[max(value - BOUND, 0) for value in row]",
    "[float(value > BOUND) for value in row]",
    "[max(row), min(row)]",
)
"""What may be made of the columns, for a weighted sum."""

_CORRECTION = """
examples, values, asked = plain(EXAMPLES), plain(LABELS), plain(ASKED)
guesses = plain(GUESS)
off = [value - guess for value, guess in zip(values, guesses)]
answers = []
for row, guess in zip(asked, guesses[len(examples):]):
    order = sorted(range(len(examples)), key=lambda i: distance(row, examples[i]))
    near = [off[i] for i in order[:COUNT]]
    answers.append(guess + sum(near) / len(near))
return answers
"""

_CORRECTION_BY_TERMS = """
examples, values, asked = plain(EXAMPLES), plain(LABELS), plain(ASKED)
guesses = plain(GUESS)
off = [value - guess for value, guess in zip(values, guesses)]
weights = least_squares([expand(row) for row in examples], off)
return [
    guess + sum(map(operator.mul, weights, expand(row)))
    for row, guess in zip(asked, guesses[len(examples):])
]
"""

_VALIDATION = """
part = 2 * len(EXAMPLES) // 3

def off_by(way):
    answers = TRIED
    return sum(abs(a - b) for a, b in zip(answers, LABELS[part:]))

way = min([way_1, way_2], key=off_by)
return CHOSEN
"""

FITTING_IDEAS = (
    Choice(1.0, fit_average, Kind.IDEA),
    Choice(1.6, fit_terms, Kind.IDEA),
    Choice(1.8, change_terms, Kind.IDEA),
    Choice(0.6, correct_by_neighbours, Kind.IDEA),
    Choice(0.6, correct_by_terms, Kind.IDEA),
    Choice(0.4, choose_by_distance, Kind.IDEA),
)
