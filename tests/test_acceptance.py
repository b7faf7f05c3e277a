"""Who becomes the next improver."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.acceptance import (
    QUIRKS,
    RULES,
    Acceptance,
    Gated,
    Measure,
    Official,
    Paper,
    Quirk,
    Rule,
    acceptance_of,
    checked_protocol,
    rule_of,
)
from selftaught.errors import UsageError
from selftaught.sign_flip import sign_flip_p
from selftaught.solution import Solution
from selftaught.task import Split

OLD, NEW = Solution("def old(): pass"), Solution("def new(): pass")


def measuring(old: list[float], new: list[float]) -> tuple[Measure, list[tuple[Solution, Split]]]:
    asked: list[tuple[Solution, Split]] = []

    def measure(improver: Solution, split: Split) -> tuple[float, ...]:
        asked.append((improver, split))
        return tuple(old if improver == OLD else new)

    return measure, asked


def exact_p(differences: list[int]) -> Fraction:
    """Returns the p value by going through all signs of whole numbers."""
    flips = list(itertools.product((1, -1), repeat=len(differences)))
    observed = sum(differences)
    sums = [sum(sign * abs(d) for sign, d in zip(flip, differences, strict=True)) for flip in flips]
    return Fraction(sum(total >= observed for total in sums), len(flips))


def test_the_paper_accepts_without_measuring() -> None:
    measure, asked = measuring([1.0], [0.0])

    decision = Paper().decide(OLD, NEW, measure)

    assert decision.accepted
    assert decision.subject == NEW
    assert asked == []


@pytest.mark.parametrize(("scores", "accepted"), [([0.0, 0.0], False), ([0.0, 1e-9], True)])
def test_the_research_code_rejects_only_a_score_of_exactly_0(
    scores: list[float], accepted: bool
) -> None:
    measure, asked = measuring([1.0, 1.0], scores)

    decision = Official().decide(OLD, NEW, measure)

    assert decision.accepted is accepted
    assert decision.subject == NEW
    assert asked == [(NEW, Split.SEARCH)]


def test_program_and_text_stay_together_where_that_switch_is_off() -> None:
    measure, _ = measuring([0.5] * 3, [0.0] * 3)

    decision = Official(text_falls_apart=False).decide(OLD, NEW, measure)

    assert not decision.accepted
    assert decision.subject == OLD


@pytest.mark.parametrize("quirk", Quirk)
def test_a_protocol_leaves_out_the_quirks_that_it_names(quirk: Quirk) -> None:
    protocol = f"official-without:{quirk}"

    official = acceptance_of(protocol)

    assert official == Official(**{str(each): each is not quirk for each in QUIRKS})
    assert acceptance_of("official") == Official()
    assert (rule_of(protocol), checked_protocol(protocol)) == (Rule.OFFICIAL, protocol)


def test_the_order_of_what_is_left_out_makes_no_other_protocol() -> None:
    first, second = Quirk.TEXT_FALLS_APART, Quirk.FAILURE_IS_ZERO

    names = {checked_protocol(f"official-without:{a},{b},{a}") for a, b in [(first, second)]}

    assert names == {checked_protocol(f"official-without:{second},{first}")}


@pytest.mark.parametrize(
    ("protocol", "message"),
    [
        ("oficial", "unknown protocol 'oficial': did you mean 'official'?"),
        ("official-without:", "unknown quirk of official ''"),
        ("official-without:text", "known are failure_is_zero, text_falls_apart"),
        ("paper-without:failure_is_zero", "unknown protocol 'paper-without:failure_is_zero'"),
        ("official-failure_is_zero", "or give official-without:"),
    ],
)
def test_what_is_no_protocol_is_told_what_is(protocol: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        acceptance_of(protocol)

    assert message in str(caught.value)


@pytest.mark.parametrize("rule", Rule)
def test_what_was_never_returned_is_not_accepted_and_the_text_stays(rule: Rule) -> None:
    decision = RULES[rule]().keep(OLD, "it raised")

    assert (decision.accepted, decision.subject) == (False, OLD)
    assert decision.reason.startswith("no program came back: it raised; ")
    assert ("algorithm 1 is silent" in decision.reason) is (rule is Rule.PAPER)


def test_the_gate_accepts_what_is_clearly_better() -> None:
    measure, asked = measuring([0.1] * 8, [0.5] * 8)

    decision = Gated().decide(OLD, NEW, measure)

    assert decision.accepted
    assert decision.subject == NEW
    assert decision.gate == (0.5,) * 8
    assert decision.incumbent_gate == (0.1,) * 8
    assert decision.reason == "gain +0.400 in 8 pairs, p = 0.00391 <= 0.05"
    assert sorted(asked, key=str) == sorted([(OLD, Split.GATE), (NEW, Split.GATE)], key=str)


def test_a_loss_too_small_to_print_is_no_negative_zero() -> None:
    measure, _ = measuring([0.1] * 8, [0.0999] * 8)

    assert Gated().decide(OLD, NEW, measure).reason.startswith("gain +0.000 in 8 pairs, ")


@pytest.mark.parametrize("new", [[0.1] * 8, [0.0] * 8, [0.9, 0.0] * 4, [0.9] * 4 + [0.1] * 4])
def test_the_gate_keeps_the_incumbent_otherwise(new: list[float]) -> None:
    measure, _ = measuring([0.1] * 8, new)

    decision = Gated().decide(OLD, NEW, measure)

    assert not decision.accepted
    assert decision.subject == OLD
    assert decision.reason.endswith("> 0.05")
    assert decision.gate == tuple(new)


def test_the_gate_measures_nothing_where_nothing_changed() -> None:
    measure, asked = measuring([0.1], [0.1])

    decision = Gated().decide(OLD, Solution(f"\n{OLD.text}\n"), measure)

    assert not decision.accepted
    assert decision.reason == "it is the incumbent itself"
    assert asked == []


def test_fewer_than_five_pairs_are_never_enough() -> None:
    for pairs, accepted in ((4, False), (5, True)):
        measure, _ = measuring([0.0] * pairs, [1.0] * pairs)

        assert Gated().decide(OLD, NEW, measure).accepted is accepted


def test_the_gate_can_be_stricter() -> None:
    measure, _ = measuring([0.0] * 6, [1.0] * 6)

    assert not Gated(alpha=0.01).decide(OLD, NEW, measure).accepted


def test_there_is_a_rule_for_every_name() -> None:
    rules: dict[Rule, Acceptance] = {name: RULES[name]() for name in Rule}

    assert set(rules) == set(RULES)
    assert RULES[Rule.GATED]() == Gated(alpha=0.05)


@pytest.mark.parametrize("zeros", [0, 1, 5, 20])
def test_no_difference_at_all_has_a_p_of_1(zeros: int) -> None:
    assert sign_flip_p([0.0] * zeros) == 1.0


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([1], 1 / 2),
        ([-1], 1),
        ([1, 1, 1], 1 / 8),
        ([1, 1, -1], 1 / 2),
        ([3, 2, -1], 1 / 4),
        ([-1, -1, -1], 1),
        ([5, 0, 0, 5], 1 / 4),
    ],
)
def test_small_cases_have_the_p_that_counting_gives(differences: list[int], p: float) -> None:
    assert sign_flip_p([float(d) for d in differences]) == p


@given(st.lists(st.integers(-20, 20), max_size=9))
def test_the_exact_p_is_that_of_brute_force(differences: list[int]) -> None:
    p = sign_flip_p([difference / 10 for difference in differences])

    assert p == pytest.approx(float(exact_p(differences)), abs=1e-12)


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=9), st.integers(-60, 60))
def test_the_unit_of_the_scores_does_not_matter(differences: list[int], exponent: int) -> None:
    tenths = [difference / 10 for difference in differences]

    assert sign_flip_p([d * 2.0**exponent for d in tenths]) == sign_flip_p(tenths)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=9), st.randoms())
def test_neither_order_nor_pairs_without_difference_matter(
    differences: list[float], rng: random.Random
) -> None:
    shuffled = [*differences, 0.0, 0.0]
    rng.shuffle(shuffled)

    assert sign_flip_p(shuffled) == sign_flip_p(differences)


@given(st.lists(st.floats(-1, 1), max_size=16))
def test_p_is_a_probability_and_never_0(differences: list[float]) -> None:
    p = sign_flip_p(differences)

    assert 0 < p <= 1


@pytest.mark.parametrize("size", [1.0, 1e-6, 1e6])
def test_many_differences_of_one_sign_have_the_smallest_p_that_can_be_sampled(size: float) -> None:
    assert sign_flip_p([size] * 40) == 1 / 4001


def test_the_sampled_p_is_close_to_the_exact_one() -> None:
    differences = [3, 1, -2, 4, 1, -1, 2, -3, 1, 2, 2, -1, 1]

    p = sign_flip_p([float(difference) for difference in differences])

    assert p == pytest.approx(float(exact_p(differences)), abs=0.03)


def test_the_sampled_p_is_the_same_every_time() -> None:
    differences = [random.Random(1).gauss(0.3) for _ in range(30)]

    assert sign_flip_p(differences) == sign_flip_p(differences)


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.25])
def test_an_equal_challenger_passes_about_alpha_of_the_time(alpha: float) -> None:
    rng = random.Random(7)
    rounds = 1500

    passed = sum(sign_flip_p([rng.gauss() for _ in range(7)]) <= alpha for _ in range(rounds))

    assert passed / rounds <= alpha + 0.02
    assert passed / rounds >= alpha - 0.03


def test_an_equal_challenger_with_ties_passes_no_more_often() -> None:
    rng = random.Random(8)
    rounds = 1500

    passed = sum(
        sign_flip_p([rng.choice((-0.5, -0.25, 0.0, 0.0, 0.25, 0.5)) for _ in range(8)]) <= 0.05
        for _ in range(rounds)
    )

    assert passed / rounds <= 0.06
