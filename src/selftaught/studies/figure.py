"""What a figure shows, whoever draws it."""

from __future__ import annotations

from dataclasses import dataclass

from selftaught.analysis.intervals import Estimate


@dataclass(frozen=True, slots=True)
class Curve:
    """A line of a figure: a mean, and its interval where it has one."""

    label: str
    x: tuple[int, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """Curves over whole numbers; the first is the one that matters."""

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar in every group of a chart, with its interval."""

    label: str
    values: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Groups of bars, side by side."""

    title: str
    y_label: str
    groups: tuple[str, ...]
    bars: tuple[Bars, ...]
