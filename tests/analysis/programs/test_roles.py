"""Who is who in an improver, and where values go."""

from __future__ import annotations

import ast

import pytest

from selftaught.analysis.programs.flow import Flow
from selftaught.analysis.programs.roles import Roles
from selftaught.analysis.programs.syntax import read


def roles_of(body: str, *, parameters: str = "s, u, m") -> Roles:
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    syntax = read(f"def improve_algorithm({parameters}):\n{lines}")
    assert syntax is not None
    return Roles(syntax, Flow(syntax))


def names(keys: frozenset[str]) -> set[str]:
    return {key.partition("@")[0] for key in keys if not key.startswith("return ")}


@pytest.mark.parametrize(
    "body",
    [
        "x = m.prompt('', s)",
        "a = m\nx = a.batch_prompt('', [s])",
        "x = extract_code(m.prompt('', s))",
        "for x in m.prompt('', s): pass",
        "y = [x for x in m.prompt('', s)]",
        "x = []\nx.append(m.prompt('', s)[0])",
        "x = {}\nx['a'] = m.prompt('', s)",
        "x = max(m.prompt('', s), key=u)",
        "_, x = 1, m.prompt('', s)",
        "for _, x in enumerate(m.prompt('', s)): pass",
        "for _, x in zip(s, m.prompt('', s)): pass",
        "def ask(): return m.prompt('', s)\nx = ask()",
        "def use(x): return 1\nuse(m.prompt('', s))",
        "def ask(_): return m.prompt('', s)\nx = list(map(ask, s))",
        "if (x := m.prompt('', s)): pass",
        "with open() as y: x = y or m.prompt('', s) or None",
    ],
)
def test_replies_are_followed_wherever_they_go(body: str) -> None:
    assert "x" in names(roles_of(body).replies)


@pytest.mark.parametrize(
    "body",
    [
        "x = u(m.prompt('', s)[0])",
        "x = len(m.prompt('', s))",
        "x = f'{m.prompt(1, s)}'",
        "x = m.prompt('', s) == s",
        "for x, _ in zip(s, m.prompt('', s)): pass",
        "def f(x): return x\ny = m.prompt('', s)",
        "x = s or m.prompt('', s)",
        "m = s\nx = other.prompt('', s)",
    ],
)
def test_what_is_made_of_replies_is_none(body: str) -> None:
    assert "x" not in names(roles_of(body).replies)


@pytest.mark.parametrize(
    "body",
    [
        "x = u(s)",
        "x = u.map([s])",
        "for x in map(u, [s]): pass",
        "def rate(c): return u(c)\nx = rate(s)",
        "x = sum(u(c) for c in s) / 3",
        "pairs = [(u(c), c) for c in s]\nfor x, _ in sorted(pairs): pass",
        "jobs = [pool.submit(u, c) for c in s]\nx = jobs[0].result()",
    ],
)
def test_scores_are_followed_wherever_they_go(body: str) -> None:
    assert "x" in names(roles_of(body).scored)


def test_messages_are_followed_back_to_what_they_are_made_of() -> None:
    roles = roles_of("a = s\nb = f'Improve {a}'\nc = u(s)\nx = m.prompt('', b + 'now')")

    assert {"a", "b", "s"} <= names(roles.prompted)
    assert not {"c", "x"} & names(roles.prompted)


def test_parameters_are_known_by_name_before_their_position() -> None:
    roles = roles_of(
        "utility(initial)", parameters="initial, utility_str, utility, language_model=None"
    )

    assert names(roles.utility) == {"utility"}
    assert names(roles.language_model) == {"language_model"}
    assert len(roles.evaluated) == 1


def test_a_model_that_the_program_makes_is_one_too() -> None:
    roles = roles_of("own = LanguageModel(9)\nown.prompt('', s)")

    assert len(roles.model_calls) == 1


def test_a_program_that_lacks_parameters_has_no_roles() -> None:
    roles = roles_of("return s", parameters="s")

    assert (names(roles.utility), names(roles.language_model)) == (set(), set())


def test_choices_by_score_are_told_from_others() -> None:
    roles = roles_of(
        "a = m.prompt('', s)\nmax(a, key=u)\nmax(a, key=len)\nsorted((u(c), c) for c in a)\nmax(a)"
    )
    calls = [call for call in roles.syntax.of(ast.Call) if roles.is_choice(call)]

    chosen = {call.lineno for call in calls if roles.chooses_by_score(call)}

    assert chosen == {3, 5}
