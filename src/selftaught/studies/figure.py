"""What a figure shows, whoever draws it."""

from __future__ import annotations

from dataclasses import dataclass

from selftaught.analysis.intervals import Estimate, Range


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of a figure: a mean over the same number of measurements at each place."""

    label: str
    x: tuple[int, ...]
    y: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """Curves over whole numbers; the first is the one that matters, with its intervals."""

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A mean with its interval, and each measurement behind it."""

    label: str
    mean: Estimate
    points: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Means side by side, in a unit of their own."""

    title: str
    spots: tuple[Spot, ...]
    anchors: Range | None = None
    """The values that are 0 and 1 on the scale at the right; None: there is no such scale."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Panels side by side, with the same labels in each."""

    title: str
    y_label: str
    panels: tuple[Panel, ...]
