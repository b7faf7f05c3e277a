"""The embedded model as a client: replies that can be repeated, whatever is asked."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import random
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.language_models.editor.conftest import TASKS, ask, programs, request

import selftaught.language_models.editor as editor_package
from selftaught.client import Client, replies_of
from selftaught.extraction import code_in, parses
from selftaught.language_models.editor import Editor

MESSAGES = [ask(*texts) for texts in TASKS.values()]
REQUESTS = [request(message, index) for message in MESSAGES for index in range(6)]


def texts(editor: Client) -> list[str]:
    return [reply.text for reply in replies_of(editor, REQUESTS)]


def test_replies_are_an_idea_and_a_program() -> None:
    replies = replies_of(Editor(), REQUESTS)

    assert all(reply.text.startswith("Idea: ") and "```python\n" in reply.text for reply in replies)
    assert {(reply.tokens, reply.dollars) for reply in replies} == {(0, 0.0)}


def test_replies_do_not_depend_on_order_or_threads() -> None:
    editor = Editor(seed=3)
    expected = texts(editor)
    shuffled = random.Random(0).sample(range(len(REQUESTS)), len(REQUESTS))

    with ThreadPoolExecutor(4) as pool:
        asked = [[REQUESTS[number]] for number in shuffled]
        told = list(pool.map(lambda each: replies_of(Editor(seed=3), each), asked))

    assert {number: reply[0].text for number, reply in zip(shuffled, told, strict=True)} == dict(
        enumerate(expected)
    )


def test_replies_are_the_same_in_another_process_with_another_hash_seed() -> None:
    source = (
        "import hashlib; from tests.language_models.editor import test_editor as t; "
        "print(hashlib.sha256(repr(t.texts(t.Editor(seed=3))).encode()).hexdigest())"
    )
    project = Path(__file__).parents[3]

    found = [
        subprocess.run(
            [sys.executable, "-c", source],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=project,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]

    digest = hashlib.sha256(repr(texts(Editor(seed=3))).encode()).hexdigest()
    assert found == [digest, digest]


@pytest.mark.parametrize("field", ["seed", "skill", "index", "stream", "temperature", "message"])
def test_every_part_of_a_request_changes_the_reply(field: str) -> None:
    message = MESSAGES[0]
    plain = [request(message, index) for index in range(10)]
    other = {
        "index": [request(message, index + 10) for index in range(10)],
        "stream": [type(each)(**{**as_fields(each), "stream": "other"}) for each in plain],
        "temperature": [request(message, index, temperature=0.8) for index in range(10)],
        "message": [request(f"{message} Please.", index) for index in range(10)],
    }.get(field, plain)
    editor = Editor(seed=int(field == "seed"), skill=0.9 if field == "skill" else 1.0)

    changed = [reply.text for reply in replies_of(editor, other)]

    assert changed != [reply.text for reply in replies_of(Editor(), plain)]


def as_fields(each: object) -> dict[str, object]:
    names = ("expertise", "message", "temperature", "stream", "index")
    return {name: getattr(each, name) for name in names}


def test_about_95_percent_of_the_replies_parse_at_full_skill() -> None:
    requests = [request(message, index) for message in MESSAGES for index in range(60)]

    replies = replies_of(Editor(), requests)

    parsed = [
        code is not None and parses(code) for code in (code_in(each.text) for each in replies)
    ]
    assert 0.92 <= statistics.mean(parsed) <= 0.99


def test_less_skill_means_more_broken_replies() -> None:
    def share(skill: float) -> float:
        codes = [code for message in MESSAGES for code in programs(message, 25, skill=skill)]
        return statistics.mean(map(parses, codes))

    assert share(1.0) > share(0.5) > share(0.0) > 0.3


def test_a_program_differs_from_its_parent() -> None:
    for solution, utility in TASKS.values():
        same = ast.unparse(ast.parse(solution))

        found = programs(ask(solution, utility), 20)

        assert all(not parses(code) or ast.unparse(ast.parse(code)) != same for code in found)


def test_temperature_makes_edits_more() -> None:
    def actions(temperature: float) -> float:
        requests = [request(MESSAGES[1], index, temperature=temperature) for index in range(50)]
        replies = replies_of(Editor(), requests)
        return statistics.mean(reply.text.count("; then ") for reply in replies)

    assert actions(0.0) == 0 < actions(0.7) < actions(1.6)


def test_a_reply_takes_under_5_ms_at_the_median() -> None:
    editor = Editor()
    replies_of(editor, REQUESTS[::6])
    taken: list[float] = []

    for each in REQUESTS:
        started = time.process_time()
        replies_of(editor, [each])
        taken.append(time.process_time() - started)

    # Twice the aim, for slow machines.
    assert statistics.median(taken) < 0.010


HOSTILE = {
    "empty": "",
    "no code": "Please improve my program, it is slow.",
    "no python": "```python\nthis is not python at all (\n```",
    "unclosed": "```python\ndef algorithm(x):\n    return x",
    "binary": "```python\n\x00\x01\ud800\n```",
    "only text": "```text\nhello\n```",
    "fences": "```\n" * 5000,
    "many openings": "```python\nx = (\n" * 200 + "```\n" * 200,
    "deep": "```python\ndef algorithm(x):\n    return " + "(" * 3000 + "x" + ")" * 3000 + "\n```",
    "deep minus": "```python\ndef algorithm(x):\n    return " + "-" * 20_000 + "x\n```",
    "deep sum": "```python\ndef algorithm(x):\n    return x" + " + 1" * 9000 + "\n```",
    "deep blocks": "```python\n"
    + "".join(" " * depth + "if x:\n" for depth in range(95))
    + " " * 95
    + "y\n```",
    "huge": "```python\ndef algorithm(x):\n" + "    x = x + 1\n" * 100_000 + "    return x\n```",
    "huge word": "a" * 3_000_000,
    "huge number": "```python\ndef algorithm(x):\n    return " + "9" * 4000 + "\n```",
    "no function": "```python\nx = 1\n```",
    "odd numbers": "```python\ndef f(x):\n    return [0.0, 1e308, -1e-320, 1j, 10**30, True]\n```",
    "scores": "Score: 1e999\n```python\ndef f(x):\n    return x * 2\n```\n" * 3,
}


@pytest.mark.parametrize("message", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_messages_get_a_quick_answer(message: str) -> None:
    started = time.process_time()

    replies = replies_of(Editor(), [request(message, index) for index in range(3)])

    assert all(reply.text for reply in replies)
    assert time.process_time() - started < 2


def test_a_message_without_a_program_gets_a_reply_without_code() -> None:
    replies = replies_of(Editor(), [request("Can you help me?")])

    assert code_in(replies[0].text) is None
    assert "program" in replies[0].text


@pytest.mark.parametrize(
    "endless",
    [
        "while True:\n    pass",
        "for x in iter(int, 1):\n    pass",
        "import itertools\nfor x in itertools.count():\n    pass",
        "algorithm(3)",
        "x = algorithm(3)",
        "class A:\n    while True:\n        pass",
        "x = [0 for _ in iter(int, 1)]",
        "x = sum(1 for _ in range(10**12))",
        "@(lambda f: algorithm(f))\ndef other(x):\n    return x",
        "if True:\n    while True:\n        pass",
        "exec('while True: pass')",
        "import time\ntime.sleep(1e9)",
    ],
)
def test_no_reply_loops_at_import(endless: str) -> None:
    loop = "def algorithm(n):\n    while n:\n        n = n + 1\n    return n * 2\n"

    for code in programs(ask(f"{loop}\n{endless}\n", "def score(a, b): return 1"), 30, skill=0.5):
        # A misspelt name may fail; what may not happen is that it takes time.
        with contextlib.suppress(NameError, ImportError, SyntaxError):
            exec(code, {"__name__": "program"})


def test_the_model_says_what_it_is() -> None:
    assert Editor().name == "editor"
    for text in (editor_package.__doc__, sys.modules[Editor.__module__].__doc__):
        assert "a program editor, not a neural network" in (text or "")
