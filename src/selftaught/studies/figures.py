"""Figures, drawn by Matplotlib (the extra ``analysis``)."""

from __future__ import annotations

import math
from importlib import import_module
from pathlib import Path
from typing import Any

from selftaught.errors import UsageError
from selftaught.studies.figure import Bars, Chart, Curve, Figure

_FORMATS = (".svg", ".pdf", ".png")
_COLORS = ("0.85", "0.6", "#0072b2", "#e69f00", "#56b4e9")
"""Of the bars in a group: greys, then colors that the color-blind tell apart (Okabe and Ito)."""


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
    axes = canvas.add_subplot()
    match figure:
        case Figure():
            _draw_curves(axes, figure)
        case Chart():
            _draw_chart(axes, figure)
    axes.set_title(figure.title, fontsize=9, loc="left")
    axes.set_ylabel(figure.y_label)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    try:
        # Without a date, the same figure is the same file.
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        canvas.savefig(path, dpi=200, metadata=metadata)
    except OSError as error:
        raise UsageError(f"figure {path}: {error.strerror or error}") from error


def _size(figure: Figure | Chart) -> tuple[float, float]:
    """Returns width and height, in inches."""
    return (5.0, 3.4) if isinstance(figure, Figure) else (2.8 + 1.3 * len(figure.groups), 3.4)


def _draw_curves(axes: Any, figure: Figure) -> None:  # noqa: ANN401 - Matplotlib's
    for number, curve in enumerate(figure.curves):
        _add_curve(axes, curve, is_first=number == 0)
    axes.set_xlabel(figure.x_label)
    axes.xaxis.set_major_locator(_library("ticker").MaxNLocator(integer=True))
    axes.legend(fontsize=7, frameon=False)


def _add_curve(axes: Any, curve: Curve, *, is_first: bool) -> None:  # noqa: ANN401 - Matplotlib's
    style = {"color": "black", "linewidth": 2.0} if is_first else {"linewidth": 0.8, "alpha": 0.6}
    axes.plot(curve.x, curve.y, marker="o", markersize=3, label=curve.label, **style)
    if curve.low:
        axes.fill_between(curve.x, curve.low, curve.high, color="black", alpha=0.12, linewidth=0)


def _draw_chart(axes: Any, chart: Chart) -> None:  # noqa: ANN401 - Matplotlib's
    width = 0.8 / len(chart.bars)
    for number, bars in enumerate(chart.bars):
        offset = (number - (len(chart.bars) - 1) / 2) * width
        places = [group + offset for group in range(len(chart.groups))]
        style = {"width": width, "color": _COLORS[number % len(_COLORS)]}
        error = {"capsize": 2, "ecolor": "0.2", "error_kw": {"linewidth": 0.8}}
        heights = [value.mean for value in bars.values]
        axes.bar(places, heights, label=bars.label, yerr=_errors(bars), **style, **error)
    axes.set_xticks(range(len(chart.groups)), chart.groups, fontsize=7)
    axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _errors(bars: Bars) -> tuple[list[float], list[float]]:
    """Returns how far intervals reach below and above; an endless one is not drawn."""
    below = [value.mean - value.low for value in bars.values]
    above = [value.high - value.mean for value in bars.values]
    return [_drawn(each) for each in below], [_drawn(each) for each in above]


def _drawn(reach: float) -> float:
    return max(reach, 0.0) if math.isfinite(reach) else 0.0


def _library(module: str) -> Any:  # noqa: ANN401 - a module without types
    try:
        return import_module(f"matplotlib.{module}")  # an extra, and slow to load
    except ImportError as error:
        raise UsageError(
            "figures need Matplotlib: pip install 'selftaught[analysis]'; --json has the numbers"
        ) from error
