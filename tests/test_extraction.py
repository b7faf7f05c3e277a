"""The program in a reply, whatever the reply looks like."""

from __future__ import annotations

import ast
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from selftaught.extraction import code_in, extract_code, parses

PROGRAM = "def algorithm(x):\n    return x + 1"


def test_a_tagged_fence_gives_its_program() -> None:
    assert code_in(f"An idea.\n```python\n{PROGRAM}\n```\nThat is all.") == PROGRAM


@pytest.mark.parametrize(
    "tag", ["py", "Python", "python3", " python", "{.python}", "python title=a.py"]
)
def test_any_tag_will_do(tag: str) -> None:
    assert code_in(f"```{tag}\n{PROGRAM}\n```") == PROGRAM


def test_an_untagged_fence_gives_its_program() -> None:
    assert code_in(f"```\n{PROGRAM}\n```") == PROGRAM


@pytest.mark.parametrize("fence", ["~~~", "````", "~~~~~~"])
def test_other_fences_are_fences(fence: str) -> None:
    assert code_in(f"Here:\n{fence}python\n{PROGRAM}\n{fence}\nDone.") == PROGRAM


def test_an_unclosed_fence_reaches_to_the_end() -> None:
    assert code_in(f"Here:\n```python\n{PROGRAM}") == PROGRAM


def test_of_several_blocks_the_largest_that_parses_wins() -> None:
    reply = f"```python\nx = 1\n```\nor\n```python\n{PROGRAM}\n```\nor\n```\n{PROGRAM} (((\n```"

    assert code_in(reply) == PROGRAM


def test_where_none_parses_the_first_block_is_returned() -> None:
    assert code_in("```\nfirst (\n```\n\n```\nthe second is longer (\n```") == "first ("


@pytest.mark.parametrize("reply", ["", "no code", "a `span` of code", "x = 1", "```", "```\n\n```"])
def test_where_there_is_no_block_there_is_no_program(reply: str) -> None:
    assert code_in(reply) is None


def test_a_program_whose_strings_hold_fences_comes_back_whole() -> None:
    program = 'PROMPT = """Improve:\n```python\nx = 1\n```\nand answer in a\n```\nblock."""\nY = 2'

    assert code_in(f"Idea.\n```python\n{program}\n```\nDone.") == program


def test_a_nested_fence_gives_the_program_inside() -> None:
    assert code_in(f"````markdown\n```python\n{PROGRAM}\n```\n````") == PROGRAM


@pytest.mark.parametrize("indent", [" ", "   ", "\t"])
def test_an_indented_block_loses_its_indentation(indent: str) -> None:
    lines = ["```python", *PROGRAM.split("\n"), "```"]
    reply = "1. Do this:\n" + "\n".join(indent + line for line in lines)

    assert code_in(reply) == PROGRAM


def test_lines_of_blanks_in_a_string_are_kept() -> None:
    program = 'TABLE = """\na\n   \nb\n"""'

    assert code_in(f"```python\n{program}\n```") == program


def test_carriage_returns_of_a_reply_are_dropped() -> None:
    reply = f"An idea.\n```python\n{PROGRAM}\n```\n".replace("\n", "\r\n")

    assert code_in(reply) == PROGRAM


def test_a_list_of_replies_gives_a_list_of_programs() -> None:
    replies: list[object] = ["none", f"```\n{PROGRAM}\n```", None, 7, b"```\nx = 1\n```"]

    assert extract_code(replies) == [None, PROGRAM, None, None, None]  # type: ignore[arg-type]


def test_replies_may_come_from_a_generator() -> None:
    assert extract_code(f"```\nx = {n}\n```" for n in range(2)) == ["x = 0", "x = 1"]


@pytest.mark.parametrize(
    "text",
    [
        "x = '\ud800'",
        "x = '\0'",
        "(" * 10_000,
        "-" * 100_000 + "1",
        "a" + ".a" * 50_000,
        "",
        "# so",
    ],
)
def test_what_python_cannot_parse_is_no_program(text: str) -> None:
    assert not parses(text)


def test_a_bad_escape_parses_without_a_warning() -> None:
    assert parses(r"x = '\d'")


@pytest.mark.parametrize(
    "text", ["x = '\ud800'", "\ud800", "x = '\0'", "\0", "x = 1\x0c\u2028\ufeff\x85"]
)
def test_hostile_characters_in_a_block_come_back_as_they_are(text: str) -> None:
    assert code_in(f"\udfff\0```?\n```python\n{text}\n```") == text


@pytest.mark.parametrize(
    "line",
    ["```" + " " * 100_000 + "`", "~" * 100_000 + "`", "`" * 100_000, " \t" * 50_000 + "```"],
    ids=["spaces", "tildes", "ticks", "indent"],
)
def test_a_line_of_fence_characters_is_read_in_linear_time(line: str) -> None:
    start = time.process_time()

    code_in(f"{line}\n{line}")

    assert time.process_time() - start < 0.1


@pytest.mark.parametrize(
    "reply",
    [
        "x" * 10_000_000,
        "```\n" + "x = 1\n" * 1_600_000 + "```",
        "```python\n" * 5_000,
        "```\n" * 5_000,
        "```python\n(\n```\n" * 5_000,
        ("```\n" + "x = (\n" * 30_000) * 50,
    ],
    ids=["no fence", "one block", "openings", "bare fences", "blocks", "long blocks"],
)
def test_a_huge_reply_is_read_in_bounded_time(reply: str) -> None:
    start = time.process_time()

    code_in(reply)

    assert time.process_time() - start < 5.0


def test_a_text_longer_than_any_honest_program_is_not_parsed() -> None:
    start = time.process_time()

    assert not parses("x = 1\n" * 2_000_000)
    assert time.process_time() - start < 0.05


def test_the_first_programs_of_very_many_blocks_are_found() -> None:
    assert code_in(f"```python\n{PROGRAM}\n```\n" + "```python\n(\n```\n" * 1000) == PROGRAM


words = st.text("abc xyz.,'\"()[]:#\\é☃\ud800\t", max_size=30)
prose = st.lists(words, max_size=4).map("\n".join)
strings = st.text("ab \n`~\t'\\é☃", max_size=40)
lines_of_code = st.one_of(
    st.builds("x = {!r}".format, st.one_of(st.integers(), st.floats(), strings)),
    st.builds("def f(a, b={!r}):\n    return a".format, strings),
    st.builds('"""{}"""'.format, st.text("ab \n`~é", max_size=40)),
    st.just("for i in range(3):\n\n    print(i)  # so"),
)
programs = st.lists(lines_of_code, min_size=1, max_size=5).map("\n".join)


@given(before=prose, program=programs, after=prose, tag=st.sampled_from(["", "python", "py"]))
@example(before="", program='"""\n```\n"""', after="", tag="python")
@example(before="", program='"""\n```python\n"""', after="", tag="python")
def test_a_program_put_into_a_fence_between_prose_comes_back(
    before: str, program: str, after: str, tag: str
) -> None:
    ast.parse(program)

    assert code_in(f"{before}\n```{tag}\n{program}\n```\n{after}") == program


@given(st.text("`~ \t\r\npython=1(\"'\ud800\0", max_size=200))
def test_any_text_is_read_without_failing(reply: str) -> None:
    code = code_in(reply)

    assert code is None or code.strip()


def test_a_reply_cut_short_in_its_program_holds_none() -> None:
    assert code_in("Idea.\n```python\ndef f(x):\n    return (x +") is None
    assert code_in("Idea.\n```python\ndef f(x):\n    return x\n") == "def f(x):\n    return x"
    assert code_in("Idea.\n```python\ndef f(x:\n```\n") == "def f(x:"
