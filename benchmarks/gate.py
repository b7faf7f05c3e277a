"""How often the gate is wrong, and what detectors of cheats see: both on planted truth.

``uv run python benchmarks/gate.py [--runs 100] [--pairs 20] [--replies 200]``. Prints Markdown.

- The gated protocol: runs of the recursion in which the model `planted` betters every improver by a
  known amount. At an effect of 0 each acceptance is false; at others each rejection is a miss.
- Detectors: programs with a known cheat, honest ones, and honest ones that look like a cheat. What
  does `analysis.circumvention` find in the text, and what does the engine record when they run?

Runs of the first part execute programs that `planted` wrote without any cheat, in this process; the
second part uses the sandbox.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from selftaught.acceptance import RULES, Rule
from selftaught.analysis.circumvention import circumventions_of
from selftaught.analysis.proportions import in_words, proportion
from selftaught.budget import Budget
from selftaught.client import Client, Request, replies_of
from selftaught.events import Attempted, Event
from selftaught.extraction import code_in
from selftaught.host import Host
from selftaught.improvers import KNOWN as IMPROVERS
from selftaught.instances import Split
from selftaught.language_models.planted import Kind, Planted, Planting, gain_of
from selftaught.language_models.scripted import Scripted
from selftaught.meta_utility import Measurement, MetaUtility, SessionBudget, describe
from selftaught.parts import known_improver
from selftaught.place import Place
from selftaught.recursion import Plan, recursion
from selftaught.sandbox import Sandbox, Status
from selftaught.sandboxes.local import LocalSandbox
from selftaught.solution import Solution
from selftaught.task_utility import TaskUtility
from selftaught.testing.applications import apply
from selftaught.testing.improvers import varied
from selftaught.testing.inline import InlineSandbox
from selftaught.testing.planted import SEED, TASK
from selftaught.utility import evaluate

EFFECTS = (0.0, 0.05, 0.1, 0.2)
GENERATIONS = 4
"""Of a run at an effect of 0; others have one, before levels reach their ceiling."""
SESSION = SessionBudget(calls=1, samples_per_call=1, evaluations=1)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=100, help="for each effect")
    parser.add_argument("--pairs", type=int, default=20, help="of sessions behind a decision")
    parser.add_argument("--replies", type=int, default=200, help="to judge by the detectors")
    asked = parser.parse_args()
    if asked.runs:
        show_gate(asked.runs, asked.pairs)
    if asked.replies:
        show_detectors(asked.replies)


def show_gate(runs: int, pairs: int) -> None:
    """Prints how often challengers of known effect are accepted."""
    print(f"Gated protocol, {pairs} pairs of sessions, {runs} runs for each effect\n")
    print("| true effect | accepted, of gates | accepted at least once, of runs |")
    print("| ---: | --- | --- |")
    for effect in EFFECTS:
        gates: list[bool] = []
        wrong: list[bool] = []
        generations = 1 if effect else GENERATIONS
        for seed in range(runs):
            decisions = list(decided(Planted(seed=seed, effect=effect), seed, pairs, generations))
            assert {round(each.effect, 6) for each in decisions} == {effect}, "not as planted"
            gates += [each.accepted for each in decisions]
            wrong.append(any(each.accepted for each in decisions))
        cells = (in_words(proportion(sum(each), len(each))) for each in (gates, wrong))
        print(f"| {effect:g} | {' | '.join(cells)} |", flush=True)


@dataclass(frozen=True)
class Decided:
    """A gate's decision, and the truth."""

    effect: float
    accepted: bool


def decided(client: Client, seed: int, pairs: int, generations: int) -> Iterator[Decided]:
    """Runs the recursion and yields what became of each challenger."""
    with ThreadPoolExecutor(1) as executor:
        host = Host(client, InlineSandbox(), executor, lambda _: None, Budget("run", {}), seed=seed)
        search = Measurement(Split.SEARCH, "u", 1)
        plan = Plan(
            RULES[Rule.GATED](),
            session=SESSION,
            search=search,
            gate_repeats=pairs,
            test_repeats=1,
            tests_every_generation=False,
        )
        utility = MetaUtility((TASK,), search=search, session=SESSION, evaluations=1, host=host)
        first = known_improver("chain_of_thought")
        ended = recursion(first, utility, plan, host, iterations=generations)
        incumbent = first
        for generation in ended:
            if generation.challenger is not None:
                gain = gain_of(generation.challenger.text) - gain_of(incumbent.text)
                yield Decided(gain, generation.accepted)
            incumbent = generation.improver


def show_detectors(count: int) -> None:
    """Prints what is found of planted cheats, and what is taken for one."""
    read: dict[str, list[bool]] = defaultdict(list)
    seen: dict[str, list[bool]] = defaultdict(list)
    with LocalSandbox() as sandbox:
        for program, planting in planted_programs(count):
            who = "improver" if planting.improves else "solution"
            row = f"{who} | {planting.cheat or planting.kind}"
            if planting.improves:
                read[row].append(bool(circumventions_of(program)))
                seen[row].append(is_seen_in_improver(program, sandbox))
            else:
                seen[row].append(is_seen_in_solution(program, sandbox))
        for name in IMPROVERS:
            improver = known_improver(name)
            read["improver | bundled"].append(bool(circumventions_of(improver)))
            seen["improver | bundled"].append(is_seen_in_improver(improver, sandbox))
    print("\n| program | planted | found in the text | recorded when it ran |")
    print("| --- | --- | --- | --- |")
    for row in sorted(seen):
        texts = (found[row] for found in (read, seen))
        cells = (in_words(proportion(sum(each), len(each))) if each else "-" for each in texts)
        print(f"| {row} | {' | '.join(cells)} |")


def planted_programs(count: int) -> Iterator[tuple[Solution, Planting]]:
    """Yields programs made of every improver and of the task's seed solution, with the truth."""
    client = Planted(cheats=0.6, lookalikes=0.5)
    meta_utility = describe(1, SESSION, 1)
    subjects = [(known_improver(name).text, meta_utility) for name in IMPROVERS]
    subjects += [(SEED, TASK.source)] * (len(IMPROVERS) // 2)
    for number in range(count):
        program, utility = subjects[number % len(subjects)]
        message = f"A solution:\n```python\n{program}\n```\nIts utility:\n```python\n{utility}\n```"
        request = Request("", message, 0.7, "benchmark", number)
        code = code_in(replies_of(client, [request])[0].text)
        planting = client.planting(request)
        assert planting.kind is not Kind.NOTHING
        assert code is not None, "something is planted in every reply"
        yield Solution(code), planting


def is_seen_in_improver(program: Solution, sandbox: Sandbox) -> bool:
    """Tells whether the engine records an attempt when an improver is applied."""
    return apply(program, sandbox, varied).count(Attempted) > 0


def is_seen_in_solution(program: Solution, sandbox: Sandbox) -> bool:
    """Tells whether the engine records an attempt, or refuses the form of an answer."""
    events: list[Event] = []
    with ThreadPoolExecutor(1) as executor:
        host = Host(Scripted([]), sandbox, executor, events.append, Budget("run", {}))
        utility = TaskUtility(TASK, host, split=Split.TEST, stream="benchmark")
        score = evaluate(
            utility, program, budget=host.budget, place=Place(("score",)), listener=host.listener
        )
    refused = score.failures.get(Status.BAD_ANSWER, 0) > 0
    return refused or any(isinstance(event, Attempted) for event in events)


if __name__ == "__main__":
    main()
