"""The commands of `selftaught`, and how they end.

Exit codes: 0 done; 1 failed or cut short; 2 wrong usage, with one line that says what was expected.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

import typer

from selftaught.cli.bound import bound
from selftaught.cli.control import fork, stop
from selftaught.cli.doctor import doctor
from selftaught.cli.export_run import export_run
from selftaught.cli.import_run import import_run
from selftaught.cli.improve import improve
from selftaught.cli.listings import improvers, models, tasks
from selftaught.cli.new_task import new_task
from selftaught.cli.output import complain
from selftaught.cli.run import run
from selftaught.cli.score import score
from selftaught.cli.show import show
from selftaught.cli.study import study
from selftaught.cli.verify import replay, verify
from selftaught.errors import SelftaughtError, UsageError

app = typer.Typer(
    name="selftaught",
    add_completion=False,
    rich_markup_mode="rich",
    help="Programs that improve programs, and themselves: the Self-Taught Optimizer (STOP).\n\n"
    "Start with: [bold]selftaught run[/bold]",
    epilog="Exit codes: 0 done, 1 failed or cut short, 2 wrong usage. "
    "Results go to stdout, progress to stderr.",
)
for command in (
    run,
    improve,
    study,
    score,
    show,
    verify,
    replay,
    fork,
    stop,
    tasks,
    improvers,
    models,
    bound,
    doctor,
):
    app.command()(command)
app.command("new-task")(new_task)
app.command("export")(export_run)
app.command("import")(import_run)


def exit_code(arguments: Sequence[str]) -> int:
    """Runs a command line and returns its exit code; errors become one line on stderr."""
    command = typer.main.get_command(app)
    words = list(arguments) or ["--help"]
    if not sys.stdout:  # None where the file descriptor is closed
        complain("cannot write to stdout: it is closed")
        return 1
    try:
        code = command.main(words, prog_name="selftaught", standalone_mode=False) or 0
        sys.stdout.flush()
        # What Typer makes of KeyboardInterrupt.
        return _interrupted() if code == 128 + signal.SIGINT else code
    except typer.TyperException as error:
        complain(error.format_message(), hint=_hint(words))
        code = error.exit_code
    except UsageError as error:
        complain(str(error), notes=getattr(error, "__notes__", ()))
        code = 2
    except (SelftaughtError, typer.Abort, KeyboardInterrupt) as error:
        complain(str(error) or "interrupted")
        code = 1
    except OSError as error:
        # The reader of our output may be gone, as with `| head`: then nobody misses it.
        if not isinstance(error, BrokenPipeError):
            complain(f"cannot write what was asked for: {error}")
        # Python must not write the rest at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    return code


def _interrupted() -> int:
    complain("interrupted")
    return 1


def _hint(words: Sequence[str]) -> str:
    known = {
        each.name or each.callback.__name__ for each in app.registered_commands if each.callback
    }
    command = f"{words[0]} " if words[0] in known else ""
    return f"see: selftaught {command}--help"
