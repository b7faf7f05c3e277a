"""What language models read of the tasks: nothing is left unbound, and it holds."""

from __future__ import annotations

import builtins
import symtable
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from selftaught import tasks
from selftaught.description import Detail
from selftaught.instances import Split
from selftaught.parts import find_task
from selftaught.sandbox import Outcome, Status
from selftaught.task_utility import judge

ALL = [(name, preset) for name in tasks.KNOWN for preset in tasks.PRESETS[name]]
LESS = [
    ("lpn", "paper-without:floor"),
    ("lpn", "paper-without:one_failure,misleading_text"),
    ("three_sat", "paper-without:rewritten_formula"),
    ("max_cut", "paper-without:one_failure,many_labels"),
    ("quadratic_assignment", "paper-without:slowness,floor"),
]
OUTCOMES = {
    "raises": Outcome(Status.ERROR, None, "ValueError: no"),
    "does not load": Outcome(Status.ERROR, None, "SyntaxError", while_loading=True),
    "times out": Outcome(Status.TIMED_OUT, None, "too late"),
    "answers nothing": Outcome(Status.OK, None),
    "answers too little": Outcome(Status.OK, [0]),
    "answers slowly": Outcome(Status.OK, list(range(15)), cpu_seconds=0.25),
    "answers right or wrong": Outcome(Status.OK, [0, 1] * 200),
}


def unbound(text: str) -> set[str]:
    """Returns the names that a text reads and never binds."""
    top = symtable.symtable(text, "text", "exec")
    bound = {each.get_name() for each in top.get_symbols() if each.is_assigned()}
    bound |= {each.get_name() for each in top.get_symbols() if each.is_imported()}
    bound |= {each.get_name() for each in top.get_symbols() if each.is_namespace()}
    read: set[str] = set()
    for table in tables(top):
        read |= {
            each.get_name()
            for each in table.get_symbols()
            if each.is_referenced() and (each.is_global() or table is top)
        }
    return read - bound - set(vars(builtins))


def tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from tables(child)


@pytest.mark.parametrize("detail", Detail)
@pytest.mark.parametrize(("name", "preset"), [*ALL, *LESS])
def test_a_description_binds_every_name_and_reads_well(
    name: str, preset: str, detail: Detail
) -> None:
    told = find_task(name, preset).describe(detail)

    assert unbound(told) == set()
    assert "  " not in told.split('"""')[1]
    assert all(len(line) <= 100 for line in told.splitlines())
    for internal in ("noqa", "pyright", "Outcome", "task."):
        assert internal not in told


@pytest.mark.parametrize("kind", OUTCOMES)
@pytest.mark.parametrize(("name", "preset"), [*ALL, *LESS])
def test_the_full_source_computes_the_utility_that_the_task_has(
    name: str, preset: str, kind: str
) -> None:
    task = find_task(name, preset)
    told: dict[str, Any] = {"__name__": "told"}
    exec(task.describe(Detail.FULL_SOURCE), told)
    instances = [task.instance(seed) for seed in task.draw_seeds(0, Split.SEARCH, "s", 2)]
    expected = [each for _, each in instances]
    outcomes = [OUTCOMES[kind], OUTCOMES["answers right or wrong"]]
    if task.caller:
        outcomes = [
            replace(each, value=(each.value, formula)) if each.is_ok else each
            for each, formula in zip(outcomes, expected, strict=True)
        ]

    calls = [
        SimpleNamespace(
            value=each.value,
            failure="" if each.is_ok else str(each.status),
            message=each.message,
            cpu_seconds=each.cpu_seconds,
            while_loading=each.while_loading,
        )
        for each in outcomes
    ]

    verdicts = [
        task.adjust(judge(task, each, one)._replace(cpu_seconds=each.cpu_seconds))
        for each, one in zip(outcomes, expected, strict=True)
    ]
    if task.patience == 1 and kind == "times out":
        verdicts[1] = verdicts[1]._replace(score=task.floor, failure="not tried")
    assert told["utility"](calls, expected) == task.aggregate(verdicts)
