"""Learning parity with noise (paper, section 5.1).

``standard``: the sizes of the paper; a failed instance costs only itself, and every session draws
instances of its own. ``hard``: so many bits that trying all parities does not fit into the time; at
the paper's size that gets 100 %. ``paper``: sizes, counts, draws and rules of the research code.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources

import numpy as np

from selftaught.sandbox import Limits
from selftaught.solution import Solution
from selftaught.task import Anchors, Arguments, Split, Task, Verdict
from selftaught.task_files import functions_of, with_constants

_TITLE = "Learn a parity of some of the bits from labelled samples, with noise."
_HARD = {"N_BITS": 32, "N_TRAIN": 400}
"""A table of all 2**32 parities does not fit into the memory either."""
_RESEARCH_SEEDS = {Split.SEARCH: 4321, Split.TEST: 5678, Split.GATE: 8765}
"""The research code has the first two; the gate is ours."""


def task(preset: str) -> Task:
    """Returns the task in one of its presets."""
    source = _text("utility.py")
    if preset == "hard":
        source = with_constants(source, _HARD)
    instance, score = functions_of(source, "lpn/utility.py")
    standard = Task(
        id="lpn",
        title=_TITLE,
        preset=preset,
        seed=Solution(_text("seed.py")),
        reference=Solution(_text("reference.py")),
        source=source,
        instance=instance,
        score=score,
        counts={Split.SEARCH: 6, Split.GATE: 6, Split.TEST: 12},
        limits=Limits(cpu_seconds=1.0),
        anchors=Anchors(seed=0.5, reference=1.0),
    )
    return standard if preset != "paper" else _as_in_the_paper(standard)


def _as_in_the_paper(task: Task) -> Task:
    return replace(
        task,
        instance=_research_instance,
        draw_seeds=_research_seeds,
        counts={Split.SEARCH: 20, Split.GATE: 20, Split.TEST: 50},
        limits=Limits(cpu_seconds=2.0),
        aggregate=_one_failure_fails_all,
        note="If a call fails, the utility of the whole program is 0.",
    )


def _research_seeds(run_seed: int, split: Split, stream: str, count: int) -> list[int]:  # noqa: ARG001
    return [_RESEARCH_SEEDS[split] + number for number in range(count)]


def _research_instance(seed: int) -> tuple[Arguments, object]:
    """Draws as the research code does, in its order, from NumPy's legacy generator."""
    rng = np.random.RandomState(seed)
    subset = rng.binomial(1, 0.3, 10)
    samples = rng.binomial(1, 0.5, (120, 10))
    labels = (samples * subset).sum(axis=1) % 2
    train_labels = (labels[:100] + rng.binomial(1, 0.05, 100)) % 2
    return (samples[:100], train_labels, samples[100:]), labels[100:]


def _one_failure_fails_all(verdicts: Sequence[Verdict]) -> float:
    """The rule of the research code: any time-out or exception gives 1e-6 for the whole utility."""
    if any(verdict.failure for verdict in verdicts):
        return 1e-6
    return math.fsum(verdict.score for verdict in verdicts) / len(verdicts)


def _text(name: str) -> str:
    return (resources.files(__name__) / name).read_text("utf-8")
