"""The preset `paper` of all tasks: its names, its switches, its seeds."""

from __future__ import annotations

import pytest

from selftaught.description import Detail
from selftaught.errors import UsageError
from selftaught.instances import Split
from selftaught.parts import find_task
from selftaught.tasks import KNOWN, PRESETS
from selftaught.tasks.research import patched


@pytest.mark.parametrize("name", KNOWN)
def test_every_task_has_the_presets_standard_and_paper(name: str) -> None:
    for preset in PRESETS[name]:
        found = find_task(name, preset)

        assert (found.id, found.preset) == (name, preset)
        assert bool(found.defects) is (preset == "paper")
        assert bool(found.anchors) is (preset != "paper")
    assert next(iter(PRESETS[name])) == "standard"
    assert "paper" in PRESETS[name]


@pytest.mark.parametrize("name", KNOWN)
def test_every_defect_can_be_left_out_and_makes_another_task(name: str) -> None:
    paper = find_task(name, "paper")
    digests = {paper.digest}

    for defect in paper.defects:
        without = find_task(name, f"paper-without:{defect}")
        digests.add(without.digest)

        assert set(without.defects) == set(paper.defects) - {defect}
        assert without.preset == f"paper-without:{defect}"

    assert len(digests) == 1 + len(paper.defects)


def test_the_order_of_what_is_left_out_makes_no_difference() -> None:
    one, other = (
        find_task("max_cut", f"paper-without:{names}")
        for names in ("floor,many_labels", "many_labels,floor,floor")
    )

    assert one.preset == other.preset == "paper-without:floor,many_labels"
    assert one.digest == other.digest


@pytest.mark.parametrize(
    ("preset", "message"),
    [
        ("paper-without:slowness", "unknown defect of lpn 'slowness': known are fixed_instances, "),
        ("paper-without:flor", "unknown defect of lpn 'flor': did you mean 'floor'?"),
        ("paper-without:", "unknown defect of lpn ''"),
        ("paper-without:floor,", "unknown defect of lpn ''"),
        ("standard-without:floor", r"known are hard, paper, standard \(or give paper-without:DEF"),
    ],
)
def test_what_cannot_be_left_out_is_answered_with_what_can(preset: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        find_task("lpn", preset)


@pytest.mark.parametrize("name", KNOWN)
def test_the_papers_seeds_are_those_of_the_research_code_whatever_the_run(name: str) -> None:
    paper = find_task(name, "paper")

    for run_seed, stream in ((0, "a"), (7, "b")):
        drawn = {
            split: paper.draw_seeds(run_seed, split, stream, paper.counts[split]) for split in Split
        }

        assert drawn[Split.SEARCH][0] == 4321
        assert drawn[Split.TEST][0] == 5678
        assert len(set.union(*map(set, drawn.values()))) == sum(paper.counts.values())


@pytest.mark.parametrize("name", KNOWN)
def test_without_fixed_instances_every_run_and_stream_draws_its_own(name: str) -> None:
    mended = find_task(name, "paper-without:fixed_instances")
    seeds = [mended.draw_seeds(run, Split.TEST, stream, 3) for run in (0, 1) for stream in "ab"]

    assert len({seed for each in seeds for seed in each}) == 12
    for seed in seeds[0]:
        mended.instance(seed)


@pytest.mark.parametrize("name", KNOWN)
def test_the_text_of_the_paper_misleads_unless_that_is_left_out(name: str) -> None:
    paper, honest = find_task(name, "paper"), find_task(name, "paper-without:misleading_text")

    assert paper.describe() != honest.describe()
    assert honest.source == paper.scoring_source == honest.scoring_source
    assert f"{honest.counts[Split.SEARCH]} instances" in " ".join(honest.describe().split())
    assert paper.scoring_source.strip() in paper.describe(Detail.FULL_SOURCE)


def test_a_passage_that_a_text_lacks_cannot_be_replaced() -> None:
    with pytest.raises(AssertionError, match="expected once: 'b'"):
        patched("a", ("b", "c"))
