"""A server of chat completions on this machine, for tests: it misbehaves as told, and counts.

Real sockets and threads, no network and no model. What it has served whole is what a client must
have in its books.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

PROGRAM = "Idea: answer zero.\n\n```python\ndef algorithm(*arguments):\n    return 0\n```\n"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How one request is answered."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None
    """In place of an answer."""
    delay_seconds: float = 0.0
    breaks_off: bool = False
    """Closes the connection in the middle of the answer."""
    most_samples: int = 1_000
    """Gives no more, whatever is asked for."""
    states_usage: bool = True
    finish: str = "stop"


@dataclass(slots=True)
class Book:
    """What a server has seen and served."""

    requests: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    """Bodies, in the order of arrival."""
    headers: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    samples: int = 0
    """Replies in answers that were sent whole."""
    tokens: int = 0
    """Of those."""
    in_flight: int = 0
    most_in_flight: int = 0


Behave = Callable[[int, Mapping[str, Any]], Behaviour]
"""Says how a request is answered, from its number and its body."""


def well(number: int, body: Mapping[str, Any]) -> Behaviour:
    """Answers everything."""
    del number, body
    return Behaviour()


class ChatServer:
    """Serves at `base_url` within a ``with`` block.

    Args:
        behave: How requests are answered.
        reply: The text of a sample, from the body of its request and the number of all samples
            before it.
    """

    def __init__(
        self,
        behave: Behave = well,
        reply: Callable[[Mapping[str, Any], int], str] = lambda body, number: PROGRAM,  # noqa: ARG005
    ) -> None:
        self.book = Book()
        self.behave = behave
        self._reply = reply
        self._lock = threading.Lock()
        self._server = _Listening(self._answer)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        """Begins to serve."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        with self._lock:
            number = len(self.book.requests)
            self.book.requests.append(asked)
            self.book.headers.append(dict(handler.headers))
            self.book.in_flight += 1
            self.book.most_in_flight = max(self.book.most_in_flight, self.book.in_flight)
        behaviour = self.behave(number, asked)
        time.sleep(behaviour.delay_seconds)
        with self._lock:
            body = self._body(asked, behaviour)
            self.book.in_flight -= 1
        _send(handler, behaviour, body)

    def _body(self, asked: Mapping[str, Any], behaviour: Behaviour) -> bytes:
        """Returns what is sent; what will be whole is in the book before the client has it."""
        if behaviour.body is not None:
            return behaviour.body
        answer = self._completion(asked, behaviour)
        if behaviour.status == 200 and not behaviour.breaks_off:
            self.book.samples += len(answer["choices"])
            self.book.tokens += answer["usage"]["total_tokens"]
        sent = answer if behaviour.states_usage else {**answer, "usage": None}
        return _streamed(sent) if asked.get("stream") else json.dumps(sent).encode()

    def _completion(self, asked: Mapping[str, Any], behaviour: Behaviour) -> dict[str, Any]:
        count = min(asked.get("n", 1), behaviour.most_samples)
        texts = [self._reply(asked, self.book.samples + i) for i in range(count)]
        prompt = sum(len(message["content"]) for message in asked["messages"]) // 4
        completion = sum(len(text) for text in texts) // 4
        usage = {"prompt_tokens": prompt, "completion_tokens": completion}
        message = {
            "object": "chat.completion",
            "model": asked["model"],
            "choices": [
                {
                    "index": index,
                    "message": {"role": "assistant", "content": text},
                    "finish_reason": behaviour.finish,
                }
                for index, text in enumerate(texts)
            ],
        }
        return message | {"usage": usage | {"total_tokens": prompt + completion}}


def _streamed(answer: Mapping[str, Any]) -> bytes:
    """Returns an answer as a stream of one piece."""
    choices = [
        {"index": choice["index"], "delta": choice["message"]} for choice in answer["choices"]
    ]
    piece = {**answer, "object": "chat.completion.chunk", "choices": choices}
    return f"data: {json.dumps(piece)}\n\ndata: [DONE]\n\n".encode()


class _Listening(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self) -> None:
                answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
                """Says nothing."""

        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: clients may go away."""


def _send(handler: BaseHTTPRequestHandler, behaviour: Behaviour, body: bytes) -> None:
    handler.send_response(behaviour.status)
    for name, value in ({"Content-Type": "application/json"} | dict(behaviour.headers)).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2] if behaviour.breaks_off else body)
    handler.wfile.flush()
    handler.close_connection = handler.close_connection or behaviour.breaks_off
