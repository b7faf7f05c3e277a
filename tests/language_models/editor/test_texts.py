"""Learning to name texts from examples."""

from __future__ import annotations

import ast
import contextlib
import random
from collections.abc import Callable, Sequence
from random import Random
from statistics import fmean

import pytest
from tests.language_models.editor.conftest import (
    LEARNER,
    LEARNING,
    READER,
    READING,
    ask,
    function_of,
    programs,
)

from selftaught.language_models.editor.draft import Draft
from selftaught.language_models.editor.text_ideas import learns_from_texts

WORDS = ["river", "stone", "cloud", "apple", "train", "candle", "window", "garden", "silver"]
KINDS: dict[str, Callable[[list[str]], str]] = {
    "a word": lambda words: "yes" if "cloud" in words else "no",
    "an ending": lambda words: "e" if any(word.endswith("e") for word in words[:1]) else "other",
    "a length": lambda words: "long" if len(words) > 4 else "short",
    "a pair": lambda words: "yes" if "river stone" in " ".join(words) else "no",
}


def accuracy(program: str, texts: Sequence[str], labels: Sequence[str]) -> float:
    # Some replies are broken; they learn nothing.
    with contextlib.suppress(Exception):
        answers = function_of(program)(texts[:150], labels[:150], texts[150:])
        return fmean(a == b for a, b in zip(answers, labels[150:], strict=True))
    return 0.0


@pytest.mark.parametrize("name", KINDS)
def test_going_on_from_the_best_tells_texts_apart_by_anything(name: str) -> None:
    rng = random.Random(3)
    drawn = [
        rng.choices(WORDS[: 3 if name == "a pair" else 9], k=rng.randint(2, 7)) for _ in range(200)
    ]
    texts, labels = [" ".join(words) for words in drawn], [KINDS[name](words) for words in drawn]
    best, highest = READER, accuracy(READER, texts, labels)

    for number in range(10):
        for program in programs(ask(best, READING, f"Round {number}: better, please."), 6):
            if (found := accuracy(program, texts, labels)) > highest:
                best, highest = program, found

    assert highest >= 0.85


@pytest.mark.parametrize(
    ("solution", "utility", "texts"),
    [
        (READER, READING, True),
        (READER.replace("_texts", "_x"), READING, True),
        (READER, LEARNING, True),
        (LEARNER, LEARNING, False),
        (READER.replace("train_texts", "train_word_vectors"), LEARNING, False),
        (LEARNER, LEARNING.replace("row[hidden]", '"".join("ab")'), False),
        (LEARNER, LEARNING + "\n\ndef nothing():\n    return ()", False),
    ],
)
def test_texts_are_told_by_names_or_by_how_they_are_drawn(
    solution: str, utility: str, *, texts: bool
) -> None:
    draft = Draft(ast.parse(solution), Random(0), 0.7, ast.parse(utility))
    assert learns_from_texts(draft) is texts
