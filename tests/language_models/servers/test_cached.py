"""Replies that are kept, and not paid for twice."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from selftaught.budget import Unit
from selftaught.client import Bounded, Client, Finish, Reply, Request, replies_of
from selftaught.errors import ProviderError, StoreError
from selftaught.language_models.servers.cached import Cached, Source
from selftaught.language_models.servers.reply_store import ReplyStore
from selftaught.language_models.servers.settings import CacheMode

SOURCE = Source("http://h/v1", "m", 100)


class Counting:
    """Answers with the number of all requests before."""

    name = "counting"

    def __init__(self, delay_seconds: float = 0.0) -> None:
        self.asked: list[Request] = []
        self._delay_seconds = delay_seconds
        self._lock = threading.Lock()

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
        for number, request in enumerate(requests):
            time.sleep(self._delay_seconds)
            with self._lock:
                self.asked.append(request)
                text = f"reply {len(self.asked)}"
            yield number, Reply(text, tokens=7, dollars=0.5, finish=Finish.LENGTH)

    def most(self, requests: Sequence[Request]) -> dict[Unit, float]:
        return {Unit.TOKENS: 10.0 * len(requests), Unit.DOLLARS: 1.0 * len(requests)}


@pytest.fixture
def store(tmp_path: Path) -> ReplyStore:
    return ReplyStore(tmp_path / "folder" / "replies.db")


def cached(
    client: Client, store: ReplyStore, mode: CacheMode = CacheMode.RECORD, source: Source = SOURCE
) -> Cached:
    return Cached(client, source, store, mode=mode, wait=lambda _: time.sleep(0.001))


def test_what_was_paid_for_is_not_asked_for_again(store: ReplyStore, asked: Any) -> None:
    first, second = Counting(), Counting()

    paid = replies_of(cached(first, store), asked.several(3))
    free = replies_of(cached(second, store), asked.several(4))

    assert [reply.text for reply in free[:3]] == [reply.text for reply in paid]
    assert [(reply.tokens, reply.dollars, reply.finish) for reply in free[:3]] == [
        (0, 0.0, Finish.LENGTH)
    ] * 3
    assert [request.index for request in second.asked] == [3]


@pytest.mark.parametrize(
    "other",
    [
        Request("other", "hello", 0.7, "s", 0),
        Request("expert", "other", 0.7, "s", 0),
        Request("expert", "hello", 0.8, "s", 0),
        Request("expert", "hello", 0.7, "other", 0),
        Request("expert", "hello", 0.7, "s", 1),
    ],
)
def test_another_request_is_another_reply(store: ReplyStore, asked: Any, other: Request) -> None:
    client = Counting()

    replies_of(cached(client, store), [asked()])
    replies_of(cached(client, store), [other])

    assert len(client.asked) == 2


@pytest.mark.parametrize(
    "other", [Source("http://g/v1", "m", 100), Source("http://h/v1", "n", 100),
              Source("http://h/v1", "m", 99)],
)  # fmt: skip
def test_another_source_is_another_reply(store: ReplyStore, asked: Any, other: Source) -> None:
    client = Counting()

    replies_of(cached(client, store), [asked()])
    replies_of(cached(client, store, source=other), [asked()])

    assert len(client.asked) == 2


def test_replay_asks_nobody(store: ReplyStore, asked: Any) -> None:
    client = Counting()
    replies_of(cached(client, store), [asked()])
    replaying = cached(client, store, CacheMode.REPLAY)

    assert replies_of(replaying, [asked()])[0].text == "reply 1"
    with pytest.raises(ProviderError, match=r"no reply of counting to .*: run it once with"):
        replies_of(replaying, [asked("unknown")])
    assert len(client.asked) == 1


def test_threads_that_want_the_same_pay_once(store: ReplyStore, asked: Any) -> None:
    client = Counting(delay_seconds=0.01)
    shared = cached(client, store)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: replies_of(shared, asked.several(3)), range(8)))

    assert len(client.asked) == 3
    assert len({tuple(reply.text for reply in replies) for replies in told}) == 1


def test_who_waited_for_one_that_failed_asks_itself(store: ReplyStore, asked: Any) -> None:
    begun, wanted = threading.Event(), threading.Event()

    class Failing(Counting):
        def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
            if not begun.is_set():
                begun.set()
                wanted.wait(10)
                raise ProviderError("down")
            yield from super().complete(requests)

    shared = cached(Failing(), store)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(replies_of, shared, [asked()])
        begun.wait(10)
        second = pool.submit(replies_of, shared, [asked()])
        time.sleep(0.02)
        wanted.set()

        assert isinstance(first.exception(10), ProviderError)
        assert second.result(10)[0].text == "reply 1"


def test_what_arrived_before_a_failure_is_kept(store: ReplyStore, asked: Any) -> None:
    class Half(Counting):
        def complete(self, requests: Sequence[Request]) -> Iterator[tuple[int, Reply]]:
            yield from super().complete(requests[:1])
            raise ProviderError("down")

    with pytest.raises(ProviderError, match="down"):
        replies_of(cached(Half(), store), asked.several(2))

    assert replies_of(cached(Counting(), store, CacheMode.REPLAY), [asked()])[0].text == "reply 1"


def test_only_what_is_new_is_bounded(store: ReplyStore, asked: Any) -> None:
    shared = cached(Counting(), store)
    assert isinstance(shared, Bounded)
    replies_of(shared, asked.several(2))

    assert shared.most(asked.several(5))[Unit.DOLLARS] == 3.0
    assert shared.most(asked.several(2)) == {Unit.TOKENS: 0.0, Unit.DOLLARS: 0.0}


WRITER = """
import sys
from pathlib import Path
from selftaught.client import Reply
from selftaught.language_models.servers.reply_store import ReplyStore
store = ReplyStore(Path(sys.argv[1]))
for number in range(50):
    store.keep({f"key {number}": Reply(sys.argv[2])})
"""


@pytest.mark.slow
def test_processes_share_a_store(tmp_path: Path) -> None:
    file = tmp_path / "replies.db"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(file), name])
        for name in ("a", "b", "c")
    ]

    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    known = ReplyStore(file).known([f"key {number}" for number in range(50)])
    assert len(known) == 50


def test_a_store_that_is_none_is_named(tmp_path: Path, asked: Any) -> None:
    file = tmp_path / "replies.db"
    file.write_text("this is no database, whatever its name says; it is a text")

    with pytest.raises(StoreError, match=r"the cache of replies .*replies\.db: "):
        replies_of(cached(Counting(), ReplyStore(file)), [asked()])
