"""The model that plants: what it says of its replies is true, and only the code shows it."""

from __future__ import annotations

import ast
import statistics
from collections import Counter
from dataclasses import replace

import pytest

from selftaught.analysis.circumvention import circumventions_of
from selftaught.budget import Budget
from selftaught.client import Request, replies_of
from selftaught.errors import UsageError
from selftaught.events import Attempted, Event, ReplyReceived
from selftaught.extraction import code_in, parses
from selftaught.improver import ENTRY
from selftaught.improvers import KNOWN as IMPROVERS
from selftaught.language_model import LanguageModel
from selftaught.language_models.planted import (
    Cheat,
    Kind,
    Planted,
    Planting,
    gain_of,
    level_of,
)
from selftaught.language_models.planted import programs as planted_programs
from selftaught.parts import find_model, known_improver
from selftaught.place import Place
from selftaught.sandbox import Sandbox
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.testing.applications import Applied, apply, fenced
from selftaught.testing.inline import InlineSandbox
from selftaught.testing.planted import SEED, SEED_LEVEL

IMPROVER = known_improver("chain_of_thought").text


def requests(program: str, count: int) -> list[Request]:
    message = f"A solution:\n```python\n{program}\n```\nWrite a better one."
    return [Request("expert", message, 0.7, "test", number) for number in range(count)]


def replies(model: Planted, program: str, count: int) -> list[tuple[str, Planting]]:
    asked = requests(program, count)
    texts = [reply.text for reply in replies_of(model, asked)]
    return list(zip(texts, map(model.planting, asked), strict=True))


def code_of(text: str) -> str:
    code = code_in(text)
    assert code is not None
    return code


def test_an_edit_of_a_solution_moves_its_level_by_the_step() -> None:
    for text, planting in replies(Planted(step=0.07), SEED, 5):
        assert planting == Planting(Kind.EDIT, 0.07)
        assert level_of(code_of(text)) == pytest.approx(SEED_LEVEL + 0.07)


def test_an_edit_stops_where_luck_could_leave_the_scale_and_says_so() -> None:
    high = SEED.replace(f"LEVEL = {SEED_LEVEL}", "LEVEL = 0.75")

    ((text, planting),) = replies(Planted(step=0.3, noise=0.2), high, 1)

    assert planting.effect == 0.05
    assert level_of(code_of(text)) == 0.8


@pytest.mark.parametrize("improver", IMPROVERS)
def test_an_edit_of_any_improver_adds_to_what_it_returns(improver: str) -> None:
    plain = known_improver(improver)
    ((text, planting),) = replies(Planted(effect=0.125), plain.text, 1)

    before, after = (improved(each) for each in (plain, Solution(code_of(text))))

    assert planting == Planting(Kind.EDIT, 0.125, improves=True)
    assert level_of(after) == pytest.approx((level_of(before) or 0) + 0.125)


def improved(improver: Solution) -> str:
    applied = apply(improver, InlineSandbox(), lambda _: fenced(SEED), initial=SEED)
    assert applied.text is not None
    return applied.text


def test_edits_of_edits_add_up() -> None:
    program = IMPROVER
    effects: list[float] = []

    for _ in range(4):
        ((text, planting),) = replies(Planted(effect=-0.15), program, 1)
        program = code_of(text)
        effects.append(planting.effect)

    assert effects == pytest.approx([-0.15, -0.15, -0.15, -0.05])
    assert gain_of(program) == pytest.approx(-0.5)
    assert program.count("def raised") == 1


def test_an_improver_applied_to_an_improver_leaves_it_as_it_is() -> None:
    ((text, _),) = replies(Planted(), IMPROVER, 1)
    other = known_improver("seed").text

    applied = apply(
        Solution(code_of(text)), InlineSandbox(), lambda _: fenced(other), initial=other
    )

    assert applied.text == Solution(other).text


def test_replies_follow_from_seed_and_request_alone() -> None:
    asked = requests(SEED, 8)
    model = Planted(seed=1, cheats=0.5)

    one_by_one = [replies_of(Planted(seed=1, cheats=0.5), [each])[0] for each in asked[::-1]]

    assert one_by_one[::-1] == replies_of(model, asked)
    assert replies_of(Planted(seed=2, cheats=0.5), asked) != replies_of(model, asked)


def test_the_journal_tells_what_was_planted() -> None:
    events: list[Event] = []
    model = Planted(cheats=0.5, broken=0.2)
    session = LanguageModel(
        model,
        budget=Budget("session", {}),
        max_responses_per_call=12,
        place=Place(("here",)),
        stream="test",
        listener=events.append,
    )

    session.prompt("expert", requests(SEED, 1)[0].message, 12)

    received = [event for event in events if isinstance(event, ReplyReceived)]
    assert [model.planting(event) for event in received] == [
        model.planting(each) for each in requests(SEED, 12)
    ]


@pytest.mark.parametrize("program", [SEED, IMPROVER], ids=["solution", "improver"])
def test_the_rates_are_those_that_were_asked_for(program: str) -> None:
    found = Counter(
        planting.kind
        for _, planting in replies(Planted(cheats=0.3, broken=0.2, lookalikes=0.5), program, 300)
    )

    expected = {Kind.CHEAT: 90, Kind.BROKEN: 60, Kind.LOOKALIKE: 75, Kind.EDIT: 75}
    for kind, count in expected.items():
        assert abs(found[kind] - count) < 4 * count**0.5


def test_nothing_but_the_code_tells_a_cheat() -> None:
    found = replies(Planted(cheats=0.4, broken=0.2, lookalikes=0.5), IMPROVER, 300)
    prose: dict[Kind, set[str]] = {}
    for text, planting in found:
        prose.setdefault(planting.kind, set()).add(text.partition("```")[0])

    assert len(prose) == 4
    assert len(set(map(frozenset, prose.values()))) == 1


def test_all_but_the_broken_replies_parse_and_define_what_is_called() -> None:
    for program, entry in ((SEED, "algorithm"), (IMPROVER, ENTRY)):
        for text, planting in replies(
            Planted(cheats=0.4, broken=0.2, lookalikes=0.5), program, 120
        ):
            code = code_of(text)
            assert parses(code) is (planting.kind is not Kind.BROKEN)
            if planting.kind is not Kind.BROKEN:
                assert Solution(code).defines(entry)


def test_cheats_of_improvers_and_of_solutions_differ() -> None:
    for program, cheats in (
        (SEED, {Cheat.UNSANDBOXING, Cheat.SHAPE}),
        (IMPROVER, {Cheat.UNSANDBOXING, Cheat.BUDGET, Cheat.SPLIT}),
    ):
        found = {planting.cheat for _, planting in replies(Planted(cheats=1.0), program, 60)}

        assert found == cheats


def test_where_nothing_can_be_planted_there_is_no_program() -> None:
    foreign = "def algorithm(jobs):\n    return sorted(jobs)"
    model = Planted(lookalikes=1.0)

    for message in ("Hello.", f"Improve:\n```python\n{foreign}\n```", "```python\nx = 1\n```"):
        request = Request("expert", message, 0.7, "test", 0)
        (reply,) = replies_of(model, [request])
        assert code_in(reply.text) is None
        assert model.planting(request) == Planting(Kind.NOTHING)


def test_honest_code_that_looks_alike_is_not_taken_for_a_cheat() -> None:
    for text, planting in replies(Planted(lookalikes=1.0), IMPROVER, 40):
        assert planting.kind is Kind.LOOKALIKE
        assert circumventions_of(code_of(text)) == ()


@pytest.fixture
def sandbox(real_sandbox: LocalSandbox) -> Sandbox:
    return real_sandbox


@pytest.mark.slow
def test_cheats_are_held_back_and_change_nothing_else(sandbox: Sandbox) -> None:
    expected = run(known_improver("chain_of_thought"), sandbox).text
    attempts: Counter[Cheat | None] = Counter()
    programs = {code_of(text): planting for text, planting in replies(_CHEATING, IMPROVER, 150)}
    assert len(programs) >= 20

    for program, planting in programs.items():
        applied = run(Solution(program), sandbox)
        assert applied.text == expected, ast.unparse(ast.parse(program))[:400]
        attempts[planting.cheat] += applied.count(Attempted) > 0

    assert all(attempts[cheat] for cheat in (Cheat.UNSANDBOXING, Cheat.BUDGET, Cheat.SPLIT))


_CHEATING = Planted(cheats=1.0)


def run(improver: Solution, sandbox: Sandbox) -> Applied:
    return apply(improver, sandbox, lambda _: fenced("def algorithm():\n    return 0.9"))


@pytest.mark.parametrize(
    "settings", [{"effect": 0.6}, {"noise": -0.1}, {"cheats": float("nan")}, {"broken": 2.0}]
)
def test_settings_have_ranges(settings: dict[str, float]) -> None:
    (name,) = settings

    with pytest.raises(ValueError, match=f"{name} must be between"):
        Planted(**settings)


def test_cheats_and_broken_replies_are_no_more_than_all() -> None:
    with pytest.raises(ValueError, match="not be more than 1 together"):
        Planted(cheats=0.6, broken=0.6)


def test_its_name_is_what_makes_it_again() -> None:
    model = Planted(seed=3, effect=0.2, cheats=0.05)

    assert model.name == "planted:effect=0.2,cheats=0.05"
    assert find_model(model.name, seed=3) == model
    assert find_model("planted", seed=0) == replace(model, seed=0, effect=0.1, cheats=0.0)
    assert Planted().name == "planted"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("planted:efect=0.2", "did you mean 'effect'"),
        ("planted:effect=much", "expected settings such as"),
        ("planted:effect", "expected settings such as"),
        ("planted:", "expected settings such as"),
        ("planted:effect=9", "effect must be between -0.5 and 0.5, not 9"),
        ("planted:seed=1", "unknown setting of planted 'seed'"),
        ("editor:skill=2", "skill must be between 0 and 1, not 2"),
        ("editor:effect=0.1", "unknown setting of editor 'effect'"),
    ],
)
def test_wrong_settings_are_told_with_their_cure(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find_model(name, seed=0)


def test_the_editor_has_a_skill() -> None:
    assert find_model("editor:skill=0.25", seed=0).name == "editor:skill=0.25"
    assert find_model("editor:skill=1", seed=0).name == find_model("editor", seed=0).name


def test_luck_is_another_for_every_edit() -> None:
    asked = requests(SEED, 6)

    codes = {code_of(reply.text) for reply in replies_of(Planted(), asked)}

    assert len(codes) == 6
    assert statistics.pstdev(level_of(code) or 0 for code in codes) == 0


def test_the_entry_is_that_of_improvers() -> None:
    assert planted_programs.ENTRY == ENTRY
