"""`selftaught verify` and `selftaught replay`: whether a run is what it says."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from selftaught.cli.options import JsonOption, StoreOption
from selftaught.cli.output import complain, print_json

RunArgument = Annotated[str, typer.Argument(help="Name of a run; see: selftaught show.")]


def verify(
    run: RunArgument,
    *,
    head: Annotated[
        str | None,
        typer.Option(help="Hash that the run's author gives for it.", show_default=False),
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check that no event of a run was changed, and that its numbers follow from its events.

    The chain of hashes, the digests of all programs, prompts and replies, the ledger, and every
    measurement and decision are computed again; nothing is run and nothing is asked. Exits with 1
    where something does not fit.

    Example:
      selftaught verify 20261122-131502-3f9a
    """
    from selftaught import keeping

    found = keeping.verify(run, store=store, head=head)
    if as_json:
        print_json({"holds": found.holds, **asdict(found)})
    elif found.holds:
        typer.echo(
            f"{run} holds: {found.events} events in one chain, {found.texts} texts, "
            f"{found.decisions} decisions and measurements computed again.\nHead: {found.head}"
        )
    if not found.holds:
        for problem in found.problems:
            complain(f"{run}: {problem}")
    return 0 if found.holds else 1


def replay(
    run: RunArgument,
    *,
    programs: Annotated[
        bool,
        typer.Option(
            "--programs", help="Run its improver programs again, too, on the journal's replies."
        ),
    ] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Execute a run again from its journal, without network and model; print what it comes to.

    Replies, scores and what improvers returned come from the journal; means, decisions and tables
    are computed again and must be the same, byte for byte. Exits with 1 where they are not.

    Examples:
      selftaught replay 20261122-131502-3f9a

      selftaught replay RUN --programs                are its improvers deterministic?
    """
    from selftaught import keeping
    from selftaught.analysis.summary_json import as_json as document
    from selftaught.cli.tables import print_summary

    again = keeping.replay(run, store=store, programs=programs)
    if as_json:
        print_json(document(again.summary))
    else:
        print_summary(again.summary)
    ran = f"; {again.sessions} improver programs ran again" if programs else ""
    same = "the same, byte for byte" if not again.differences else "not the same"
    complain(f"replayed {run}: {again.decisions} decisions and measurements, {same}{ran}")
    if programs and again.differences:
        complain("its improvers are not deterministic, or were changed; what differs:")
    for difference in again.differences[:20]:
        complain(f"{run}: {difference}")
    return 1 if again.differences else 0
