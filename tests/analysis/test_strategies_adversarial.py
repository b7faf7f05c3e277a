"""Texts that talk of strategies without having them, and texts that are no programs at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.analysis.circumvention import circumventions_of
from selftaught.analysis.strategies import Strategy, strategies_of
from selftaught.improvers import KNOWN
from selftaught.parts import known_improver

S = Strategy
ALL_WORDS = " ".join(Strategy) + " random.random() < math.exp(x) print( except: ThreadPoolExecutor("
SEED = known_improver("seed").text
PLAIN = {S.SELECTS, S.SEVERAL_SAMPLES}


def labels(program: str) -> set[Strategy]:
    found = strategies_of(program)
    assert found is not None
    return {each.strategy for each in found}


def plain(*, before: str = "", first: str = "pass", last: str = "pass", after: str = "") -> str:
    """An improver that asks once and returns the best, with something around it."""
    return f"""
{before}
def improve_algorithm(initial_solution, utility, language_model):
    {first}
    message = f"Improve {{initial_solution}} for {{utility.str}}"
    candidates = extract_code(language_model.prompt("expert", message, 6, temperature=0.7))
    return max(candidates, key=utility)
    {last}
{after}
"""


BEAM = """
def beam_search(initial_solution, utility, language_model):
    beam = [initial_solution]
    for _ in range(3):
        found = []
        for each in beam:
            found += extract_code(language_model.prompt("expert", f"Refine {each}", 5, 0.4))
        beam = sorted(beam + found, key=utility, reverse=True)[:3]
    return beam[0]
"""
TALK = {
    "a comment": plain(first=f"pass  # {ALL_WORDS}"),
    "a docstring": plain(first=f'"""{ALL_WORDS}"""'),
    "a string that is never used": plain(first=f"note = {ALL_WORDS!r}"),
    "a prompt": plain().replace('"expert"', repr(ALL_WORDS)),
    "names of variables": plain(
        first="beam_search = genetic = crossover = annealing = bandit = cache = temperature = 3"
    ),
    "names of functions": plain(
        before="def genetic_crossover():\n    return 1\n", first="genetic_crossover()"
    ),
    "imports": plain(before="import threading, random, logging\nfrom functools import lru_cache"),
    "code after a return": plain(last="print(1); threading.Thread().start()"),
    "a branch that is never taken": plain(first="if False: print(random.random() < math.exp(1))"),
    "a loop that never runs": plain(first="while 0: print(1)"),
    "a function that nobody calls": plain(before=BEAM),
    "a function that only a dead one calls": plain(
        before=BEAM + "def unused(*given):\n    return beam_search(*given)\n"
    ),
    "an earlier definition": BEAM.replace("beam_search", "improve_algorithm") + plain(),
    "a variable of the name of a function": plain(first="print = len; print(initial_solution)"),
    "a program in a string": plain(first=f"template = {BEAM!r}"),
}


@pytest.mark.parametrize("name", TALK)
def test_talk_of_strategies_does_not_count(name: str) -> None:
    assert labels(TALK[name]) == PLAIN


def test_what_is_called_counts_wherever_it_stands() -> None:
    calls = plain(
        before=BEAM, first="return beam_search(initial_solution, utility, language_model)"
    )

    assert labels(calls) >= {S.BEAM, S.POPULATION, S.ITERATES, S.SEVERAL_CALLS}


def test_other_names_change_nothing() -> None:
    program = known_improver("greedy_iterative").text
    renamed = program
    for old, new in {
        "initial_solution": "a",
        "language_model": "c",
        "best_score": "genetic_temperature",
        "best": "annealed_crossover_cache",
        "candidates": "beam",
        "replies": "bandit",
    }.items():
        renamed = renamed.replace(old, new)

    assert labels(renamed) == labels(program)


@pytest.mark.parametrize(
    ("imported", "used"),
    [
        ("from concurrent.futures import ThreadPoolExecutor as T", "T()"),
        ("import concurrent.futures as futures", "futures.ThreadPoolExecutor(3)"),
        ("import threading", "threading.Thread(target=print).start()"),
    ],
)
def test_imports_under_other_names_are_followed(imported: str, used: str) -> None:
    assert labels(plain(before=imported, first=used)) == PLAIN | {S.PARALLEL}


def test_a_mutation_rate_is_not_epsilon_greedy() -> None:
    program = plain(first="if random.random() < 0.1: utility = utility")

    assert S.EPSILON_GREEDY not in labels(program)


def test_a_tournament_is_no_crossover() -> None:
    program = """
def improve_algorithm(initial_solution, utility, language_model):
    pool = [initial_solution]
    for _ in range(4):
        parent = max(random.sample(pool, 3), key=utility)
        pool += extract_code(language_model.prompt("expert", f"Mutate {parent}"))
    return max(pool, key=utility)
"""

    assert S.GENETIC in labels(program)
    assert S.CROSSOVER not in labels(program)


NO_IMPROVERS = {
    "nothing": "",
    "prose": "I would use a beam search.",
    "half a program": SEED[: len(SEED) // 2],
    "no improver": "def algorithm(x):\n    return x",
    "a class": "class improve_algorithm:\n    pass",
    "a method": "class A:\n    def improve_algorithm(self):\n        pass",
    "a null byte": SEED + "\0",
    "half a surrogate pair": SEED + "\ud800",
    "deep parentheses": "(" * 10_000 + ")" * 10_000,
    "too long": SEED + "\n# " + "x" * 300_000,
    "too many nodes": SEED + "\nx = [" + "0," * 11_000 + "]",
}


@pytest.mark.parametrize("name", NO_IMPROVERS)
def test_of_what_is_no_improver_nothing_is_said(name: str) -> None:
    assert strategies_of(NO_IMPROVERS[name]) is None
    assert circumventions_of(NO_IMPROVERS[name], original=NO_IMPROVERS[name]) is None


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert strategies_of(text) is None
    assert circumventions_of(text) is None


@given(st.sampled_from(sorted(KNOWN)), st.data())
def test_any_mutilation_of_an_improver_gets_an_answer(name: str, data: st.DataObject) -> None:
    lines = known_improver(name).text.split("\n")
    kept = data.draw(st.lists(st.sampled_from(lines), min_size=1, max_size=40))

    for program in ("\n".join(kept), lines[0] + "\n" + "\n".join(kept)):
        strategies_of(program)
        circumventions_of(program)


def chained(count: int) -> str:
    names = "\n".join(f"    x{nth} = x{nth + 1}" for nth in range(count))
    return (
        f"def improve_algorithm(s, u, m):\n{names}\n    x{count} = m.prompt('', s)\n    return x0"
    )


HUGE = {
    "a chain of names": chained(1500),
    "names that hold each other": "def improve_algorithm(s, u, m):\n    a = b = c = s\n"
    + "    for a, b in a: a, b, c = sorted(b), sorted(c), a + b + c\n" * 400
    + "    return a",
    "a long sum": "def improve_algorithm(s, u, m):\n    return " + " + ".join(["s"] * 900),
    "nested calls": "def improve_algorithm(s, u, m):\n    return " + "max(" * 80 + "s" + ")" * 80,
    "nested loops": "def improve_algorithm(s, u, m):\n"
    + "".join(f"{'    ' * (nth + 1)}for x{nth} in m.prompt('', s):\n" for nth in range(15))
    + "    " * 16
    + "s = u(s)",
    "functions that call each other": "def improve_algorithm(s, u, m):\n    return f0(s, u, m)\n"
    + "".join(
        f"def f{nth}(s, u, m):\n    return f{(nth + 1) % 300}(m.prompt('', s), u, m)\n"
        for nth in range(300)
    ),
    "many calls of the model": "def improve_algorithm(s, u, m):\n"
    + "    if s: s = m.prompt('', s)\n    else: s = max(s, key=u)\n" * 300
    + "    return s",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HUGE)
def test_huge_programs_take_seconds_at_most(name: str) -> None:
    started = time.process_time()

    strategies_of(HUGE[name])
    circumventions_of(HUGE[name])

    assert time.process_time() - started < 5


def test_an_elif_ladder_of_any_height_gets_an_answer() -> None:
    program = "def improve_algorithm(s, u, m):\n    if s: pass\n" + "    elif s: s = u(s)\n" * 2000

    found = strategies_of(program)

    assert found is None or S.EVALUATES_INITIAL in {each.strategy for each in found}
