"""An experiment: one frozen description of a run, from a TOML file.

Example of a file; every field is optional: ::

    tasks = ["lpn"]
    model = "editor"
    protocol = "gated"
    iterations = 3
    seed = 1

    [session]
    calls = 4
    samples_per_call = 6
    evaluations = 25

    [limits]
    samples = 20000
    dollars = 5.0

    [endpoint]
    requests_per_minute = 500
    cache = "record"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast, get_args

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from selftaught.acceptance import Rule, checked_protocol
from selftaught.description import Detail
from selftaught.errors import UsageError, shown
from selftaught.experiment_tables import Count, EndpointTable, RunLimits, SessionLimits, Table
from selftaught.lookup import WITHOUT

RunName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


_EXPECTED = {
    "string_pattern_mismatch": "expected letters, digits, '.', '_' and '-', at most 100, a letter "
    "or digit first",
    "tuple_type": 'expected a list, such as ["lpn"]',
}
"""Our words for some of Pydantic's problems."""


_BY_FIELD = ("limits", "endpoint")
"""Tables of which an override may give some fields: they decide no result."""


def _own_evaluations(preset: object) -> int:
    """Returns how often an improver of improvers may call the meta-utility."""
    return 25 if str(preset).partition(WITHOUT)[0] == "paper" else 8


def _self_session(before: dict[str, Any]) -> SessionLimits:
    return SessionLimits(evaluations=_own_evaluations(before.get("preset")))


def _protocol(name: str) -> str:
    try:
        return checked_protocol(name)
    except UsageError as error:
        raise UsageError(f"protocol: {error}") from error


class Experiment(Table):
    """Everything that decides what a run does. The defaults are a run of one or two minutes."""

    tasks: Annotated[tuple[str, ...], Field(min_length=1)] = ("lpn",)
    """Downstream tasks: ids, or paths of own ones."""
    preset: str = "standard"
    """Sizes and rules of the tasks."""
    model: str = "editor"
    """Who answers."""
    improver: str = "seed"
    """I_0: an id, or the path of a program."""
    protocol: Annotated[str, AfterValidator(_protocol)] = Rule.GATED.value
    """Who becomes I_t: `Rule`; ``official-without:`` leaves quirks of the research code out."""
    iterations: Annotated[int, Field(ge=0, le=10_000)] = 2
    """T."""
    detail: Detail = Detail.GREY_BOX
    """How much descriptions of utilities tell."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """All instances and, where the model can be repeated, all replies follow from it. Absent:
    0 with the models of this package, else the user's own (`own_seed`)."""
    repeats: Count = 5
    """Sessions per task behind one call of the meta-utility."""
    gate_repeats: Count = 10
    """Pairs of sessions per task behind a decision of the gated protocol."""
    test_repeats: Count = 16
    """Sessions per task in the final comparison."""
    session: SessionLimits = SessionLimits()
    """For improving a solution of a task."""
    self_session: SessionLimits = Field(default_factory=_self_session)
    """For improving the improver; its evaluations are calls of the meta-utility, each of which
    costs as many sessions as there are tasks and repeats: 8, and 25 with the preset `paper`."""
    limits: RunLimits = RunLimits()
    """For the whole run."""
    endpoint: EndpointTable = EndpointTable()
    """For models on a server."""
    executor: str = "threads"
    """Where evaluations run."""
    workers: Annotated[int, Field(ge=0, le=4096)] = 0
    """Evaluations at the same time; 0: one for each core."""
    isolation: Literal["full", "inner"] = "full"
    """The least isolation of programs: both walls, or the inner one."""
    store: str | None = None
    """File or URL of the journal; absent: $SELFTAUGHT_STORE, else a file of the user's."""
    name: RunName | None = None
    """Name of the run; absent: made from the time."""

    @field_validator("self_session", mode="before")
    @classmethod
    def _completed(cls, given: object, info: ValidationInfo) -> object:
        """Completes a table that says nothing of evaluations as if there were no table."""
        if not isinstance(given, dict):
            return given
        own = _own_evaluations(info.data.get("preset"))
        return {"evaluations": own, **cast("dict[str, object]", given)}

    @model_validator(mode="wrap")
    @classmethod
    def _attributed(cls, described: object, validate: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return validate(described)
        except ValidationError as error:
            problem = error.errors()[0]
            field = ".".join(str(part) for part in problem["loc"])
            raise UsageError(_in_words(field, problem)) from error

    def plain(self) -> dict[str, Any]:
        """Returns the experiment as plain data, without the store: no run tells where it lies."""
        return self.model_dump(mode="json", exclude={"store"})


def load(path: Path | None, overrides: Mapping[str, object]) -> Experiment:
    """Reads an experiment from a file and puts the overrides on top.

    Args:
        path: A TOML file; None: the defaults.
        overrides: Fields and their values.

    Raises:
        UsageError: The file cannot be read, or a field is unknown or has a wrong value.
    """
    described = _read(path) if path else {}
    if path:
        parse(described, where=str(path))  # the file by itself, so that it has its own faults only
    return parse(_over(described, overrides), where="the experiment")


def changed(experiment: Experiment, overrides: Mapping[str, object]) -> Experiment:
    """Puts overrides on top of an experiment.

    Raises:
        UsageError: A field is unknown or has a wrong value.
    """
    return parse(_over(experiment.model_dump(mode="json"), overrides), where="the experiment")


def _over(described: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, object]:
    """Returns a description with overrides on top; of some tables, field by field."""
    tables = {
        name: described[name] | overrides[name]
        for name in _BY_FIELD
        if isinstance(described.get(name), dict) and isinstance(overrides.get(name), dict)
    }
    return {**described, **overrides, **tables}


def parse(described: Mapping[str, object], *, where: str) -> Experiment:
    """Makes an experiment of plain data.

    Raises:
        UsageError: A field is unknown or has a wrong value; the message names it.
    """
    try:
        return Experiment.model_validate(dict(described))
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error


def _in_words(field: str, problem: Mapping[str, Any]) -> str:
    if problem["type"] == "extra_forbidden":
        known = _table_at(problem["loc"][:-1]).model_fields
        return f"unknown field {field!r}: known are {', '.join(sorted(known))}"
    message = _EXPECTED.get(problem["type"]) or str(problem["msg"])
    return f"{field}: {message[:1].lower()}{message[1:]}, not {shown(problem['input'])}"


def _table_at(loc: Sequence[str]) -> type[Table]:
    """Returns what the table at a place is; names of models, which are free, lead nowhere else."""
    table: type[Table] = Experiment
    for part in loc:
        annotation = table.model_fields[part].annotation if part in table.model_fields else None
        for each in (annotation, *get_args(annotation)):
            if isinstance(each, type) and issubclass(each, Table):
                table = each
    return table


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}") from error
    except RecursionError as error:
        raise UsageError(f"{path}: its values are nested too deeply to be read") from error
