"""Options for models on servers, and the question before money is spent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selftaught.experiment import Experiment
    from selftaught.running.forecast import Cost

BaseUrlOption = Annotated[
    str | None,
    typer.Option(
        help="URL of any server with OpenAI's interface, such as http://127.0.0.1:8000/v1; its "
        "key, if it wants one: $SELFTAUGHT_API_KEY.",
        show_default=False,
    ),
]
PriceOption = Annotated[
    str | None,
    typer.Option(
        help="Dollars per million tokens, such as input=2.5,output=10, where they are not known.",
        show_default=False,
    ),
]
CacheOption = Annotated[
    str | None,
    typer.Option(
        help="Paid replies: off, record (keep and reuse) or replay (reuse only).  \\[default: off]",
        show_default=False,
    ),
]
DollarsOption = Annotated[
    float | None, typer.Option(help="The most that may be spent.", show_default=False)
]
YesOption = Annotated[bool, typer.Option("--yes", help="Spend money without a question.")]


def endpoint_options(
    *,
    base_url: str | None = None,
    price: str | None = None,
    cache: str | None = None,
    dollars: float | None = None,
) -> dict[str, object]:
    """Returns the fields of an experiment that options for servers stand for.

    Raises:
        UsageError: The price is none.
    """
    from dataclasses import asdict

    from selftaught.language_models.servers.pricing import parse_price

    endpoint: dict[str, object] = {"base_url": base_url, "cache": cache}
    if price is not None:
        stated = asdict(parse_price(price))
        endpoint["price"] = {name: stated[name] for name in ("input", "output", "cached_input")}
    chosen = {name: value for name, value in endpoint.items() if value is not None}
    limits = {} if dollars is None else {"dollars": dollars}
    tables: dict[str, object] = {"limits": limits, "endpoint": chosen}
    return {name: table for name, table in tables.items() if table}


def confirm(experiment: Experiment, *, is_agreed: bool, applies_once: bool = False) -> None:
    """Says what a run will cost, and asks whether it may; of what is free, it says nothing.

    Raises:
        UsageError: Nobody can be asked.
        Abort: The answer is no.
    """
    from selftaught.running.forecast import forecast

    if "/" not in experiment.model:
        return
    costs = forecast(experiment, applies_once=applies_once)
    if not costs.spends_money:
        return
    likely, most = in_words(costs.likely), in_words(costs.most)
    who = _who(experiment)
    ask(f"{who} will take about {likely}; at most {most}", is_agreed=is_agreed)


def confirm_samples(experiment: Experiment, samples: int, *, is_agreed: bool) -> None:
    """Says what so many samples will cost at most, like those of a run; asks like `confirm`.

    Raises:
        UsageError: Nobody can be asked.
        Abort: The answer is no.
    """
    from dataclasses import replace

    from selftaught.running.forecast import forecast

    if "/" not in experiment.model:
        return
    costs = forecast(experiment)
    if not costs.spends_money:
        return
    run, ratio = costs.most, samples / max(1, costs.most.samples)
    dollars = None if run.dollars is None else run.dollars * ratio
    tokens = round(run.tokens * ratio)
    most = in_words(replace(run, samples=samples, tokens=tokens, dollars=dollars))
    ask(f"{_who(experiment)} will take at most {most}", is_agreed=is_agreed)


def _who(experiment: Experiment) -> str:
    # A run or a file from someone else may name a server that one does not expect.
    server = experiment.endpoint.base_url
    return f"{experiment.model} at {server}" if server else experiment.model


def ask(line: str, *, is_agreed: bool) -> None:
    """Asks whether money may be spent.

    Raises:
        UsageError: Nobody can be asked.
        Abort: The answer is no.
    """
    from selftaught.errors import UsageError

    if is_agreed:
        print(f"selftaught: {line}", file=sys.stderr)  # noqa: T201
    elif sys.stdin and sys.stdin.isatty() and sys.stderr.isatty():
        typer.confirm(f"{line}. Go on?", abort=True, err=True)
    else:
        raise UsageError(f"{line}: say --yes to agree; --dollars sets a limit")


def in_words(cost: Cost) -> str:
    """Returns a cost in a few words.

    Example:
        >>> from selftaught.running.forecast import Cost
        >>> in_words(Cost(sessions=2, calls=8, samples=48, tokens=96_000, dollars=0.5))
        '48 replies, 96,000 tokens, 0.50 dollars'
    """
    dollars = "an unknown price" if cost.dollars is None else f"{cost.dollars:,.2f} dollars"
    return f"{cost.samples:,} replies, {cost.tokens:,} tokens, {dollars}"
