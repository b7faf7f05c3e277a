"""Studies by name."""

from __future__ import annotations

from selftaught.errors import UsageError, shown
from selftaught.lookup import find
from selftaught.studies import KNOWN
from selftaught.studies.study import Study


def find_study(name: str) -> Study:
    """Returns a study by name, or by ``module:name`` of a `Study`.

    Raises:
        UsageError: There is none.
    """
    found: object = find("study", name, KNOWN)
    if not isinstance(found, Study):
        raise UsageError(f"study {name!r}: expected a Study, not {shown(found)}")
    return found


def all_studies() -> list[Study]:
    """Returns the studies that come with the package."""
    return [find_study(name) for name in sorted(KNOWN)]
