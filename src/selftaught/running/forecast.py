"""What a run will cost, before it spends money.

An estimate from the experiment alone: how many sessions there are, what their prompts are like, and
how long replies may get. Improvers decide themselves how often they ask, within their budgets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from selftaught.budget import Amounts, Unit
from selftaught.errors import UsageError
from selftaught.experiment import Experiment
from selftaught.language_models.servers.pricing import FREE, Price
from selftaught.language_models.servers.providers import Address
from selftaught.language_models.servers.served import addresses
from selftaught.language_models.servers.settings import CacheMode
from selftaught.language_models.servers.usage import Usage
from selftaught.parts import find_model, find_task
from selftaught.task import Task

_CHARACTERS_PER_TOKEN = 4
_OWN_WORDS = 600
"""Characters of a prompt besides the program and the utility."""
_USUAL_REPLY = 800
"""Tokens of a reply with a program in it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What something takes."""

    sessions: int
    calls: int
    samples: int
    tokens: int
    dollars: float | None
    """None: a price is not known."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run will take, if its improvers ask as the seed improver does, and at most."""

    likely: Cost
    """Each session makes one call, and replies are as long as programs usually are."""
    most: Cost
    """Each session uses its whole budget, and replies are as long as they may be."""
    spends_money: bool
    """Whether a model answers that is not free, or may not be."""


def forecast(experiment: Experiment, *, applies_once: bool = False) -> Forecast:
    """Returns what an experiment will cost.

    Args:
        experiment: What is to be run.
        applies_once: Whether an improver is applied once, in place of the recursion.

    Raises:
        UsageError: The experiment names something that does not exist; or dollars are limited and
            a price is not known.
    """
    client = find_model(experiment.model, experiment.seed, experiment.endpoint.settings())
    models = addresses(client)
    unknown = [each.name for each in models if each.price is None]
    if unknown and experiment.limits.dollars is not None:
        raise UsageError(
            f"a limit in dollars cannot be kept: the price of {unknown[0]} is not known; state it "
            "in dollars per million tokens, as by --price input=2.5,output=10"
        )
    prompt = _prompt_tokens([find_task(each, experiment.preset) for each in experiment.tasks])
    price = None if unknown else _dearest([each.price for each in models if each.price])
    calls = _sessions(experiment, applies_once=applies_once)
    limits = experiment.limits.amounts()
    likely = _ended_early(_cost(calls[0], Usage(prompt, _USUAL_REPLY), price), limits)
    longest = Usage(prompt, experiment.endpoint.max_tokens)
    most = _bounded(_cost(calls[1], longest, price), limits)
    is_asked = experiment.endpoint.cache is not CacheMode.REPLAY
    return Forecast(likely, most, is_asked and any(map(_costs_money, models)))


def expected_sessions(experiment: Experiment) -> int:
    """Returns how many sessions on tasks a run has, if generations score one call's samples."""
    candidates = experiment.iterations * experiment.self_session.samples_per_call
    return _measured(experiment, candidates) * len(experiment.tasks)


def _measured(experiment: Experiment, candidates: int) -> int:
    """Returns the sessions for one task."""
    search = experiment.repeats * (1 + candidates)
    gate = 2 * experiment.gate_repeats * experiment.iterations
    return search + gate + 2 * experiment.test_repeats


def _sessions(experiment: Experiment, *, applies_once: bool) -> tuple[_Calls, _Calls]:
    """Returns the calls that are likely, and the most there can be."""
    usual, own = experiment.session, experiment.self_session
    if applies_once:
        return _Calls(1, 1, usual.samples_per_call), _Calls(
            1, usual.calls, usual.calls * usual.samples_per_call
        )
    tasks, iterations = len(experiment.tasks), experiment.iterations
    likely = expected_sessions(experiment)
    # What is scored ahead need not be what is asked for.
    ahead = min(own.evaluations, own.calls * own.samples_per_call)
    programs = own.evaluations + (ahead if experiment.endpoint.ahead else 0)
    most = _measured(experiment, iterations * programs) * tasks
    return (
        _Calls(
            likely + iterations,
            likely + iterations,
            likely * usual.samples_per_call + iterations * own.samples_per_call,
        ),
        _Calls(
            most + iterations,
            most * usual.calls + iterations * own.calls,
            most * usual.calls * usual.samples_per_call
            + iterations * own.calls * own.samples_per_call,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Calls:
    sessions: int
    calls: int
    samples: int


def _cost(asked: _Calls, each: Usage, price: Price | None) -> Cost:
    dollars = None if price is None else asked.samples * price.dollars(each)
    return Cost(asked.sessions, asked.calls, asked.samples, asked.samples * each.tokens, dollars)


def _amounts(cost: Cost) -> dict[Unit, float]:
    known = {} if cost.dollars is None else {Unit.DOLLARS: cost.dollars}
    return {Unit.CALLS: cost.calls, Unit.SAMPLES: cost.samples, Unit.TOKENS: cost.tokens, **known}


def _ended_early(cost: Cost, limits: Amounts) -> Cost:
    """Returns what is spent of a cost until the first limit is reached."""
    amounts = _amounts(cost)
    share = min(
        (limits[unit] / amount for unit, amount in amounts.items() if amount and unit in limits),
        default=1.0,
    )
    return cost if share >= 1 else _with(cost, {unit: share * amounts[unit] for unit in amounts})


def _bounded(cost: Cost, limits: Amounts) -> Cost:
    """Returns a cost of which no unit is beyond its limit."""
    amounts = _amounts(cost)
    return _with(cost, {unit: min(amounts[unit], limits.get(unit, math.inf)) for unit in amounts})


def _with(cost: Cost, amounts: Amounts) -> Cost:
    return Cost(
        cost.sessions,
        int(amounts[Unit.CALLS]),
        int(amounts[Unit.SAMPLES]),
        int(amounts[Unit.TOKENS]),
        amounts.get(Unit.DOLLARS),
    )


def _prompt_tokens(tasks: Sequence[Task]) -> int:
    lengths = [len(task.seed.text) + len(task.describe()) + _OWN_WORDS for task in tasks]
    return sum(lengths) // len(lengths) // _CHARACTERS_PER_TOKEN


def _dearest(prices: Sequence[Price]) -> Price:
    return max(prices, key=lambda price: price.output + price.input, default=FREE)


def _costs_money(model: Address) -> bool:
    if model.price is not None:
        return not model.price.is_free
    return model.is_paid_for or not model.is_local
