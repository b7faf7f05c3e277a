"""Figures in files; numbers are in the tests of studies."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from selftaught.analysis.intervals import Estimate, Measured, Method
from selftaught.errors import UsageError
from selftaught.studies.figure import Chart, Curve, Figure, Panel, Spot
from selftaught.studies.figures import check_drawable, draw


def runs(mean: float, reach: float | None = 0.1) -> Estimate:
    if reach is None:
        return Estimate(mean, None, None, 1, Measured.RUNS, Method.SINGLE)
    return Estimate(mean, mean - reach, mean + reach, 3, Measured.RUNS)


CURVES = Figure(
    "Figure 4, again",
    "t",
    "meta-utility",
    (
        Curve("mean", (0, 1, 2), (runs(0.5), runs(0.6, None), runs(0.7))),
        Curve("run 1", (0, 1, 2), (runs(0.5), runs(0.65), runs(0.7))),
    ),
)
POINTS = (0.51, 0.62, 0.68)
CHART = Chart(
    "Table 1, again: a title that is longer than the figure is wide, so that it must be broken",
    "meta-utility",
    (
        Panel(
            "parity",
            (Spot("u(s)", runs(0.5, None), (0.5,)), Spot("improved", runs(0.6), POINTS)),
            anchors=(0.5, 1.0),
        ),
        Panel("max_cut", (Spot("u(s)", runs(1004), (1004.0,)), Spot("improved", runs(1171), ()))),
    ),
)


@pytest.mark.parametrize("figure", [CURVES, CHART])
@pytest.mark.parametrize(
    ("name", "start"), [("a.svg", b"<?xml"), ("a.pdf", b"%PDF"), ("a.png", b"\x89PNG")]
)
def test_a_figure_is_drawn_in_every_format(
    figure: Figure | Chart, name: str, start: bytes, tmp_path: Path
) -> None:
    draw(figure, tmp_path / name)

    assert (tmp_path / name).read_bytes().startswith(start)


def test_the_axis_of_t_has_whole_numbers_only(tmp_path: Path) -> None:
    draw(CURVES, tmp_path / "a.svg")

    # Matplotlib writes each label as a comment above the paths of its letters.
    labels = re.findall(r"<!-- (\S+) -->", (tmp_path / "a.svg").read_text())
    assert [label for label in labels if label in ("0", "1", "2", "0.5", "1.5")] == ["0", "1", "2"]


def test_the_same_figure_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        draw(CHART, tmp_path / name)

    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.gif", "expected a name that ends in .svg, .pdf, .png"),
        ("a", "expected a name that ends in"),
        ("no/such/a.svg", "does not exist"),
        ("folder.svg", "expected a file, not a folder"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_the_work(
    name: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "folder.svg").mkdir()

    with pytest.raises(UsageError, match=message):
        check_drawable(tmp_path / name)


def test_a_file_that_cannot_be_written_is_an_error_of_usage(tmp_path: Path) -> None:
    (tmp_path / "a.svg").mkdir()

    with pytest.raises(UsageError, match="Is a directory"):
        draw(CURVES, tmp_path / "a.svg")


def test_without_matplotlib_it_is_said_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What Python itself does for a module that must not be imported.
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    with pytest.raises(UsageError, match=r"pip install 'selftaught\[analysis\]'"):
        check_drawable(tmp_path / "a.svg")


def drawn(figure: Figure | Chart, path: Path) -> str:
    draw(figure, path)
    return path.read_text()


def test_a_chart_has_a_mark_for_every_run(tmp_path: Path) -> None:
    spot = CHART.panels[0].spots[1]
    without = replace(spot, points=())
    panels = [Panel("parity", (each,)) for each in (spot, without)]

    marks = [
        drawn(replace(CHART, panels=(panel,)), tmp_path / f"{rank}.svg").count("<use ")
        for rank, panel in enumerate(panels)
    ]

    assert marks[0] - marks[1] == len(POINTS)


def test_a_panel_with_anchors_has_a_line_for_each(tmp_path: Path) -> None:
    panel = CHART.panels[0]

    dotted = [
        drawn(replace(CHART, panels=(each,)), tmp_path / "a.svg").count("stroke-dasharray")
        for each in (panel, replace(panel, anchors=None))
    ]

    assert dotted == [2, 0]


def test_a_long_title_is_broken_and_not_cut(tmp_path: Path) -> None:
    text = drawn(replace(CHART, panels=CHART.panels[1:]), tmp_path / "a.svg")

    # Matplotlib writes each line as a comment above the paths of its letters.
    comments = re.findall(r"<!-- (.*?) -->", text)
    lines = [line for line in comments if line in CHART.title]
    assert len(lines) > 1
    assert " ".join(lines) == CHART.title


def test_without_an_interval_no_whiskers_are_drawn(tmp_path: Path) -> None:
    spot = CHART.panels[0].spots[1]
    single = replace(spot, mean=runs(0.6, None))

    paths = [
        drawn(replace(CHART, panels=(Panel("parity", (each,)),)), tmp_path / "a.svg")
        for each in (spot, single)
    ]

    assert paths[0].count("LineCollection") >= paths[1].count("LineCollection")
    assert len(paths[1]) < len(paths[0])
