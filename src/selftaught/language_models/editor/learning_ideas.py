"""Ideas for programs that learn from examples: simple predictors, and search over rules.

Which program learns, and from what, is told by `roles`.
"""

from __future__ import annotations

import ast

from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.grammar import random_candidates, random_key
from selftaught.language_models.editor.learners import add_plain, rewrite, tried, with_names
from selftaught.language_models.editor.predictors import random_predictor
from selftaught.language_models.editor.roles import roles_of
from selftaught.language_models.editor.syntax import (
    add_helpers,
    add_import,
    blocks_of,
    body_of,
    expression,
    functions_of,
    names_bound,
    parameters_of,
    statements,
    walk,
)


def predict_simply(draft: Draft) -> str | None:
    """Rewrites a learner as one of a few simple predictors, unless it is more than that already."""
    if roles_of(draft.entry, draft.scorer) is None or _keys_of(draft.tree) is not None:
        return None
    name, source = random_predictor(draft.rng)
    rewrite(draft, source)
    return f"predict by {name}"


def search_rules(draft: Draft) -> str | None:
    """Rewrites a learner as a search over rules of a general grammar."""
    if roles_of(draft.entry, draft.scorer) is None or _keys_of(draft.tree) is not None:
        return None
    rewrite(draft, _RULE_SEARCH)
    _add_grammar(draft)
    return "search for a simple rule that explains the examples"


def change_rules(draft: Draft) -> str | None:
    """Adds a kind of rule to the grammar, drops one or replaces one."""
    keys = _keys_of(draft.tree)
    if keys is None:
        return None
    new = expression(random_key(draft.rng))
    if ast.unparse(new) in map(ast.unparse, keys.elts):
        return None
    actions = ["add", "add", "replace", *(["drop"] if len(keys.elts) > 1 else [])]
    action, place = draft.rng.choice(actions), draft.rng.randrange(len(keys.elts))
    if action == "drop":
        return f"no longer try rules with {ast.unparse(keys.elts.pop(place))}"
    keys.elts[place : place + (action == "replace")] = [new]
    return f"try rules with {ast.unparse(new)}"


def change_candidates(draft: Draft) -> str | None:
    """Goes through the columns that a rule may look at in another way, or in a second way too."""
    found = _candidates_of(draft.tree)
    if not found:
        return None
    body = body_of(random_candidates(draft.rng, draft.random_module()))
    if draft.rng.random() < 0.3 and len(found[0].body) < 3:
        found[0].body += body
        return "choose the columns of a rule in a second way too"
    found[0].body = body
    return "choose the columns of a rule in another way"


def prefer_simple(draft: Draft) -> str | None:
    """Takes something off the merit of rules that are complicated."""
    for block in blocks_of(draft.tree):
        for position, node in enumerate(block):
            if ast.unparse(node).startswith(("table, hits = learn(", "(table, hits) = learn(")):
                if "hits -=" in ast.unparse(ast.Module(block, [])):
                    return None
                size = draft.rng.choice(["len(table)", "len(chosen)", "0.5 * len(table)"])
                block[position + 1 : position + 1] = statements(f"hits -= {size}")
                return f"prefer simple rules (hits -= {size})"
    return None


def let_rules_vote(draft: Draft) -> str | None:
    """Keeps several good rules and answers as most of them do."""
    entry = draft.entry
    if entry is None or _keys_of(draft.tree) is None:
        return None
    for function in functions_of(draft.tree):
        for block in blocks_of(function):
            for position, node in enumerate(block):
                if isinstance(node, ast.If) and ast.unparse(node.test) == "hits > best_hits":
                    return _collect(draft, function, block, position)
    return None


def _collect(
    draft: Draft, entry: ast.FunctionDef, block: list[ast.stmt], position: int
) -> str | None:
    roles = roles_of(entry, draft.scorer)
    loop = next((node for node in entry.body if isinstance(node, ast.For)), None)
    if roles is None or loop is None:
        return None
    count = draft.rng.choice([3, 5, 9])
    block[position : position + 1] = statements("rules.append((hits, chosen, key, table))")
    start = entry.body.index(loop)
    entry.body[start + 1 :] = body_of(
        _VOTE.replace("COUNT", str(count)).replace("ASKED", roles.asked)
    )
    entry.body[start:start] = statements("rules = []")
    return f"let the {count} best rules vote"


def choose_by_validation(draft: Draft) -> str | None:
    """Tries the program and another way on a part of the examples, and takes the better."""
    entry, roles = draft.entry, roles_of(draft.entry, draft.scorer)
    if entry is None or roles is None or roles.labels is None:
        return None
    if "way_1" in names_bound(draft.tree):
        return None
    searches = _keys_of(draft.tree) is None and draft.rng.random() < 0.5
    name, source = ("a search for rules", _RULE_SEARCH) if searches else random_predictor(draft.rng)
    draft.wrap(entry, "way_1", with_names(tried(_VALIDATION, entry, roles), roles))
    add_helpers(draft.tree, f"def way_2({', '.join(parameters_of(entry))}):\n    pass")
    for function in functions_of(draft.tree):
        if function.name == "way_2":
            function.body = body_of(with_names(source, roles))
    add_plain(draft)
    if searches:
        _add_grammar(draft)
    return f"try the present way and {name} on a part of the examples, and take the better"


def _add_grammar(draft: Draft) -> None:
    keys = list(dict.fromkeys(random_key(draft.rng) for _ in range(draft.rng.randint(1, 3))))
    add_import(draft.tree, "import itertools")
    candidates = random_candidates(draft.rng, draft.random_module())
    add_helpers(draft.tree, f"KEYS = [{', '.join(keys)}]\n{_LEARN}\n{_CANDIDATES}")
    _candidates_of(draft.tree)[0].body = body_of(candidates)


def _keys_of(tree: ast.Module) -> ast.List | None:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="KEYS")], value=ast.List() as keys) if keys.elts:
                return keys
            case _:
                continue
    return None


def _candidates_of(tree: ast.Module) -> list[ast.FunctionDef]:
    return [
        node
        for node in walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "candidates"
    ]


_LEARN = '''
def learn(key, seen):
    """Return the usual label of each value of the key, and how many examples that explains."""
    tally = {}
    for (values, label), count in seen.items():
        pair = key(values), label
        tally[pair] = tally.get(pair, 0) + count
    table, hits = {}, {}
    for (value, label), count in tally.items():
        if count > hits.get(value, 0):
            table[value], hits[value] = label, count
    return table, sum(hits.values())
'''

_CANDIDATES = """
def candidates(width):
    yield range(width)
"""

_RULE_SEARCH = """
labels, columns = plain(LABELS), list(zip(*plain(EXAMPLES)))
usual, best_hits = Counter(labels).most_common(1)[0]
best_rule = ([], sum, {})
for chosen in candidates(len(columns)):
    if not chosen:
        continue
    seen = Counter(zip(zip(*[columns[place] for place in chosen]), labels))
    for key in KEYS:
        table, hits = learn(key, seen)
        if hits > best_hits:
            best_rule, best_hits = (chosen, key, table), hits
chosen, key, table = best_rule
return [table.get(key(tuple(row[place] for place in chosen)), usual) for row in plain(ASKED)]
"""

_VOTE = """
rules = sorted(rules, key=lambda rule: rule[0], reverse=True)[:COUNT]
answers = []
for row in plain(ASKED):
    votes = [
        table.get(key(tuple(row[place] for place in chosen)), usual)
        for _, chosen, key, table in rules
    ]
    answers.append(Counter(votes).most_common(1)[0][0] if votes else usual)
return answers
"""

_VALIDATION = """
part = 2 * len(EXAMPLES) // 3

def hits(way):
    answers = TRIED
    return sum(a == b for a, b in zip(answers, LABELS[part:]))

way = max([way_1, way_2], key=hits)
return CHOSEN
"""

LEARNING_IDEAS = (
    Choice(1.0, predict_simply, Kind.IDEA),
    Choice(1.6, search_rules, Kind.IDEA),
    Choice(1.6, change_rules, Kind.IDEA),
    Choice(1.0, change_candidates, Kind.IDEA),
    Choice(0.4, prefer_simple, Kind.IDEA),
    Choice(0.3, let_rules_vote, Kind.IDEA),
    Choice(0.5, choose_by_validation, Kind.IDEA),
)
