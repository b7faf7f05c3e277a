"""Learning parity with noise, in all its presets."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from selftaught.errors import UsageError
from selftaught.parts import find_task
from selftaught.sandbox import Outcome, Status
from selftaught.task import Split
from selftaught.task_utility import judge
from selftaught.tasks import PRESETS
from selftaught.tasks.lpn import task
from selftaught.utility import Score

Array = NDArray[np.int64]

EXHAUSTIVE = """
import numpy as np

def algorithm(train_samples, train_labels, test_samples):
    n_bits = train_samples.shape[1]
    subsets = (np.arange(1 << n_bits)[:, None] >> np.arange(n_bits)) & 1
    agreements = (train_samples @ subsets.T % 2 == train_labels[:, None]).sum(axis=0)
    return test_samples @ subsets[agreements.argmax()] % 2
"""

Scorer = Callable[..., Score]


def drawn(preset: str, seed: int) -> tuple[Array, Array, Array, Array]:
    (samples, labels, test_samples), expected = task(preset).instance(seed)
    return samples, labels, test_samples, expected  # type: ignore[return-value]


def research_draw(seed: int) -> tuple[Array, Array, Array, Array]:
    """Draws in the order that section 6 of our notes on the paper lists."""
    generator = np.random.RandomState(seed)
    true_bits = generator.binomial(1, 0.3, 10)
    samples = generator.binomial(1, 0.5, (120, 10))
    masked = samples * true_bits
    parity = np.sum(masked, axis=1) % 2
    train_samples, test_samples = samples[:100], samples[100:]
    train_parity, test_parity = parity[:100], parity[100:]
    noise = generator.binomial(1, 0.05, 100)
    return train_samples, (train_parity + noise) % 2, test_samples, test_parity


def test_every_preset_is_found_by_its_name() -> None:
    for preset in PRESETS["lpn"]:
        found = find_task("lpn", preset)

        assert (found.id, found.preset) == ("lpn", preset)


def test_a_preset_that_does_not_exist_is_answered_with_all_that_do() -> None:
    with pytest.raises(UsageError, match="known are hard, paper, standard"):
        find_task("lpn", "easy")


@pytest.mark.parametrize(
    ("preset", "bits", "train", "test"),
    [("standard", 10, 100, 20), ("hard", 32, 400, 20), ("paper", 10, 100, 20)],
)
def test_instances_have_the_sizes_of_their_preset(
    preset: str, bits: int, train: int, test: int
) -> None:
    samples, labels, test_samples, expected = drawn(preset, 3)

    assert samples.shape == (train, bits)
    assert labels.shape == (train,)
    assert test_samples.shape == (test, bits)
    assert expected.shape == (test,)
    for array in (samples, labels, test_samples, expected):
        assert set(np.unique(array)) <= {0, 1}


@pytest.mark.parametrize("preset", PRESETS["lpn"])
def test_the_same_seed_draws_the_same_instance_and_another_seed_another(preset: str) -> None:
    first, again, other = drawn(preset, 1), drawn(preset, 1), drawn(preset, 2)

    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_about_a_twentieth_of_the_training_labels_are_flipped_and_no_test_label() -> None:
    flips = []
    for seed in range(40):
        samples, labels, test_samples, expected = drawn("standard", seed)
        subsets = (np.arange(1 << 10)[:, None] >> np.arange(10)) & 1
        wrong = (samples @ subsets.T % 2 != labels[:, None]).sum(axis=0)
        best = subsets[wrong.argmin()]
        flips.append(wrong.min())

        assert np.array_equal(test_samples @ best % 2, expected)

    assert 0.03 < sum(flips) / 4000 < 0.07


@pytest.mark.parametrize("preset", PRESETS["lpn"])
def test_the_description_is_python_and_shows_what_scores(preset: str) -> None:
    lpn = task(preset)

    description = lpn.describe()

    ast.parse(description)
    assert lpn.source.strip() in description
    assert ("N_BITS = 32" in description) is (preset == "hard")


@pytest.mark.parametrize("preset", PRESETS["lpn"])
def test_the_reference_beats_the_seed(scored: Scorer, preset: str) -> None:
    lpn = task(preset)
    assert lpn.reference

    seed, reference = scored(lpn, lpn.seed, count=5), scored(lpn, lpn.reference, count=5)

    assert 0.3 < seed.value < 0.7
    assert reference.value > 0.97
    assert reference.failures == {}


def test_the_anchors_are_the_scores_of_seed_and_reference(scored: Scorer) -> None:
    lpn = task("standard")
    assert lpn.anchors
    assert lpn.reference

    assert scored(lpn, lpn.seed).value == pytest.approx(lpn.anchors.seed, abs=0.1)
    assert scored(lpn, lpn.reference).value == pytest.approx(lpn.anchors.reference, abs=0.02)


@pytest.mark.parametrize("seed", [4321, 4322, 4340, 5678, 5727])
def test_the_papers_instances_are_those_of_the_research_code(seed: int) -> None:
    ours, research = drawn("paper", seed), research_draw(seed)

    assert all(np.array_equal(a, b) for a, b in zip(ours, research, strict=True))


def test_the_papers_seeds_are_those_of_the_research_code_whatever_the_run() -> None:
    lpn = task("paper")

    for run_seed, stream in ((0, "a"), (7, "b")):
        search = lpn.draw_seeds(run_seed, Split.SEARCH, stream, lpn.counts[Split.SEARCH])
        test = lpn.draw_seeds(run_seed, Split.TEST, stream, lpn.counts[Split.TEST])

        assert search == list(range(4321, 4341))
        assert test == list(range(5678, 5728))


def test_the_papers_splits_are_disjoint() -> None:
    lpn = task("paper")
    seeds = [set(lpn.draw_seeds(0, split, "a", lpn.counts[split])) for split in Split]

    assert len(set.union(*seeds)) == 90


@pytest.mark.parametrize("split", [Split.SEARCH, Split.TEST])
def test_trying_all_parities_solves_the_papers_size(scored: Scorer, split: Split) -> None:
    assert scored(task("paper"), EXHAUSTIVE, split=split).value == 1.0


def test_a_program_that_cannot_be_loaded_scores_0_in_the_paper_and_one_that_fails_more(
    scored: Scorer,
) -> None:
    not_loaded, failing = "1 / 0", "def algorithm(*arguments): 1 / 0"
    paper, without = task("paper"), task("paper-without:floor")

    assert [scored(paper, each).value for each in (not_loaded, failing)] == [0.0, 1e-6]
    assert [scored(without, each).value for each in (not_loaded, failing)] == [0.0, 0.0]


def test_one_failure_costs_the_whole_utility_in_the_paper_alone(scored: Scorer) -> None:
    fails_once = f"{EXHAUSTIVE}\nfirst, calls = algorithm, []\n" + (
        "def algorithm(*arguments):\n"
        "    calls.append(1)\n"
        "    return first(*arguments) if len(calls) != 2 else 1 / 0\n"
    )

    assert scored(task("paper"), fails_once).value == 1e-6
    assert scored(task("standard"), fails_once, count=10).value == pytest.approx(0.9, abs=0.01)


def test_trying_parities_one_by_one_is_out_of_reach_of_the_hard_size() -> None:
    samples, labels, _, _ = drawn("hard", 1)
    bits = samples.shape[1]
    tried = 1 << 12
    subsets = ((np.arange(tried)[:, None] >> np.arange(bits)) & 1).astype(np.float32)
    start = time.process_time()

    agreements = (samples.astype(np.float32) @ subsets.T % 2 == labels[:, None]).sum(axis=0)

    seconds = time.process_time() - start
    assert len(agreements) == tried
    assert seconds * (1 << bits) / tried > 5 * task("hard").limits.cpu_seconds


def value_of(answer: object, expected: object = None) -> float:
    lpn = task("standard")
    labels = drawn("standard", 1)[3] if expected is None else expected
    return judge(lpn, Outcome(Status.OK, answer), labels).score


def test_a_right_answer_scores_1_in_whatever_it_is_written() -> None:
    labels = drawn("standard", 1)[3]

    for answer in (labels, list(map(int, labels)), tuple(map(float, labels)), labels == 1):
        assert value_of(answer) == 1.0


@pytest.mark.parametrize(
    "answer",
    [
        None,
        (),
        [],
        np.zeros(0),
        np.zeros((0, 20)),
        "",
        "01" * 10,
        b"\x00\x01" * 10,
        ["0", "1"] * 10,
        [None] * 20,
        {},
        dict.fromkeys(range(20), 1),
        {0, 1},
        0,
        1,
        0.5,
        True,
        [0.5] * 20,
        [float("nan")] * 20,
        [2] * 20,
        [0, 1],
        [0] * 19,
        [0] * 21,
        [[0, 1]] * 20,
        [[[0] * 20, [1] * 20]] * 20,
        np.tile([0, 1], (20, 1)),
        np.arange(400).reshape(20, 20) % 2,
        [[0], [0, 1]] * 10,
    ],
    ids=range(28),
)
def test_an_answer_of_a_wrong_shape_or_kind_scores_no_more_than_the_floor(answer: object) -> None:
    assert value_of(answer) <= task("standard").floor


def test_a_huge_number_is_an_ordinary_wrong_answer() -> None:
    assert value_of(10**5000) == 0.0
    assert value_of([10**5000] * 20) == 0.0


def test_a_column_gains_nothing_over_a_row() -> None:
    rng = np.random.default_rng(1)

    for _ in range(20):
        row = rng.integers(0, 2, 20)

        assert value_of(row.reshape(20, 1)) == value_of(row.reshape(1, 20)) == value_of(row)


@pytest.mark.parametrize("empty", [[], (), np.zeros(0), np.zeros((0, 1)), "", {}])
def test_an_empty_answer_never_equals_anything(empty: object) -> None:
    assert value_of(empty, drawn("standard", 1)[3]) == 0.0
    assert value_of(empty, drawn("hard", 1)[3]) == 0.0
