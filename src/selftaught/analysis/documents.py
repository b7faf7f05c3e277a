"""What goes with a run into a bundle, for readers: all of it follows from the run's events."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from selftaught.analysis.ledger import ledger
from selftaught.analysis.summary import SUMMARY_EVENTS, summarise
from selftaught.analysis.summary_json import as_json
from selftaught.events import ApplicationEnded, ChampionTested, Event, GenerationEnded
from selftaught.solution import Solution
from selftaught.store.bundles.form import DECISIONS, EXPERIMENT, LEDGER, SUMMARY, program_name
from selftaught.store.programs import programs_of
from selftaught.store.source import Source

DECISION_EVENTS = (GenerationEnded, ChampionTested, ApplicationEnded)


def documents(source: Source) -> dict[str, str]:
    """Returns the texts, by their names in the bundle: four JSON documents, and programs."""
    events = (source.event(row) for row in source.rows(kinds=SUMMARY_EVENTS))
    summary = summarise(events, run=source.run)
    decisions = [source.event(row) for row in source.rows(kinds=DECISION_EVENTS)]
    spent = {str(unit): amount for unit, amount in ledger(source.rows()).items()}
    programs = {program_name(program.id): f"{program.text}\n" for program in _programs(decisions)}
    return {
        EXPERIMENT: as_text(summary.experiment),
        SUMMARY: as_text(as_json(summary)),
        LEDGER: as_text(spent),
        DECISIONS: as_text([_decision(event) for event in decisions]),
        **programs,
    }


def as_text(document: object) -> str:
    r"""Returns a document as JSON, laid out for people; what is no number in JSON becomes null.

    Example:
        >>> as_text([1.5, math.nan])
        '[\n  1.5,\n  null\n]\n'
    """
    return json.dumps(_finite(document), indent=2, ensure_ascii=False) + "\n"


def _finite(value: object) -> object:
    plain = value
    match value:
        case Mapping():
            items = cast("Mapping[str, object]", value).items()
            plain = {key: _finite(item) for key, item in items}
        case list() | tuple():
            plain = [_finite(item) for item in cast("list[object]", value)]
        case float() if not math.isfinite(value):
            plain = None
        case _:
            pass
    return plain


def _programs(decisions: Iterable[Event]) -> Iterator[Solution]:
    for event in decisions:
        yield from programs_of(event)


def _decision(event: Event) -> dict[str, object]:
    fields = {name: getattr(event, name) for name in event.__dataclass_fields__}
    plain = {
        name: value.id if isinstance(value, Solution) else value for name, value in fields.items()
    }
    return {"event": type(event).__name__, **plain}
