"""Bytes on real sockets: slow, too many, packed, broken off, and by wrong ways."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from selftaught.errors import UsageError
from selftaught.language_models.servers.exchange import Cause, TooMuch, Transient
from selftaught.language_models.servers.openai import OpenAIServer
from selftaught.language_models.servers.providers import address_of
from selftaught.language_models.servers.settings import Settings
from selftaught.testing.chat_server import Behaviour, ChatServer

SECRET = "sk-canary-4711-4711"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def server_at(base_url: str, **settings: Any) -> OpenAIServer:
    chosen = Settings(base_url=base_url, **settings)
    return OpenAIServer(address_of("openai/gpt-4o", chosen, {"OPENAI_API_KEY": SECRET}), chosen)


def drip(connection: socket.socket, parts: Sequence[bytes], seconds: float) -> None:
    """Reads a request and answers it slowly, until the other side has gone."""
    with connection:
        connection.recv(1 << 16)
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:
                return
            time.sleep(seconds)


@contextmanager
def dripping(parts: Sequence[bytes], seconds: float = 0.0) -> Iterator[str]:
    """The base URL of a server that answers anything with the same bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(
                    target=drip, args=(connection, parts, seconds), daemon=True
                ).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"


def failed(base_url: str, asked: Any, **settings: Any) -> Transient:
    with pytest.raises(Transient) as caught:
        server_at(base_url, **settings).ask(asked(), 1)
    return caught.value


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_proxy_sees_what_is_for_this_machine(
    asked: Any, monkeypatch: pytest.MonkeyPatch, variable: str, host: str
) -> None:
    with ChatServer() as proxy, ChatServer() as server:
        monkeypatch.setenv(variable, proxy.base_url.removesuffix("/v1"))

        server_at(server.base_url.replace("127.0.0.1", host)).ask(asked(), 1)

    assert (len(proxy.book.requests), len(server.book.requests)) == (0, 1)


def test_a_proxy_sees_what_is_for_other_machines(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ChatServer() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.base_url.removesuffix("/v1"))

        server_at("http://gpu-box.invalid/v1").ask(asked(), 1)

    assert proxy.book.headers[0]["Host"] == "gpu-box.invalid"
    assert SECRET not in str(proxy.book.headers)


def test_the_time_of_an_exchange_is_kept_while_headers_trickle(asked: Any) -> None:
    headers = [b"HTTP/1.1 200 OK\r\n", *(f"x-{i}: 1\r\n".encode() for i in range(100))]

    with dripping(headers, 0.05) as base_url:
        began = time.monotonic()
        error = failed(base_url, asked, timeout_seconds=0.2)

    assert time.monotonic() - began < 2
    assert "no answer within 0.2 seconds" in str(error)
    assert error.cause is Cause.UNUSABLE


def test_the_time_counts_from_the_start_and_not_from_the_headers(asked: Any) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"

    with dripping([b"HTTP/1.1 100 Continue\r\n\r\n", head, *[b" "] * 100], 0.05) as base_url:
        began = time.monotonic()
        error = failed(base_url, asked, timeout_seconds=0.2)

    assert time.monotonic() - began < 2
    assert "the answer came too slowly" in str(error)
    assert error.cause is Cause.UNUSABLE


def test_one_slow_exchange_does_not_shorten_the_next(asked: Any) -> None:
    slow_first = ChatServer(lambda number, _: Behaviour(delay_seconds=0.0 if number else 0.3))

    with slow_first as listening:
        server = server_at(listening.base_url, timeout_seconds=0.2)
        with pytest.raises(Transient):
            server.ask(asked(), 1)
        replies = server.ask(asked(), 1)

    assert len(replies) == 1


def test_an_answer_that_breaks_off_may_have_been_charged(asked: Any) -> None:
    with ChatServer(lambda *_: Behaviour(breaks_off=True)) as listening:
        error = failed(listening.base_url, asked)

    assert "the answer broke off" in str(error)
    assert error.cause is Cause.UNUSABLE


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip", "br"])
def test_what_is_packed_is_not_unpacked(asked: Any, encoding: str) -> None:
    bomb = gzip.compress(gzip.compress(b" " * (64 << 20), 1))
    packed = Behaviour(body=bomb, headers={"Content-Encoding": encoding})

    with ChatServer(lambda *_: packed) as listening:
        error = failed(listening.base_url, asked)

    assert "the answer is packed" in str(error)
    assert error.cause is Cause.UNUSABLE


def test_too_many_bytes_are_told_from_other_failures(asked: Any) -> None:
    with ChatServer(lambda *_: Behaviour(body=b" " * (33 << 20))) as listening:
        error = failed(listening.base_url, asked)

    assert isinstance(error, TooMuch)
    assert "an answer of more than 32 MB" in str(error)


@pytest.mark.parametrize("said", [b"\x15\x03\x01\x00\x02\x02\x16", b"SSH-2.0-OpenSSH\r\n", b""])
def test_what_speaks_another_protocol_is_no_such_server(asked: Any, said: bytes) -> None:
    with dripping([said]) as base_url:
        error = failed(base_url, asked)

    assert error.cause is Cause.UNREACHABLE


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("HTTPS_PROXY", "bogus://proxy:1", "HTTPS_PROXY: expected the URL of a proxy"),
        (
            "ALL_PROXY",
            "socks5://proxy:1",
            "ALL_PROXY: a proxy of the kind socks5 needs the package",
        ),
        ("SSL_CERT_FILE", "/no/such.pem", "SSL_CERT_FILE: expected certificates in PEM"),
    ],
)
def test_settings_of_the_environment_are_named_when_they_are_wrong(
    asked: Any, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(UsageError) as caught:
        server_at("https://api.openai.invalid/v1").ask(asked(), 1)

    assert str(caught.value).startswith(words)


def test_a_file_without_certificates_is_named(
    asked: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "none.pem").write_text("nothing")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))

    with pytest.raises(UsageError, match=r"none\.pem' cannot be read"):
        server_at("https://api.openai.invalid/v1").ask(asked(), 1)


def test_certificates_do_not_matter_where_nothing_is_encrypted(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such.pem")

    with ChatServer() as listening:
        replies = server_at(listening.base_url).ask(asked(), 1)

    assert len(replies) == 1


def test_a_proxy_that_refuses_is_not_asked_for_long(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"
    with dripping([refusal]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.replace("http://", "http://me:pass@"))

        error = failed("https://api.example.invalid/v1", asked)

    assert "407 Proxy Authentication Required" in str(error)
    assert error.cause is Cause.UNREACHABLE


def test_connections_are_kept_for_the_next_exchange(asked: Any) -> None:
    body = b'{"choices": [{"message": {"content": "x"}}]}'
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve_one_connection() -> None:
            with listening.accept()[0] as connection:
                while received := connection.recv(1 << 16):
                    if b"hello" in received:
                        connection.sendall(answer)

        threading.Thread(target=serve_one_connection, daemon=True).start()
        server = server_at(f"http://127.0.0.1:{listening.getsockname()[1]}/v1", timeout_seconds=5)
        replies = [server.ask(asked(), 1) for _ in range(3)]

    assert len(replies) == 3
