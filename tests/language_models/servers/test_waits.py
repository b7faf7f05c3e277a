"""How long servers ask to be left alone."""

from __future__ import annotations

from email.utils import formatdate
from time import time

import pytest

from selftaught.language_models.servers.waits import wait_in_error, wait_seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "100000"}, 100_000.0),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0.0),
    ],
)
def test_how_long_to_wait_is_read_in_every_form(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert wait_seconds(headers) == seconds


def test_how_long_to_wait_can_be_a_date() -> None:
    found = wait_seconds({"retry-after": formatdate(time() + 100, usegmt=True)})

    assert found == pytest.approx(100, abs=2)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please try again in 1.2s. Contact us", 1.2),
        ("Please try again in 6ms.", 0.006),
        ("Please try again in 7m12.5s. Visit", 432.5),
        ("Please try again in 1h0m3s", 3603.0),
        ("Please retry after 20 seconds.", 20.0),
        ("Please retry in 2.5s.", 2.5),
        ("wait for 2 minutes, then go on", 120.0),
        ("try again in a while", None),
        ("try again in 5 different ways", None),
        ("retry 5 times", None),
        ("Limit 30000, Used 29000, in 5s", None),
        ("", None),
    ],
)
def test_how_long_to_wait_is_read_in_words(words: str, seconds: float | None) -> None:
    assert wait_in_error({}, words) == (seconds if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("details", "seconds"),
    [
        ([{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2.5s"}], 2.5),
        ([{"@type": "other"}, {"retryDelay": "31s"}], 31.0),
        ([{"retryDelay": 31}, "x", None], None),
        ("x", None),
    ],
)
def test_how_long_to_wait_is_read_in_the_field_of_google(
    details: object, seconds: float | None
) -> None:
    assert wait_in_error({"details": details}, "") == seconds
