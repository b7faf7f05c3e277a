"""Which program learns from examples, and from which of its parameters."""

from __future__ import annotations

import ast

import pytest

from selftaught.language_models.editor.roles import Roles, roles_of


def roles(names: str, returned: str = "") -> Roles | None:
    function = ast.parse(f"def algorithm({names}):\n    pass").body[0]
    assert isinstance(function, ast.FunctionDef)
    scorer = ast.parse(f"def instance(seed):\n    return {returned or 'seed, seed'}")
    return roles_of(function, scorer)


@pytest.mark.parametrize(
    "names",
    [
        "capacity, values, tasks",
        "profits, tasks",
        "machines, targets, tasks",
        "budget, results, baskets",
        "benefits, costs, tasks",
        "graph, node_class, latest",
        "X_train, X_test, y_train",
    ],
)
def test_a_word_within_another_says_nothing(names: str) -> None:
    assert roles(names) is None


@pytest.mark.parametrize("names", ["X, y, Z", "rows, kinds, probes", "capacity, values, tasks"])
@pytest.mark.parametrize("wrapped", ["{}", "list({})"])
def test_the_utility_tells_by_what_is_cut_from_what(names: str, wrapped: str) -> None:
    a, b, c, hidden = (wrapped.format(part) for part in ("x[:9]", "y[:9]", "x[9:]", "y[9:]"))

    assert roles(names, f"({a}, {b}, {c}), {hidden}") == Roles(*names.split(", "))


def test_the_order_of_the_parameters_does_not_matter_where_the_utility_tells() -> None:
    found = roles("points, before, kinds", "(x[9:], x[:9], y[:9]), y[9:]")

    assert found == Roles(examples="before", labels="kinds", asked="points")
