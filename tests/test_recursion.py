"""Algorithm 1, step by step, with a language model that follows a script."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from selftaught.acceptance import RULES, Acceptance, Decision, Measure, Rule
from selftaught.budget import Budget, Unit
from selftaught.client import Request
from selftaught.errors import RunCutShort
from selftaught.events import (
    ChampionTested,
    Event,
    GenerationEnded,
    Refused,
    ReplyReceived,
    SessionEnded,
    SessionScored,
    SolutionScored,
)
from selftaught.host import Host
from selftaught.language_models.scripted import Scripted
from selftaught.meta_utility import Measurement, MetaUtility, SessionBudget
from selftaught.recursion import Plan, recursion
from selftaught.solution import Solution
from selftaught.task import Split, Task
from selftaught.testing.inline import InlineSandbox

SEED_IMPROVER = Solution(
    """from helpers import extract_code

def improve_algorithm(initial_solution, utility, language_model):
    message = f"Improve: {initial_solution}"
    replies = language_model.batch_prompt("expert", [message] * 2, temperature=0.5)
    return max(extract_code(replies), key=utility)
"""
)
# Asks in vain for words that the script answers with a better solution.
BETTER_IMPROVER = Solution(SEED_IMPROVER.text.replace("Improve:", "Improve a lot:"))
BROKEN = Solution("broken (")
WORSE_IMPROVER = Solution(SEED_IMPROVER.text.replace("Improve:", "Spoil:"))


def instance(seed: int) -> tuple[tuple[object, ...], object]:
    return (seed % 7,), seed % 7


def score(answer: object, expected: object) -> float:
    del expected
    assert isinstance(answer, int | float)
    return float(answer)


def answering(value: float) -> str:
    return f"def algorithm(x):\n    return {value}"


TASK = Task.from_functions(instance, score, seed=answering(0.1))


def fenced(program: str) -> str:
    return f"An idea.\n```python\n{program}\n```"


def script(*improvers: Solution, other: Solution) -> Callable[[Request], str]:
    """Answers with solutions by the words of the request, and with improvers for improvers."""

    def reply(request: Request) -> str:
        if "def improve_algorithm" in request.message:
            generation = int(request.stream.split("/")[0].removeprefix("t"))
            candidates = (improvers[generation - 1], other)
            return fenced(candidates[request.index % 2].text)
        noise = random.Random(request.stream).random() / 100
        value = 0.5 if "a lot" in request.message else 0.05 if "Spoil" in request.message else 0.3
        return fenced(answering(value + noise + request.index / 1000))

    return reply


class Watched:
    """A run of the recursion, and all that it emitted."""

    def __init__(
        self,
        *improvers: Solution,
        rule: Rule = Rule.GATED,
        limits: dict[Unit, float] | None = None,
        workers: int = 2,
        acceptance: Acceptance | None = None,
        seed: Solution = SEED_IMPROVER,
        ahead: bool = False,
        wait: Callable[[Request], object] = lambda _: None,
        other: Solution = BROKEN,
    ) -> None:
        self.events: list[Event] = []
        self.served = 0
        replies = script(*improvers, other=other)

        def counted(request: Request) -> str:
            self.served += 1
            wait(request)
            return replies(request)

        session = SessionBudget(calls=1, samples_per_call=2, evaluations=3)
        search = Measurement(Split.SEARCH, "all", 3)
        plan = Plan(
            acceptance=acceptance or RULES[rule](),
            session=session,
            search=search,
            gate_repeats=6,
            test_repeats=4,
            tests_every_generation=rule in {Rule.PAPER, Rule.OFFICIAL},
            is_chain=rule is not Rule.INDEPENDENT,
        )
        with ThreadPoolExecutor(workers) as executor, ThreadPoolExecutor() as early:
            host = Host(
                Scripted(counted),
                InlineSandbox(),
                executor,
                self.events.append,
                Budget("run", limits or {}),
                seed=3,
                ahead=early if ahead else None,
            )
            self.budget = host.budget
            meta_utility = MetaUtility(
                (TASK,), search=search, session=session, evaluations=3, host=host
            )
            self.generations: list[GenerationEnded] = []
            try:
                for generation in recursion(
                    seed, meta_utility, plan, host, iterations=len(improvers)
                ):
                    self.generations.append(generation)
                self.ended_by = None
            except RunCutShort as error:
                self.ended_by = error

    def of(self, kind: type[Event], place: str = "") -> list[Event]:
        return [
            event
            for event in self.events
            if isinstance(event, kind) and str(getattr(event, "place", "")).startswith(place)
        ]


def test_each_generation_prompts_with_the_text_of_the_improver_before() -> None:
    run = Watched(BETTER_IMPROVER, BETTER_IMPROVER)

    first, second = (
        {
            event.message
            for event in run.of(ReplyReceived, f"t{t}/propose")
            if "improve_alg" in event.message
        }
        for t in (1, 2)
    )

    assert first == {f"Improve: {SEED_IMPROVER.text}"}
    assert second == {f"Improve a lot: {BETTER_IMPROVER.text}"}


def test_the_seed_improver_is_measured_before_anything_is_proposed() -> None:
    run = Watched(BETTER_IMPROVER)

    first = run.of(SessionScored)[:3]

    assert all(event.improver == SEED_IMPROVER for event in first)
    assert run.generations[0].t == 0
    assert run.generations[0].improver == SEED_IMPROVER
    assert run.generations[0].search == pytest.approx([0.301, 0.301, 0.301], abs=0.01)


def test_every_candidate_improver_is_scored_in_fresh_sessions_on_every_repeat() -> None:
    run = Watched(BETTER_IMPROVER)

    candidates = run.of(SolutionScored, "t1/propose")
    improvers = [event for event in candidates if str(event.place) == "t1/propose"]
    sessions = run.of(SessionScored, f"t1/propose/{BETTER_IMPROVER.id}/own")

    assert [event.solution.text for event in improvers] == [BETTER_IMPROVER.text, "broken ("]
    assert [event.score for event in improvers] == pytest.approx([0.5, 0.0], abs=0.02)
    assert sorted(event.repeat for event in sessions) == [0, 1, 2]


def test_a_better_challenger_is_accepted_by_the_gate_on_sessions_of_its_own() -> None:
    run = Watched(BETTER_IMPROVER)

    generation = run.generations[1]
    gate = run.of(SessionScored, "t1/gate")

    assert generation.accepted
    assert generation.improver == generation.challenger == BETTER_IMPROVER
    assert len(gate) == 12
    assert {event.split for event in gate} == {"gate"}
    assert generation.gate == pytest.approx([0.5] * 6, abs=0.02)
    assert generation.incumbent_gate == pytest.approx([0.3] * 6, abs=0.02)


def test_a_worse_challenger_is_rejected_by_the_gate_and_the_incumbent_goes_on() -> None:
    run = Watched(WORSE_IMPROVER, BETTER_IMPROVER)

    assert [generation.accepted for generation in run.generations] == [True, False, True]
    assert run.generations[1].improver == SEED_IMPROVER
    assert run.generations[1].challenger == WORSE_IMPROVER
    assert "p =" in run.generations[1].reason


def test_without_a_chain_every_challenger_is_what_the_seed_makes_of_itself() -> None:
    run = Watched(BETTER_IMPROVER, WORSE_IMPROVER, rule=Rule.INDEPENDENT)

    prompts = {
        event.message
        for event in run.of(ReplyReceived, "t2/propose")
        if "improve_alg" in event.message
    }

    assert prompts == {f"Improve: {SEED_IMPROVER.text}"}
    assert [generation.improver for generation in run.generations] == [
        SEED_IMPROVER,
        BETTER_IMPROVER,
        BETTER_IMPROVER,
    ]
    assert run.generations[2].incumbent_gate == pytest.approx([0.5] * 6, abs=0.02)


def test_the_paper_protocol_accepts_unconditionally() -> None:
    run = Watched(WORSE_IMPROVER, rule=Rule.PAPER)

    assert run.generations[1].accepted
    assert run.generations[1].improver == WORSE_IMPROVER
    assert run.of(SessionScored, "t1/gate") == []


def test_the_official_protocol_rejects_only_a_score_of_exactly_0_and_keeps_the_text() -> None:
    class Zeroed:
        def decide(self, incumbent: Solution, challenger: Solution, measure: Measure) -> Decision:
            del measure
            return RULES[Rule.OFFICIAL]().decide(incumbent, challenger, lambda *_: (0.0, 0.0))

        def keep(self, subject: Solution, failure: str) -> Decision:
            return RULES[Rule.OFFICIAL]().keep(subject, failure)

    worse = Watched(WORSE_IMPROVER, rule=Rule.OFFICIAL)
    zeroed = Watched(BETTER_IMPROVER, WORSE_IMPROVER, rule=Rule.OFFICIAL, acceptance=Zeroed())

    assert worse.generations[1].accepted
    assert not zeroed.generations[1].accepted
    # The improver that runs is the seed, the text that it is shown is the rejected one.
    prompts = {event.message for event in zeroed.of(ReplyReceived, "t2/propose")}
    assert f"Improve: {BETTER_IMPROVER.text}" in prompts


def test_a_proposal_that_is_no_program_spends_the_generation() -> None:
    silent = Solution(SEED_IMPROVER.text.replace("return max", "return None and max"))

    run = Watched(silent, BETTER_IMPROVER, rule=Rule.PAPER)

    assert [generation.accepted for generation in run.generations] == [True, True, False]
    assert run.generations[2].improver == silent
    assert run.generations[2].challenger is None
    reason = run.generations[2].reason
    assert "must return the text of a program" in reason
    assert reason.endswith("algorithm 1 is silent on that, and I_{t-1} stays")


def test_the_test_split_is_touched_once_at_the_end_by_seed_and_champion() -> None:
    run = Watched(BETTER_IMPROVER)

    on_test = [event for event in run.of(SessionScored) if event.split == "test"]
    tested = run.of(ChampionTested)

    assert len(tested) == 1
    assert run.events.index(on_test[0]) > run.events.index(run.generations[-1])
    assert {event.improver for event in on_test} == {SEED_IMPROVER, BETTER_IMPROVER}
    assert len(on_test) == 8


def test_everything_spent_is_counted_and_nothing_twice() -> None:
    run = Watched(BETTER_IMPROVER)

    spent = run.budget.spent

    assert spent[Unit.SAMPLES] == len(run.of(ReplyReceived)) == run.served
    assert spent[Unit.CALLS] * 2 == spent[Unit.SAMPLES]
    assert spent[Unit.EVALUATIONS] == len(run.of(SolutionScored))
    assert len({event.key for event in run.of(ReplyReceived)}) == len(run.of(ReplyReceived))


def test_a_session_that_asks_for_more_than_its_budget_is_refused_and_scores_0() -> None:
    greedy = Solution(
        SEED_IMPROVER.text.replace(
            "    return", "    language_model.prompt('e', 'more')\n    return"
        )
    )

    run = Watched(greedy)

    refused = run.of(Refused, f"t1/propose/{greedy.id}")
    ended = [event for event in run.of(SessionEnded) if event.improver == greedy]
    assert {(event.scope, event.unit) for event in refused} == {("session", "calls")}
    assert all("the session may spend 1 calls" in event.message for event in ended)
    assert run.generations[1].improver == SEED_IMPROVER


def test_a_limit_of_the_run_ends_the_run_and_no_program_is_blamed() -> None:
    run = Watched(BETTER_IMPROVER, limits={Unit.SAMPLES: 8})

    assert "the run may spend 8 samples" in str(run.ended_by)
    assert [generation.t for generation in run.generations] == [0]
    assert run.budget.spent[Unit.SAMPLES] <= 8


@pytest.mark.parametrize("workers", [1, 8])
def test_the_result_is_the_same_with_any_number_of_threads(workers: int) -> None:
    expected = Watched(WORSE_IMPROVER, BETTER_IMPROVER, workers=2)

    run = Watched(WORSE_IMPROVER, BETTER_IMPROVER, workers=workers)

    assert run.generations == expected.generations
    assert run.of(ChampionTested) == expected.of(ChampionTested)
    keys = {event.key for event in expected.of(ReplyReceived)}
    assert {event.key for event in run.of(ReplyReceived)} == keys


def test_scoring_ahead_changes_no_result_and_no_key() -> None:
    expected = Watched(WORSE_IMPROVER, BETTER_IMPROVER)

    run = Watched(WORSE_IMPROVER, BETTER_IMPROVER, ahead=True)

    assert run.generations == expected.generations
    assert run.of(ChampionTested) == expected.of(ChampionTested)
    for kind in (ReplyReceived, SolutionScored, SessionEnded, SessionScored):
        keys = {event.key for event in expected.of(kind)}
        assert {event.key for event in run.of(kind)} == keys
    assert run.budget.spent[Unit.SAMPLES] == expected.budget.spent[Unit.SAMPLES]


def meeting(parties: int, is_met: Callable[[Request], bool]) -> Callable[[Request], object]:
    """Returns what lets some requests pass only when so many of them wait at the same time."""
    barrier = threading.Barrier(parties)
    return lambda request: barrier.wait(10) if is_met(request) else None


def test_candidates_that_are_scored_ahead_wait_for_replies_together() -> None:
    def is_of_candidate(request: Request) -> bool:
        is_search = request.stream.startswith("search/")
        return is_search and request.message.startswith(("Improve a lot", "Spoil"))

    wait = meeting(2 * 3, is_of_candidate)  # candidates, and sessions of each

    run = Watched(BETTER_IMPROVER, other=WORSE_IMPROVER, ahead=True, wait=wait)

    assert run.generations[1].accepted


def test_both_sides_of_a_gate_wait_for_replies_together() -> None:
    wait = meeting(2 * 6, lambda asked: asked.stream.startswith("gate/"))

    run = Watched(BETTER_IMPROVER, wait=wait)

    assert run.generations[1].accepted


def test_what_is_scored_ahead_is_the_runs_affair_until_it_is_asked_for() -> None:
    asks_for_one = Solution(
        SEED_IMPROVER.text.replace(
            "max(extract_code(replies), key=utility)",
            "next(code for code in extract_code(replies) if utility(code) >= 0)",
        )
    )

    frugal, run = (
        Watched(BETTER_IMPROVER, other=WORSE_IMPROVER, seed=asks_for_one, ahead=ahead)
        for ahead in (False, True)
    )

    assert run.generations == frugal.generations
    place = "t1/propose"
    asked = [event for event in run.of(SolutionScored) if str(event.place) == place]
    assert [event.solution for event in asked] == [BETTER_IMPROVER]
    unasked = {event.key for event in run.of(ReplyReceived, f"{place}/{WORSE_IMPROVER.id}")}
    assert len(unasked) == 2 * 3
    samples = run.budget.spent[Unit.SAMPLES]
    assert samples == frugal.budget.spent[Unit.SAMPLES] + len(unasked) == run.served


@pytest.mark.parametrize("samples", [7, 11, 20])
def test_a_limit_of_the_run_holds_for_what_is_scored_ahead(samples: int) -> None:
    run = Watched(BETTER_IMPROVER, other=WORSE_IMPROVER, ahead=True, limits={Unit.SAMPLES: samples})

    assert f"the run may spend {samples} samples" in str(run.ended_by)
    assert run.served <= samples
    assert run.budget.spent[Unit.SAMPLES] <= samples
