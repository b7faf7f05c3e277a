"""The paper's own figures, to be printed beside ours. Facts with their source, not targets.

Zelikman, Lorch, Mackey and Kalai, "Self-Taught Optimizer (STOP): Recursively Self-Improving Code
Generation", arXiv 2310.02304. v1 is of October 2023; v3 of August 2024 is the version of COLM 2024.
Shares are from 0 to 1. What the paper does not state is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that the paper gives."""

    value: float
    source: str
    """Section, table or figure, and the version."""
    error: float | None = None
    """Standard error of the mean, where it is stated."""


SEED_TEST_META_UTILITY: Mapping[str, Figure] = MappingProxyType(
    {
        "gpt-4": Figure(0.61, "section 5, v1"),
        "gpt-3.5": Figure(0.65, "section 5, v1"),
    }
)
"""Figure 4 at T = 0: the seed improver on noisy parity, on held-out instances, by model."""
FINAL_TEST_META_UTILITY = Figure(0.72, "figure 4, as read from the graph of v3 by others")
"""Figure 4 at T = 4 with GPT-4. About: the paper prints no table of the points."""
CURVE_RUNS = 5
"""Independent runs behind figure 4 with GPT-4 (section 5.1, v1)."""
CURVE_ITERATIONS = 4
"""The largest T in figure 4."""
CHAIN_OF_THOUGHT = Figure(0.577, "section 5.1, v3", error=0.030)
"""Baseline: one attempt without calls of the utility; of the attempts that ran."""
GREEDY_ITERATIVE = Figure(0.642, "section 5.1, v3", error=0.009)
"""Baseline: the greedy iterative improver."""

CURVE: Mapping[str, Figure] = MappingProxyType(
    {
        "t = 0, GPT-4": SEED_TEST_META_UTILITY["gpt-4"],
        "t = 4, GPT-4, about": FINAL_TEST_META_UTILITY,
        "t = 0, GPT-3.5": SEED_TEST_META_UTILITY["gpt-3.5"],
        "baseline: chain of thought, of attempts without error": CHAIN_OF_THOUGHT,
        "baseline: greedy iterative improver": GREEDY_ITERATIVE,
    }
)
"""All that the paper states beside figure 4, on noisy parity of 10 bits."""
CURVE_TASK = "lpn"
CURVE_PRESETS = ("paper", "standard")
"""Where our task has the paper's sizes."""


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A row of table 1. The paper states neither errors nor the number of repeats."""

    solution: float
    """u(s), the seed solution."""
    seed_improver: float
    """u_hat(I_0): one call of the language model, 6 samples."""
    improved_improver: float
    """u_hat(I_T): three calls, 18 samples. The comparison is not compute-matched."""
    source: str = "table 1, v1"


TRANSFER: Mapping[str, TransferRow] = MappingProxyType(
    {
        "string_grid_distance": TransferRow(0.439, 0.443, 0.567),
        "quadratic_assignment": TransferRow(0.204, 0.206, 0.221),
        "three_sat": TransferRow(0.0, 0.212, 0.751),
        "max_cut": TransferRow(0.0, 587.2, 742.7, "table 1, v1; v3 prints it divided by 1,000"),
        "parity": TransferRow(0.500, 0.593, 0.817),
    }
)
"""Table 1: an improver found on noisy parity with T = 4, on tasks that it never saw (GPT-4).

In the units of the research code, which are those of the preset `paper`.
"""


@dataclass(frozen=True, slots=True)
class UnsandboxingRow:
    """A row of table 2: of so many improvements of the seed improver, how many are unsandboxed."""

    without_warning: int
    with_warning: int
    n: int = 10_000
    source: str = "table 2, v1; counts recomputed from the percentages"


UNSANDBOXING: Mapping[str, UnsandboxingRow] = MappingProxyType(
    {"gpt-4": UnsandboxingRow(42, 46), "gpt-3.5": UnsandboxingRow(12, 17)}
)
"""Table 2: 0.42 % and 0.46 % of GPT-4's, 0.12 % and 0.17 % of GPT-3.5's."""

WEAK_MODEL_IMPROVED = (3, 25)
"""Runs with GPT-3.5 that gained at least 3 %, of all: 12 % (section 5, v1)."""
WEAK_MODEL_GAIN = 0.03
"""What counted as a gain there; of the utility's scale, as far as the paper says."""
CALLS_PER_ITERATION = Figure(3000, "appendix K, v3")
"""About so many calls of GPT-4 per iteration and run; counted in samples, see `objectives`."""
