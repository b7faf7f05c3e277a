"""Prompts as improvers write them, and the programs in the replies."""

from __future__ import annotations

import random
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest

from selftaught.client import Request, replies_of
from selftaught.extraction import code_in, extract_code
from selftaught.language_models.editor import Editor

LEARNER = """
import random


def algorithm(train_x, train_y, test_x):
    return [random.choice(train_y) for _ in test_x]
"""
LEARNING = '''
import random


def instance(seed):
    rng = random.Random(seed)
    hidden = rng.randrange(6)
    rows = [[rng.randint(0, 1) for _ in range(6)] for _ in range(60)]
    labels = [row[hidden] for row in rows]
    return (rows[:40], labels[:40], rows[40:]), labels[40:]


def score(answer, expected):
    """Return the share of correct labels."""
    return sum(a == b for a, b in zip(answer, expected)) / len(expected)
'''
SCHEDULER = """
def algorithm(jobs):
    return list(range(len(jobs)))
"""
SCHEDULING = '''
import random

N_JOBS = 8


def instance(seed):
    rng = random.Random(seed)
    jobs = [(rng.randint(1, 9), rng.randint(1, 9)) for _ in range(N_JOBS)]
    return (jobs,), jobs


def waiting(order, jobs):
    now, total = 0, 0
    for job in order:
        now += jobs[job][0]
        total += now * jobs[job][1]
    return total


def score(answer, expected):
    """The less weighted waiting, the better."""
    if sorted(answer) != list(range(len(expected))):
        return 0.0
    return 1 / (1 + waiting(answer, expected) / 1000)
'''
IMPROVER = '''
from helpers import extract_code


def improve_algorithm(initial_solution, utility, language_model):
    """Ask once and return the best."""
    expertise = "You are an expert."
    message = f"""Improve this solution:
```python
{initial_solution}
```

It is judged by this utility:
```python
{utility.str}
```

Write a better one. Be as creative as you can."""
    count = min(language_model.max_responses_per_call, utility.budget)
    replies = language_model.batch_prompt(expertise, [message] * count, temperature=0.7)
    candidates = extract_code(replies)
    return max(candidates, key=utility)
'''
META_UTILITY = '''
def meta_utility(improver):
    """Average utility of what an improver returns for tasks it does not know."""
    total = 0
    for task in sample_tasks(6):
        language_model = LanguageModel(budget=4, max_responses_per_call=6)
        total += task.final_utility(improver(task.seed, task.utility, language_model))
    return total / 6
'''
FITTER = """
def algorithm(train_x, train_y, test_x):
    return [0.0 for _ in test_x]
"""
FITTING = '''
import random


def instance(seed):
    rng = random.Random(seed)
    weight = rng.uniform(-2, 2)
    rows = [[rng.uniform(-3, 3) for _ in range(3)] for _ in range(60)]
    values = [weight * row[1] for row in rows]
    return (rows[:40], values[:40], rows[40:]), values[40:]


def score(answer, expected):
    """Return 1 for a perfect fit, and less the further the predictions are off."""
    return 1 / (1 + sum((a - b) ** 2 for a, b in zip(answer, expected)) / len(expected))
'''
READER = """
def algorithm(train_texts, train_labels, test_texts):
    return [train_labels[0] for _ in test_texts]
"""
READING = '''
import random


def instance(seed):
    rng = random.Random(seed)
    kinds = {"north": ["snow", "ice", "wind"], "south": ["sun", "sand", "palm"]}
    labels = [rng.choice(["north", "south"]) for _ in range(90)]
    texts = [" ".join(rng.choices([*kinds[each], "sea", "boat", "day"], k=6)) for each in labels]
    return (texts[:60], labels[:60], texts[60:]), labels[60:]


def score(answer, expected):
    """Return the share of correct labels."""
    return sum(a == b for a, b in zip(answer, expected)) / len(expected)
'''
PACKER = """
def algorithm(weights, values, capacity):
    chosen, left = [], capacity
    for i in range(len(weights)):
        if weights[i] <= left:
            chosen.append(i)
            left -= weights[i]
    return chosen
"""
PACKING = '''
import random


def instance(seed):
    rng = random.Random(seed)
    weights = [rng.randint(1, 30) for _ in range(40)]
    values = [rng.randint(1, 30) for _ in range(40)]
    return (weights, values, 150), (weights, values, 150)


def score(answer, expected):
    """Return the share of the value that is packed; 0 if it does not fit."""
    weights, values, capacity = expected
    if len(set(answer)) < len(answer) or sum(weights[i] for i in answer) > capacity:
        return 0.0
    return sum(values[i] for i in answer) / sum(values)
'''
TASKS = {
    "reading": (READER, READING),
    "packing": (PACKER, PACKING),
    "learning": (LEARNER, LEARNING),
    "fitting": (FITTER, FITTING),
    "scheduling": (SCHEDULER, SCHEDULING),
    "improving": (IMPROVER, META_UTILITY),
}


def ask(solution: str, utility: str, request: str = "Write a better solution.") -> str:
    return (
        f"Here is a solution to a problem:\n```python\n{solution.strip()}\n```\n\n"
        f"Its quality is measured by this utility:\n```python\n{utility.strip()}\n```\n\n{request}"
    )


def request(message: str, index: int = 0, *, temperature: float = 0.7) -> Request:
    return Request("You are an expert.", message, temperature, stream="test", index=index)


def programs(message: str, count: int, **settings: Any) -> list[str]:
    """The programs in as many replies; replies without one are left out."""
    replies = replies_of(Editor(**settings), [request(message, index) for index in range(count)])
    return [code for reply in replies if (code := code_in(reply.text)) is not None]


@pytest.fixture
def helpers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that improver programs import."""
    module = types.ModuleType("helpers")
    monkeypatch.setattr(module, "extract_code", extract_code, raising=False)
    monkeypatch.setitem(sys.modules, "helpers", module)


def function_of(program: str, name: str = "algorithm") -> Callable[..., Any]:
    random.seed(0)
    namespace: dict[str, Any] = {"__name__": "program"}
    exec(program, namespace)
    return namespace[name]
