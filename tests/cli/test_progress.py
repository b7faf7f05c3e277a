"""What is said while a run goes on."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from selftaught.cli.progress import Progress, attempt_in_words
from selftaught.client import AttemptFailed
from selftaught.events import GenerationEnded
from selftaught.experiment import Experiment
from selftaught.solution import Solution

IMPROVER = Solution("x = 1")
ENDED = GenerationEnded(1, IMPROVER, IMPROVER, True, "better", (0.8, 0.9), None, None, None)


def said(event: GenerationEnded, capsys: pytest.CaptureFixture[str]) -> str:
    Progress(Experiment(), "a run")(event)
    return capsys.readouterr().err.strip()


def test_a_meta_utility_stands_with_its_sessions(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(ENDED, capsys).endswith("meta-utility 0.850 on search, n = 2 sessions")
    one = replace(ENDED, search=(0.8,))
    assert said(one, capsys).endswith("meta-utility 0.800 on search, n = 1 session")


def test_what_was_not_measured_has_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    line = said(replace(ENDED, search=None), capsys)

    assert line.endswith(f"accepted (better); improver {IMPROVER.id}")


def test_a_server_that_fails_is_told_of_with_when_it_is_given_up() -> None:
    failed = AttemptFailed("openai/m: HTTP 500: oops", 4, 8.04, 3000.0, None)

    line = attempt_in_words(failed)

    assert re.fullmatch(
        r"openai/m: HTTP 500: oops; attempt 4, next in 8.0 s, giving up at \d\d:\d\d", line
    )
    some = attempt_in_words(replace(failed, most_attempts=5))
    assert some.endswith("attempt 4, next in 8.0 s, giving up after 5 attempts")
    assert re.search(r"at \d{4}-\d\d-\d\d ", attempt_in_words(replace(failed, left_seconds=2e5)))
