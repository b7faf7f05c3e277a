"""Models on servers, from the command line to real sockets."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from selftaught.cli.main import exit_code
from selftaught.language_models.servers.providers import PROVIDERS
from selftaught.sandbox import Limits, Program
from selftaught.sandboxes.local import LocalSandbox
from selftaught.testing.chat_server import PROGRAM, Behaviour, ChatServer

SECRET = "sk-canary-4711-4711"
SMALL = """
repeats = 2
gate_repeats = 2
test_repeats = 2

[session]
calls = 1
samples_per_call = 3
evaluations = 4

[self_session]
calls = 1
samples_per_call = 2
evaluations = 3

[endpoint]
patience_seconds = 20
"""
ASKS_FOR_NONE = """from helpers import extract_code

def improve_algorithm(initial_solution, utility, language_model):
    replies = language_model.batch_prompt("", [initial_solution] * 2)
    return extract_code(replies)[0]
"""
CHAOS = [
    Behaviour(status=429, headers={"Retry-After": "0"}, body=b"{}"),
    Behaviour(status=500, body=b"oops"),
    Behaviour(breaks_off=True),
    Behaviour(body=b'{"choices": [{"mess'),
    Behaviour(most_samples=1),
    Behaviour(),
]


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return str(path)


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (each.key for each in PROVIDERS.values() if each.key):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("SELFTAUGHT_API_KEY", raising=False)
    monkeypatch.setenv("SELFTAUGHT_CACHE", str(tmp_path / "replies.db"))


def run(server: ChatServer, *arguments: str) -> int:
    return exit_code(
        ["run", *arguments, "--model", "openai/some-model", "--base-url", server.base_url, "--json"]
    )


def different(_body: Mapping[str, Any], number: int) -> str:
    """A program that no reply had before."""
    return PROGRAM.replace("return 0", f"return {number}")


@pytest.mark.slow
def test_a_run_through_a_chaotic_server_has_the_servers_own_counts_in_its_books(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(lambda number, _: CHAOS[number % len(CHAOS)], different) as server:
        code = run(server, small, "--iterations", "1", "--price", "input=1,output=1", "--yes")

    said = capsys.readouterr()
    assert code == 0, said.err
    result = json.loads(said.out)
    assert server.book.samples >= 20
    assert result["spent"]["samples"] == server.book.samples
    assert result["spent"]["tokens"] == server.book.tokens
    assert result["spent"]["dollars"] == pytest.approx(server.book.tokens / 1e6)


@pytest.mark.slow
def test_a_run_that_scores_ahead_says_how_close_it_came_and_what_was_in_vain(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    improver = tmp_path / "asks_for_none.py"
    improver.write_text(ASKS_FOR_NONE)
    Path(small).write_text(SMALL + "ahead = true\n")

    def reply(body: Mapping[str, Any], number: int) -> str:
        is_improver = "improve_algorithm" in body["messages"][-1]["content"]
        program = f"{ASKS_FOR_NONE}# {number}\n" if is_improver else PROGRAM
        return f"```python\n{program}```"

    with ChatServer(lambda *_: Behaviour(delay_seconds=0.1), reply) as server:
        run(server, small, "--iterations", "1", "--improver", str(improver), "--name", "a")
        result = json.loads(capsys.readouterr().out)
        samples = server.book.samples
    shown = exit_code(["show", "a"])

    assert result["spent"]["samples"] == samples
    # Of two candidates, two sessions each, with two samples each.
    assert 0 < result["unasked"]["samples"] <= 2 * 2 * 2
    assert [pace["t"] for pace in result["paces"]] == [0, 1]
    for pace in result["paces"]:
        assert 0.1 <= pace["critical_path_seconds"] <= pace["seconds"]
        assert pace["ratio"] == pace["seconds"] / pace["critical_path_seconds"]
    words = " ".join(capsys.readouterr().out.split())
    assert shown == 0
    assert "Achieved / critical path (calls that wait for each other): t = 0 " in words
    assert "scored ahead and not asked for: " in words


@pytest.mark.slow
def test_a_run_that_was_cut_short_goes_on_and_pays_for_nothing_twice(
    small: str, limited: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(reply=different) as server:
        first = run(server, limited, "--iterations", "0", "--name", "a")
        cut = json.loads(capsys.readouterr().out)
        second = run(server, small, "--iterations", "0", "--name", "a")
        whole = json.loads(capsys.readouterr().out)

    assert (first, second) == (1, 0)
    assert cut["spent"]["samples"] == 6
    assert whole["spent"]["samples"] == server.book.samples == 12
    assert whole["spent"]["tokens"] == server.book.tokens


@pytest.mark.slow
def test_a_run_repeated_from_the_cache_pays_nothing_and_comes_out_the_same(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(reply=different) as server:
        run(server, small, "--iterations", "1", "--cache", "record", "--name", "a")
        paid, asked = json.loads(capsys.readouterr().out), len(server.book.requests)
        run(server, small, "--iterations", "1", "--cache", "replay", "--name", "b")
        free = json.loads(capsys.readouterr().out)

    assert len(server.book.requests) == asked
    assert (free["spent"]["tokens"], free["spent"]["dollars"]) == (0, 0)
    assert free["result_hash"] == paid["result_hash"]


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (Behaviour(status=401, body=b'{"error": "no key"}'), 2, "no key (set SELFTAUGHT_API_KEY"),
        (Behaviour(status=404, body=b'{"error": "model not found"}'), 2, "have a model 'some-mo"),
        (Behaviour(status=404, body=b"<html>"), 2, "the base URL? Most end in /v1"),
        (Behaviour(status=402, body=b'{"error": "broke"}'), 1, "no credit is left there"),
        (Behaviour(status=429, headers={"Retry-After": "99"}, body=b"{}"), 1, "left alone for 99"),
    ],
)
def test_what_a_server_refuses_ends_with_one_line(
    small: str, capsys: pytest.CaptureFixture[str], answer: Behaviour, code: int, words: str
) -> None:
    with ChatServer(lambda *_: answer) as server:
        ended = run(server, small, "--iterations", "0", "--name", "a")

    said = capsys.readouterr()
    document = json.loads(said.out)
    assert (ended, document["exit_code"], document["run"]) == (code, code, "a")
    assert words in document["error"]
    assert words in said.err
    assert "Traceback" not in said.err


@pytest.mark.slow
def test_a_no_to_the_costs_says_that_nothing_was_spent() -> None:
    person, terminal = pty.openpty()
    line = ["run", "--model", "openai/x", "--price", "input=1,output=1", "--json"]
    with (
        ChatServer() as server,
        subprocess.Popen(
            [sys.executable, "-m", "selftaught", *line, "--base-url", server.base_url],
            stdin=terminal,
            stderr=terminal,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        os.write(person, b"n\n")
        output, _ = process.communicate(timeout=60)
    said = os.read(person, 10_000).decode()

    document = {"error": "nothing was begun, and nothing was spent", "run": None, "exit_code": 1}
    assert (process.returncode, json.loads(output)) == (1, document)
    assert "Go on? [y/N]" in said
    assert "selftaught: nothing was begun, and nothing was spent" in said
    assert server.book.requests == []


def test_a_server_that_fails_is_told_of_while_it_is_asked_again(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = Behaviour(status=500, body=b"oops")
    with ChatServer(lambda number, _: failing if number < 2 else Behaviour()) as server:
        code = run(server, small, "--iterations", "0", "--name", "a")
    events = exit_code(["export", "a", "-", "--format", "jsonl"])

    said = capsys.readouterr()
    assert (code, events) == (0, 0)
    assert "openai/some-model: HTTP 500: oops; attempt 1, next in 0." in said.err
    assert "AttemptFailed" not in said.out


@pytest.fixture
def limited(tmp_path: Path) -> str:
    path = tmp_path / "limited.toml"
    path.write_text(SMALL + "\n[limits]\nsamples = 7\n")
    return str(path)


@pytest.mark.slow
def test_a_run_keeps_the_price_that_it_began_with(
    small: str, limited: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(reply=different) as server:
        run(server, limited, "--iterations", "0", "--price", "input=3,output=3", "--yes")
        capsys.readouterr()
        run(server, small, "--iterations", "0")

    result = json.loads(capsys.readouterr().out)
    assert result["spent"]["samples"] == server.book.samples == 12
    assert result["spent"]["dollars"] == pytest.approx(3 * server.book.tokens / 1e6)


@pytest.mark.slow
def test_a_run_at_another_server_is_another_run(
    small: str, limited: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(reply=different) as one, ChatServer(reply=different) as other:
        run(one, limited, "--iterations", "0")
        capsys.readouterr()
        run(other, small, "--iterations", "0")

    result = json.loads(capsys.readouterr().out)
    assert {"openai", "genai-prices"} <= result["versions"].keys()
    assert (one.book.samples, other.book.samples) == (6, 12)
    assert result["spent"]["samples"] == 12


def test_a_context_overflow_costs_only_its_session(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    overflow = Behaviour(status=400, body=b'{"error": "maximum context length is 100 tokens"}')
    with ChatServer(lambda *_: overflow) as server:
        code = run(server, small, "--iterations", "0")

    result = json.loads(capsys.readouterr().out)
    assert (code, result["spent"]["samples"]) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model", "openai/gpt-4o"], "set the environment variable OPENAI_API_KEY"),
        (["--model", "gpt-4o"], "unknown model 'gpt-4o': did you mean 'openai/gpt-4o'?"),
        (["--model", "llama3"], "known are editor, planted (or give PROVIDER/NAME, such as openai"),
        (["--model", "opnai/gpt-4o"], "did you mean 'openai'?"),
        (["--model", "openai/x", "--base-url", "nowhere"], "base_url: expected one such as"),
        (["--model", "openai/x", "--price", "5"], "such as --price input="),
        (["--model", "openai/x", "--cache", "on"], "endpoint.cache: "),
        (["--model", "openai/x", "--dollars", "0"], "limits.dollars: "),
        (
            ["--model", "openai/x", "--base-url", "http://127.0.0.1:1/v1", "--dollars", "1"],
            "the price of openai/x is not known; state it",
        ),
        (
            ["--model", "openai/x", "--base-url", "https://proxy.example/v1"],
            "an unknown price: say --yes to agree; --dollars sets a limit",
        ),
    ],
)
@pytest.mark.parametrize("command", [["run"], ["improve", "lpn"]], ids=["run", "improve"])
def test_what_is_missing_before_a_run_is_said(
    capsys: pytest.CaptureFixture[str], command: list[str], arguments: list[str], words: str
) -> None:
    code = exit_code([*command, *arguments])

    assert code == 2
    assert words in capsys.readouterr().err


def test_money_is_spent_only_when_told_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)

    code = exit_code(["run", "--model", "openai/gpt-4o"])

    said = capsys.readouterr().err
    assert code == 2
    assert re.search(
        r"will take about [\d,]+ replies, [\d,]+ tokens, [\d.]+ dollars; at most", said
    )
    assert "say --yes" in said


def test_each_model_of_an_ensemble_is_asked_and_priced_at_its_own_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "both.toml"
    with ChatServer(reply=different) as one, ChatServer(reply=different) as other:
        file.write_text(
            'model = "ensemble:openai/a,vllm/b"\niterations = 0\n'
            + SMALL
            + f'[endpoint.models."openai/a"]\nbase_url = "{one.base_url}"\n'
            "price = { input = 1, output = 1 }\n"
            f'[endpoint.models.vllm]\nbase_url = "{other.base_url}"\n'
            "price = { input = 0, output = 0 }\n"
        )
        code = exit_code(["run", str(file), "--yes", "--json", "--name", "a"])
        exported = exit_code(["export", "a", str(tmp_path / "a.zip")])

    said = capsys.readouterr()
    result = json.JSONDecoder().raw_decode(said.out)[0]
    assert (code, exported) == (0, 0)
    assert {each["model"] for each in one.book.requests} == {"a"}
    assert {each["model"] for each in other.book.requests} == {"b"}
    assert result["spent"]["dollars"] == pytest.approx(one.book.tokens / 1e6)
    words = " ".join(said.err.split())
    assert f"openai/a,vllm/b at {one.base_url}, {other.base_url} will take about" in words
    assert f"can read that {one.base_url} was asked" in words
    assert f"can read that {other.base_url} was asked" in words


@pytest.mark.slow
def test_a_fork_asks_before_it_spends_and_leaves_nothing_behind_without_an_answer(
    small: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    exit_code(["run", small, "--iterations", "1", "--name", "free", "--json"])
    capsys.readouterr()

    code = exit_code(["fork", "free", "--at", "0", "--model", "openai/gpt-4o", "--name", "dear"])

    said = " ".join(capsys.readouterr().err.split())
    exit_code(["show", "--json"])
    assert code == 2
    assert "openai/gpt-4o will take about" in said
    assert "say --yes" in said
    assert [each["run"] for each in json.loads(capsys.readouterr().out)] == ["free"]


def test_the_question_names_a_server_that_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    url = "https://proxy.example/v1"

    code = exit_code(
        ["run", "--model", "openai/x", "--base-url", url, "--price", "input=1,output=1"]
    )

    assert code == 2
    assert f"openai/x at {url} will take about" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{SECRET}@gpu-box/v1",
        f"https://{SECRET}@gpu-box/v1",
        f"https://gpu-box/v1?key={SECRET}",
        f"https://gpu-box/v1#{SECRET}",
    ],
)
@pytest.mark.parametrize("model", ["editor", "openai/x"])
def test_a_url_with_a_secret_is_refused_and_shown_nowhere(
    url: str, model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f'model = "{model}"\niterations = 0\n[endpoint]\nbase_url = "{url}"\n')

    code = exit_code(["run", str(file), "--yes"])

    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert "expected no password, key or question mark in it" in " ".join(said.err.split())
    assert SECRET not in said.err
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path != file and path.is_file()]
    assert SECRET.encode() not in b"".join(written)


def test_models_tell_which_keys_are_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)

    code = exit_code(["models", "--json"])

    said = capsys.readouterr().out
    keys = {row["model"]: row["key"] for row in json.loads(said)}
    assert code == 0
    assert SECRET not in said
    assert keys["openai/NAME"] == "OPENAI_API_KEY: set"
    assert keys["anthropic/NAME"] == "ANTHROPIC_API_KEY: missing"
    assert keys["any with --base-url"] == "SELFTAUGHT_API_KEY, if it wants one: not set"
    assert keys["ollama/NAME"] == keys["editor"] == "none needed"


def test_doctor_asks_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    with ChatServer() as server:
        code = exit_code(["doctor", "--model", "openai/x", "--base-url", server.base_url, "--json"])

    check = json.loads(capsys.readouterr().out)[-1]
    assert (code, check["name"], check["holds"]) == (0, "model: openai/x", True)
    assert "gives 2 of 2 samples per call" in check["detail"]
    facts = check["facts"]
    assert (facts["samples_per_call"], facts["states_usage"], facts["streams"]) == (2, True, True)
    assert 0 < facts["latency_seconds"] < 60
    assert facts["finish_reasons"] == ["stop", "stop"]


def test_doctor_does_not_call_a_model_well_whose_replies_are_empty(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ChatServer(reply=lambda *_: "") as server:
        url = ["--base-url", server.base_url]
        code = exit_code(["doctor", "--model", "openai/x", *url, "--json"])
        check = json.loads(capsys.readouterr().out)[-1]
        server.behave = lambda *_: Behaviour(finish="length")
        cut = exit_code(["doctor", "--model", "openai/x", *url])

    said = capsys.readouterr()
    assert (code, check["holds"], check["facts"]["usable_samples"]) == (1, False, 0)
    assert cut == 0
    assert re.search(r"warn\s+(check: )?model: openai/x", said.out)
    assert "asking openai/x: an answer may take 60 seconds" in said.err


def test_doctor_asks_each_model_of_an_ensemble_at_its_own_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "both.toml"
    refuses = Behaviour(status=404, body=b'{"error": "no such model"}')
    with ChatServer() as one, ChatServer(lambda *_: refuses) as other:
        file.write_text(
            'model = "bandit:openai/a,vllm/b,editor"\n'
            f'[endpoint.models.openai]\nbase_url = "{one.base_url}"\n'
            f'[endpoint.models.vllm]\nbase_url = "{other.base_url}"\n'
        )
        code = exit_code(["doctor", "--experiment", str(file), "--json"])

    checks = json.loads(capsys.readouterr().out)[-3:]
    assert code == 1
    assert [(each["name"], each["holds"]) for each in checks] == [
        ("model: openai/a", True),
        ("model: vllm/b", False),
        ("model: editor", True),
    ]
    assert "does the server have a model 'b'?" in checks[1]["detail"]


def test_doctor_says_how_several_models_have_servers(capsys: pytest.CaptureFixture[str]) -> None:
    url = ["--base-url", "http://127.0.0.1:1/v1"]

    code = exit_code(["doctor", "--model", "ensemble:openai/a,vllm/b", *url, "--json"])

    check = json.loads(capsys.readouterr().out)[-1]
    assert (code, check["holds"]) == (1, False)
    assert 'under [endpoint.models."vllm/b"]' in check["detail"]


def test_doctor_says_what_is_wrong_with_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    code = exit_code(["doctor", "--model", "openai/gpt-4o", "--json"])

    check = json.loads(capsys.readouterr().out)[-1]
    assert (code, check["holds"]) == (1, False)
    assert "set the environment variable OPENAI_API_KEY" in check["detail"]


def telling(_body: Mapping[str, Any], number: int) -> str:
    """A reply that repeats the key it was asked with, as a careless server's might."""
    return f"{PROGRAM.replace('return 0', f'return {number}')}\n{SECRET}"


def test_a_key_reaches_no_journal_and_no_output(
    small: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SELFTAUGHT_API_KEY", SECRET)
    telltale = Behaviour(status=500, body=f'{{"error": "you sent Bearer {SECRET}"}}'.encode())
    with ChatServer(
        lambda number, _: telltale if number % 3 == 0 else Behaviour(), telling
    ) as server:
        code = run(server, small, "--iterations", "0", "--cache", "record", "--name", "a")
        server.behave = lambda *_: Behaviour(
            status=400, body=f'{{"error": "you sent {SECRET}"}}'.encode()
        )
        failed = run(server, small, "--iterations", "0", "--seed", "7")

    exported = [exit_code(["export", "a", str(tmp_path / file)]) for file in ("a.zip", "a.jsonl")]

    said = capsys.readouterr()
    assert f"can read that {server.base_url} was asked" in said.err
    sent = [headers["Authorization"] for headers in server.book.headers]
    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        bundle.extractall(tmp_path / "bundle")
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert (code, failed, exported) == (0, 1, [0, 0])
    assert set(sent) == {f"Bearer {SECRET}"}
    assert "you sent [key]" in said.err
    assert b"[key]" in written
    assert SECRET not in said.out + said.err
    assert SECRET.encode() not in written


def test_a_key_reaches_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    program = Program(
        "import os\n"
        "def look():\n"
        "    found = [dict(os.environ)]\n"
        "    for process in os.listdir('/proc') if os.path.isdir('/proc') else []:\n"
        "        try:\n"
        "            found.append(open(f'/proc/{process}/environ').read())\n"
        "        except OSError:\n"
        "            pass\n"
        "    return repr(found)\n",
        "look",
    )

    with LocalSandbox(workers=1) as sandbox, sandbox.run(program, Limits()) as running:
        outcome = running.call(())

    assert outcome.is_ok
    assert SECRET not in f"{outcome}"
