"""What the improvers that a run proposes do: their strategies, from their syntax trees.

The paper describes the strategies that language models found (section 6.1, appendix B); here each
is a predicate on the program text. Names of variables, comments, docstrings and prompts count for
nothing, and neither does code that cannot run. The predicates tell what the text is built to do,
not whether it works or pays: that is for a run to show. What values a name may hold is
overestimated, so a label can be wrong where one name is used for different things.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from selftaught.analysis.programs.flow import Flow
from selftaught.analysis.programs.roles import Roles
from selftaught.analysis.programs.syntax import read
from selftaught.analysis.strategies import asking, choosing, mechanics, populations, search
from selftaught.solution import Solution

_MOST_LINES = 20


class Strategy(StrEnum):
    """A label; what it asks for precisely stands at its predicate."""

    SEVERAL_SAMPLES = "several samples per call"
    SEVERAL_CALLS = "several calls"
    SELECTS = "selects by score"
    ITERATES = "iterates from the best"
    POPULATION = "keeps a population"
    BEAM = "beam search"
    GENETIC = "genetic search"
    CROSSOVER = "crossover"
    ANNEALING = "simulated annealing"
    BANDIT = "bandit"
    EPSILON_GREEDY = "epsilon-greedy"
    RESTARTS = "restarts"
    STOPS_EARLY = "stops early"
    PART_BY_PART = "part by part"
    TEMPERATURE = "varies the temperature"
    HINTS = "gives hints"
    EVALUATES_INITIAL = "evaluates the initial solution"
    KEEPS_INCUMBENT = "keeps the incumbent"
    RETURNS_INPUT = "returns its input unchanged"
    CACHES = "caches"
    PARALLEL = "runs in parallel"
    MAPS_UTILITY = "uses utility.map"
    HEEDS_BUDGETS = "heeds budgets"
    PRINTS = "prints or logs"
    CATCHES_EVERYTHING = "catches all exceptions"


PREDICATES: Mapping[Strategy, Callable[[Roles], Iterator[ast.AST]]] = {
    Strategy.SEVERAL_SAMPLES: asking.several_samples,
    Strategy.SEVERAL_CALLS: asking.several_calls,
    Strategy.SELECTS: choosing.selects_by_score,
    Strategy.ITERATES: asking.iterates_from_best,
    Strategy.POPULATION: populations.keeps_population,
    Strategy.BEAM: populations.beam_search,
    Strategy.GENETIC: populations.genetic,
    Strategy.CROSSOVER: populations.crossover,
    Strategy.ANNEALING: search.annealing,
    Strategy.BANDIT: search.bandit,
    Strategy.EPSILON_GREEDY: search.epsilon_greedy,
    Strategy.RESTARTS: search.restarts,
    Strategy.STOPS_EARLY: search.stops_early,
    Strategy.PART_BY_PART: asking.part_by_part,
    Strategy.TEMPERATURE: asking.varies_temperature,
    Strategy.HINTS: asking.gives_hints,
    Strategy.EVALUATES_INITIAL: choosing.evaluates_initial,
    Strategy.KEEPS_INCUMBENT: choosing.keeps_incumbent,
    Strategy.RETURNS_INPUT: choosing.returns_input,
    Strategy.CACHES: mechanics.caches,
    Strategy.PARALLEL: mechanics.runs_in_parallel,
    Strategy.MAPS_UTILITY: mechanics.maps_utility,
    Strategy.HEEDS_BUDGETS: mechanics.heeds_budgets,
    Strategy.PRINTS: mechanics.prints,
    Strategy.CATCHES_EVERYTHING: mechanics.catches_everything,
}
"""What each label asks for: yields the places of a program that answer it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A strategy of a program, and where it is seen."""

    strategy: Strategy
    lines: tuple[int, ...]
    """Numbers of the first lines that show it, from 1; at most 20."""


def strategies_of(program: Solution | str) -> tuple[Finding, ...] | None:
    """Returns the strategies of an improver, in the order of `Strategy`.

    Takes any text and raises nothing.

    Returns:
        None where nothing can be said: the text does not parse, defines no ``improve_algorithm``,
        or is longer or nested more deeply than any honest program.
    """
    text = program.text if isinstance(program, Solution) else program
    try:
        syntax = read(text)
        return None if syntax is None else tuple(_findings(Roles(syntax, Flow(syntax))))
    except RecursionError:
        return None


def _findings(roles: Roles) -> Iterator[Finding]:
    for strategy, predicate in PREDICATES.items():
        lines = sorted({roles.syntax.line(node) for node in predicate(roles)})
        if lines:
            yield Finding(strategy, tuple(lines[:_MOST_LINES]))
