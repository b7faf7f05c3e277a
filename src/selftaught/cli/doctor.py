"""`selftaught doctor`: what works on this machine, and what mends what does not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from selftaught.cli.endpoint import BaseUrlOption, PriceOption, endpoint_options
from selftaught.cli.options import JsonOption, StoreOption
from selftaught.cli.output import new_console, print_json

_EXAMPLES = """
Examples:

  selftaught doctor --json

  selftaught doctor --model openai/gpt-4o         two tiny requests, and what came of them
"""


def doctor(
    *,
    model: Annotated[
        str | None,
        typer.Option(help="Ask this model, for real, and tell what works.", show_default=False),
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

    options = endpoint_options(base_url=base_url, price=price)
    settings = load(None, options).endpoint.settings()
    checks = diagnose(store, model=model, settings=settings)
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        rows = table("What holds on this machine", "", "check", "what was seen")
        for check in checks:
            mark = words("no", "bold red") if check.is_needed else words("no", "dim")
            rows.add_row(
                words("ok", "green") if check.holds else mark, check.name, words(check.detail)
            )
        print_table(new_console(), rows)
    return 0 if all(check.holds for check in checks if check.is_needed) else 1


doctor.__doc__ = f"{doctor.__doc__}\n{_EXAMPLES}"
