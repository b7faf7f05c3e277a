"""Figures, drawn by Matplotlib (the extra ``analysis``)."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from selftaught.analysis.intervals import Estimate, Range
from selftaught.errors import UsageError
from selftaught.studies.figure import Chart, Curve, Figure, Panel

_FORMATS = (".svg", ".pdf", ".png")
_COLORS = ("0.5", "black", "#0072b2", "#d55e00", "#009e73")
"""Greys, then colors that the color-blind tell apart (Okabe and Ito)."""
_MARKERS = ("v", "s", "o", "^", "D")
_WHISKERS = {"capsize": 3, "elinewidth": 1.0, "linewidth": 1.6}
_MOST_COLUMNS = 3
_LETTERS_PER_INCH = 14
"""Of a title."""
_SPREAD = 0.06
_WIDEST = 0.36
"""Marks beside each other, and the room that they have; 1 is the distance of two means."""


def check_drawable(path: Path) -> None:
    """Makes sure, before hours of work, that a figure can be drawn.

    Raises:
        UsageError: The format is unknown, the folder is not there, or Matplotlib is missing.
    """
    if path.suffix.lower() not in _FORMATS:
        raise UsageError(f"figure {path}: expected a name that ends in {', '.join(_FORMATS)}")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"figure {path}: the folder {path.absolute().parent} does not exist")
    if path.is_dir():
        raise UsageError(f"figure {path}: expected a file, not a folder")
    _library("figure")


def draw(figure: Figure | Chart, path: Path) -> None:
    """Draws a figure into a file.

    Raises:
        UsageError: Matplotlib is missing, or the file cannot be written.
    """
    canvas = _library("figure").Figure(figsize=_size(figure), layout="constrained")
    width = int(_size(figure)[0] * _LETTERS_PER_INCH)
    title = "\n".join(textwrap.fill(line, width) for line in figure.title.splitlines())
    canvas.suptitle(title, fontsize=9, x=0.01, ha="left")
    match figure:
        case Figure():
            _draw_curves(canvas, figure)
        case Chart():
            _draw_chart(canvas, figure)
    try:
        # Without a date, the same figure is the same file.
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        canvas.savefig(path, dpi=200, metadata=metadata)
    except OSError as error:
        raise UsageError(f"figure {path}: {error.strerror or error}") from error


def _size(figure: Figure | Chart) -> tuple[float, float]:
    """Returns width and height, in inches."""
    if isinstance(figure, Figure):
        return 5.4, 3.6
    rows, columns = _grid(figure)
    return max(4.6, 2.7 * columns), 0.9 + 2.3 * rows


def _grid(chart: Chart) -> tuple[int, int]:
    columns = min(len(chart.panels), _MOST_COLUMNS)
    return math.ceil(len(chart.panels) / columns), columns


def _draw_curves(canvas: Any, figure: Figure) -> None:  # noqa: ANN401 - Matplotlib's
    axes = _axes(canvas, (1, 1, 1))
    for number, curve in enumerate(figure.curves):
        _add_curve(axes, curve, is_first=number == 0)
    axes.set_xlabel(figure.x_label)
    axes.set_ylabel(figure.y_label)
    axes.xaxis.set_major_locator(_library("ticker").MaxNLocator(integer=True))
    axes.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))


def _add_curve(axes: Any, curve: Curve, *, is_first: bool) -> None:  # noqa: ANN401 - Matplotlib's
    y = [value.mean for value in curve.y]
    style = {"label": curve.label, "marker": "o", "markersize": 3}
    if is_first:
        # Intervals of means that were measured apart from each other: no band connects them.
        axes.errorbar(curve.x, y, yerr=_reach(curve.y), **_WHISKERS, color="black", **style)
    else:
        axes.plot(curve.x, y, linewidth=0.8, alpha=0.7, **style)


def _draw_chart(canvas: Any, chart: Chart) -> None:  # noqa: ANN401 - Matplotlib's
    rows, columns = _grid(chart)
    for number, panel in enumerate(chart.panels):
        axes = _axes(canvas, (rows, columns, number + 1))
        _draw_panel(axes, panel)
        if number % columns == 0:
            axes.set_ylabel(chart.y_label, fontsize=8)
    handles, labels = canvas.axes[0].get_legend_handles_labels()
    canvas.legend(handles, labels, fontsize=7, frameon=False, ncols=3, loc="outside lower left")


def _draw_panel(axes: Any, panel: Panel) -> None:  # noqa: ANN401 - Matplotlib's
    for place, spot in enumerate(panel.spots):
        color, marker = _COLORS[place % len(_COLORS)], _MARKERS[place % len(_MARKERS)]
        offsets = [
            _SPREAD * (rank - (len(spot.points) - 1) / 2) for rank in range(len(spot.points))
        ]
        # A whole mark for every measurement, side by side where they are equal.
        width = max(1.0, len(spot.points) * _SPREAD / _WIDEST)
        x = [place - 0.18 + offset / width for offset in offsets]
        axes.plot(x, spot.points, marker, color=color, markersize=3, alpha=0.55, markeredgewidth=0)
        style = {"color": color, "marker": marker, "markersize": 6, "label": spot.label}
        axes.errorbar(
            [place + 0.18], [spot.mean.mean], yerr=_reach([spot.mean]), **_WHISKERS, **style
        )
    axes.set_title(panel.title, fontsize=8)
    axes.set_xticks([])
    axes.tick_params(labelsize=7)
    axes.set_xlim(-0.6, len(panel.spots) - 0.4)
    if panel.anchors is not None:
        _add_scale(axes, panel.anchors)


def _add_scale(axes: Any, anchors: Range) -> None:  # noqa: ANN401 - Matplotlib's
    zero, one = anchors

    def to_scale(value: Any) -> Any:  # noqa: ANN401 - Matplotlib's arrays
        return (value - zero) / (one - zero)

    def from_scale(value: Any) -> Any:  # noqa: ANN401 - Matplotlib's arrays
        return value * (one - zero) + zero

    for value in anchors:
        axes.axhline(value, color="0.6", linewidth=0.7, linestyle=":", zorder=0)
    scale = axes.secondary_yaxis("right", functions=(to_scale, from_scale))
    scale.set_yticks([0, 1])
    scale.tick_params(labelsize=7, colors="0.4")


def _axes(canvas: Any, place: tuple[int, int, int]) -> Any:  # noqa: ANN401 - Matplotlib's
    axes = canvas.add_subplot(*place)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return axes


def _reach(values: Sequence[Estimate]) -> list[list[float]]:
    """Returns how far intervals reach below and above means; nothing is drawn where none is."""
    below = [math.nan if each.low is None else max(each.mean - each.low, 0) for each in values]
    above = [math.nan if each.high is None else max(each.high - each.mean, 0) for each in values]
    return [below, above]


def _library(module: str) -> Any:  # noqa: ANN401 - a module without types
    try:
        return import_module(f"matplotlib.{module}")  # an extra, and slow to load
    except ImportError as error:
        raise UsageError(
            "figures need Matplotlib: pip install 'selftaught[analysis]'; --json has the numbers"
        ) from error
