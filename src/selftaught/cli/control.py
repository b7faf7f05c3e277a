"""`selftaught stop` and `selftaught fork`: what becomes of a run."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from selftaught.cli.endpoint import DollarsOption, YesOption, confirm, endpoint_options
from selftaught.cli.options import JsonOption, ModelOption, StoreOption, given
from selftaught.cli.output import print_json
from selftaught.cli.run import carried_out
from selftaught.cli.verify import RunArgument


def stop(
    run: RunArgument,
    *,
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for its end; 0: only ask.", min=0)
    ] = 60.0,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> int:
    """Stop a run that is under way in another process; what it has so far stands.

    It ends at its next reply or score. The command that began it takes it up again.

    Examples:
      selftaught stop 20261122-131502-3f9a

      touch journal.db.stop                           all runs of that journal, until it is removed;
                                                      or the file that $SELFTAUGHT_STOP_FILE names
    """
    from selftaught import keeping

    status = keeping.stop(run, store=store, wait_seconds=wait)
    if as_json:
        print_json({"run": run, "status": status})
    else:
        typer.echo(f"{run}: {status}")
    return 0 if status != "under way" or not wait else 1


def fork(  # noqa: PLR0913 - the command's options
    run: RunArgument,
    *,
    at: Annotated[int, typer.Option(help="Last generation that the new run shares.", min=0)],
    iterations: Annotated[
        int | None,
        typer.Option(help="T of the new run.  \\[default: as before]", show_default=False),
    ] = None,
    model: ModelOption = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the new run.", show_default=False)
    ] = None,
    store: StoreOption = None,
    dollars: DollarsOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> int:
    """Go on from an earlier generation of a run, in a new run with proposals of its own.

    Nothing up to that generation is measured or paid again.

    Examples:
      selftaught fork 20261122-131502-3f9a --at 1

      selftaught fork RUN --at 2 --iterations 6       more generations than the run had
    """
    from selftaught import keeping

    changes = given(iterations=iterations, model=model) | endpoint_options(dollars=dollars)
    agree = partial(confirm, is_agreed=yes)
    experiment = keeping.fork(run, at=at, name=name, store=store, agree=agree, **changes)
    return carried_out(experiment, as_json=as_json)
