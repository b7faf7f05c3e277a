"""Figures, drawn by Matplotlib (the extra ``analysis``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from selftaught.errors import UsageError
from selftaught.studies.study import Curve, Figure

_FORMATS = (".svg", ".pdf", ".png")


def check_drawable(path: Path) -> None:
    """Makes sure, before hours of work, that a figure can be drawn.

    Raises:
        UsageError: The format is unknown, the folder is not there, or Matplotlib is missing.
    """
    if path.suffix.lower() not in _FORMATS:
        raise UsageError(f"figure {path}: expected a name that ends in {', '.join(_FORMATS)}")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"figure {path}: the folder {path.absolute().parent} does not exist")
    _library()


def draw(figure: Figure, path: Path) -> None:
    """Draws a figure into a file.

    Raises:
        UsageError: Matplotlib is missing, or the file cannot be written.
    """
    library = _library()
    canvas = library.Figure(figsize=(5.0, 3.4), layout="constrained")
    axes = canvas.add_subplot()
    for number, curve in enumerate(figure.curves):
        _add(axes, curve, is_first=number == 0)
    axes.set(title=figure.title, xlabel=figure.x_label, ylabel=figure.y_label)
    axes.legend(fontsize=7, frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    try:
        # Without a date, the same figure is the same file.
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        canvas.savefig(path, dpi=200, metadata=metadata)
    except OSError as error:
        raise UsageError(f"figure {path}: {error.strerror or error}") from error


def _add(axes: Any, curve: Curve, *, is_first: bool) -> None:  # noqa: ANN401 - Matplotlib's
    style = {"color": "black", "linewidth": 2.0} if is_first else {"linewidth": 0.8, "alpha": 0.6}
    axes.plot(curve.x, curve.y, marker="o", markersize=3, label=curve.label, **style)
    if curve.low:
        axes.fill_between(curve.x, curve.low, curve.high, color="black", alpha=0.12, linewidth=0)


def _library() -> Any:  # noqa: ANN401 - a module without types
    try:
        from matplotlib import figure  # noqa: PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise UsageError(
            "figures need Matplotlib: pip install 'selftaught[analysis]'; --json has the numbers"
        ) from error
    return figure
