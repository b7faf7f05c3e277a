"""Figures in files; numbers are in the tests of studies."""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import pytest

from selftaught.analysis.intervals import Estimate
from selftaught.errors import UsageError
from selftaught.studies.figure import Bars, Chart, Curve, Figure
from selftaught.studies.figures import check_drawable, draw

CURVES = Figure(
    "Figure 4, again",
    "t",
    "meta-utility",
    (
        Curve("mean", (0, 1, 2), (0.5, 0.6, 0.7), (0.4, 0.5, 0.6), (0.6, 0.7, 0.8)),
        Curve("run 1", (0, 1, 2), (0.5, 0.65, 0.7)),
    ),
)
BARS = Chart(
    "Table 1, again",
    "meta-utility",
    ("parity", "max_cut"),
    (
        Bars("u(s)", (Estimate(0.5, 0.4, 0.6, 3), Estimate(0.2, 0.2, 0.2, 3))),
        Bars("improved", (Estimate(0.6, -math.inf, math.inf, 1), Estimate(0.3, 0.2, 0.4, 3))),
    ),
)


@pytest.mark.parametrize("figure", [CURVES, BARS])
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
        draw(BARS, tmp_path / name)

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
