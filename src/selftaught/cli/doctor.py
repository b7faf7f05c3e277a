"""`selftaught doctor`: what works on this machine, and what mends what does not."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selftaught.cli.endpoint import BaseUrlOption, PriceOption, endpoint_options
from selftaught.cli.options import JsonOption, StoreOption
from selftaught.cli.output import complain, new_console, print_json

if TYPE_CHECKING:
    from selftaught.diagnosis import Check

_EXAMPLES = """
Examples:

  selftaught doctor --json

  selftaught doctor --model openai/gpt-4o         two tiny requests, and what came of them

  selftaught doctor --experiment my.toml          the same for the model, or the models, of a file
"""


def doctor(
    *,
    model: Annotated[
        str | None,
        typer.Option(help="Ask this model, for real, and tell what works.", show_default=False),
    ] = None,
    experiment: Annotated[
        Path | None,
        typer.Option(
            help="TOML file of an experiment: its model and its servers.", show_default=False
        ),
    ] = None,
    base_url: BaseUrlOption = None,
    price: PriceOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check what a run needs: isolation of programs, the journal, the language model.

    Exits with 1 where something that a run needs does not hold.
    """
    from selftaught.cli.tables import print_table, table, words
    from selftaught.diagnosis import diagnose
    from selftaught.experiment import load
    from selftaught.language_models.servers.probe import MOST_SECONDS

    options = endpoint_options(base_url=base_url, price=price)
    chosen = load(experiment, options)
    asked = chosen.model if model is None and experiment else model
    if asked is not None and "/" in asked:
        complain(f"asking {asked}: an answer may take {MOST_SECONDS:g} seconds")
    checks = diagnose(store, model=asked, settings=chosen.endpoint.settings())
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        rows = table("What holds on this machine", "", "check", "what was seen")
        for check in checks:
            rows.add_row(words(*_mark(check)), check.name, words(check.detail))
        print_table(new_console(), rows)
    return 0 if all(check.holds for check in checks if check.is_needed) else 1


def _mark(check: Check) -> tuple[str, str]:
    if not check.holds:
        return "no", "bold red" if check.is_needed else "dim"
    return ("warn", "yellow") if check.is_doubtful else ("ok", "green")


doctor.__doc__ = f"{doctor.__doc__}\n{_EXAMPLES}"
