"""The commands of `selftaught`, and how they end.

Exit codes: 0 done; 1 failed or cut short; 2 wrong usage, with one line that says what was expected.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import typer

from selftaught.cli.bound import bound
from selftaught.cli.control import fork, stop
from selftaught.cli.doctor import doctor
from selftaught.cli.export_run import export_run
from selftaught.cli.import_run import import_run
from selftaught.cli.improve import improve
from selftaught.cli.listings import improvers, models, tasks
from selftaught.cli.new_task import new_task
from selftaught.cli.output import complain, print_json
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
    """Runs a command line and returns its exit code; errors become one line on stderr.

    With ``--json``, an error is a document on stdout, too.
    """
    words = list(arguments) or ["--help"]
    if not sys.stdout:  # None where the file descriptor is closed
        complain("cannot write to stdout: it is closed")
        return 1
    try:
        code = _done(words)
        sys.stdout.flush()
    except OSError as error:
        # The reader of our output may be gone, as with `| head`: then nobody misses it.
        if not isinstance(error, BrokenPipeError):
            complain(f"cannot write what was asked for: {error}")
        # Python must not write the rest at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    return code


@dataclass(frozen=True, slots=True)
class _Failure:
    """How a command failed."""

    message: str
    code: int
    run: str | None = None
    hint: str = ""
    notes: Sequence[str] = ()


def _done(words: Sequence[str]) -> int:
    command = typer.main.get_command(app)
    try:
        code = command.main(words, prog_name="selftaught", standalone_mode=False) or 0
        # What Typer makes of KeyboardInterrupt.
        if code != 128 + signal.SIGINT:
            return code
        failure = _Failure("interrupted", 1)
    except typer.TyperException as error:
        failure = _Failure(error.format_message(), error.exit_code, hint=_hint(words))
    except UsageError as error:
        failure = _Failure(str(error), 2, error.run, notes=getattr(error, "__notes__", ()))
    except SelftaughtError as error:
        failure = _Failure(str(error), 1, error.run)
    except (typer.Abort, KeyboardInterrupt) as error:
        failure = _Failure(str(error) or "interrupted", 1)
    complain(failure.message, hint=failure.hint, notes=failure.notes)
    if "--json" in words:
        line = " ".join(failure.message.split())
        print_json({"error": line, "run": failure.run, "exit_code": failure.code})
    return failure.code


def _hint(words: Sequence[str]) -> str:
    known = {
        each.name or each.callback.__name__ for each in app.registered_commands if each.callback
    }
    command = f"{words[0]} " if words[0] in known else ""
    return f"see: selftaught {command}--help"
