"""The edit engine: which edits, how many, and again where the result fails the checks."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import NamedTuple

from selftaught.language_models.editor.anatomy import anatomy_of
from selftaught.language_models.editor.checks import is_acceptable
from selftaught.language_models.editor.crossover import take_from_other
from selftaught.language_models.editor.draft import Choice, Draft, Kind
from selftaught.language_models.editor.fitting_ideas import FITTING_IDEAS
from selftaught.language_models.editor.import_work import without_endless_work
from selftaught.language_models.editor.improver_calls import CALL_IDEAS
from selftaught.language_models.editor.improver_memory import MEMORY_IDEAS
from selftaught.language_models.editor.improver_requests import REQUEST_IDEAS
from selftaught.language_models.editor.improver_rounds import ROUND_IDEAS
from selftaught.language_models.editor.learning_ideas import LEARNING_IDEAS
from selftaught.language_models.editor.objective import measures_distance
from selftaught.language_models.editor.order_ideas import ORDER_IDEAS, can_be_ordered
from selftaught.language_models.editor.prompt import Brief, Parent
from selftaught.language_models.editor.roles import roles_of
from selftaught.language_models.editor.search_ideas import SEARCH_IDEAS
from selftaught.language_models.editor.small_edits import SMALL_EDITS
from selftaught.language_models.editor.syntax import entry_of, parsed
from selftaught.language_models.editor.text_ideas import TEXT_IDEAS, learns_from_texts

_MOST_EDITS = 6
_POOR, _GOOD = 0.3, 0.8
"""Scores, as shares of one, that change how bold an edit is."""
_TRIES = 5
"""Attempts at a whole reply, and draws from the menu for one edit."""


IMPROVER_IDEAS = (*ROUND_IDEAS, *CALL_IDEAS, *MEMORY_IDEAS, *REQUEST_IDEAS)
"""Everything that is known of programs that ask a generator and a scorer."""


class Edited(NamedTuple):
    """A program and what was done to it."""

    text: str
    actions: tuple[str, ...]


def edit(brief: Brief, *, temperature: float, skill: float, rng: Random) -> Edited | None:
    """Edits one of the parents; None where nothing acceptable came of it."""
    parent = _choose_parent(brief.parents, temperature, rng)
    brief = replace(brief, boldness=brief.boldness + _mood_for(parent.score))
    before = _normalised(parent.text)
    for _ in range(_TRIES):
        tree = parsed(parent.text)
        if tree is None or entry_of(tree) is None:
            return None
        tree = without_endless_work(tree)
        if tree is None:
            return None
        scorer = _scorer_for(tree, brief)
        others = [parsed(each.text) for each in brief.parents if each is not parent]
        draft = Draft(tree, rng, temperature, scorer, [each for each in others if each])
        edited = _edited(draft, brief, skill)
        if edited and edited.text != before and is_acceptable(edited.text, before, tree=draft.tree):
            return edited
    return None


def _scorer_for(tree: ast.Module, brief: Brief) -> ast.Module | None:
    """Parses the scorer for what uses it: no idea for improvers does."""
    if brief.scorer is None or anatomy_of(tree) is not None:
        return None
    return parsed(brief.scorer)


def _mood_for(score: float | None) -> int:
    """Little can be gained on a good solution by large changes, and little lost on a poor one."""
    if score is None:
        return 0
    return -1 if score >= _GOOD else int(score < _POOR)


@lru_cache(maxsize=64)
def _normalised(text: str) -> str:
    tree = parsed(text)
    return text if tree is None else ast.unparse(tree)


def _choose_parent(parents: tuple[Parent, ...], temperature: float, rng: Random) -> Parent:
    if any(parent.score is None for parent in parents):
        return parents[0] if rng.random() < 0.7 else rng.choice(parents)
    ranked = sorted(parents, key=lambda parent: -(parent.score or 0))
    place = 0
    while place < len(ranked) - 1 and rng.random() < 0.15 + 0.3 * temperature:
        place += 1
    return ranked[place]


def _edited(draft: Draft, brief: Brief, skill: float) -> Edited | None:
    actions: list[str] = []
    if draft.others and draft.rng.random() < (0.7 if brief.combines else 0.3):
        actions += filter(None, [take_from_other(draft)])
    for _ in range(_number_of_edits(draft, brief)):
        actions += _one_edit(draft, brief, skill)
    return Edited(ast.unparse(draft.tree), tuple(actions)) if actions else None


def _number_of_edits(draft: Draft, brief: Brief) -> int:
    more = 0.45 * draft.temperature * 1.3**brief.boldness
    share = more / (1 + more)
    count = 1
    while count < _MOST_EDITS and draft.rng.random() < share:
        count += 1
    return count


def _one_edit(draft: Draft, brief: Brief, skill: float) -> list[str]:
    menu = list(_menu(draft, brief, skill))
    weights = [choice.weight for choice in menu]
    for _ in range(_TRIES + 3):
        choice = draft.rng.choices(menu, weights)[0]
        action = choice.edit(draft)
        if action is not None:
            return [action]
    return []


def _menu(draft: Draft, brief: Brief, skill: float) -> list[Choice]:
    """The edits for this program, ideas against blind changes weighed by skill and by mood."""
    if anatomy_of(draft.tree) is not None:
        ideas: tuple[Choice, ...] = IMPROVER_IDEAS
    elif roles_of(draft.entry, draft.scorer) is not None:
        ideas = _ideas_for_learners(draft)
    else:
        ideas = (*SEARCH_IDEAS, *(ORDER_IDEAS if can_be_ordered(draft) else ()))
    mood = 1.35**brief.boldness
    shares = {
        Kind.IDEA: 0.62 * skill * mood,
        Kind.TUNING: 0.25 / mood,
        Kind.CHANGE: 0.06 + 0.08 * draft.temperature + 0.3 * (1 - skill),
    }
    choices = (*ideas, *SMALL_EDITS)
    totals = {
        kind: sum(choice.weight for choice in choices if choice.kind is kind) or 1 for kind in Kind
    }
    return [
        choice._replace(weight=choice.weight * shares[choice.kind] / totals[choice.kind])
        for choice in choices
    ]


def _ideas_for_learners(draft: Draft) -> tuple[Choice, ...]:
    if measures_distance(draft.scorer):
        return FITTING_IDEAS
    return TEXT_IDEAS if learns_from_texts(draft) else LEARNING_IDEAS
