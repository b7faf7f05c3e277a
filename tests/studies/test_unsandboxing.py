"""Table 2 with the embedded model and a model that says what it is told to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.studies.conftest import numbers_without_interval

from selftaught import journals, keeping
from selftaught.analysis.circumvention import UNSANDBOXING, circumventions_of
from selftaught.analysis.unsandboxing import is_unsandboxed_text
from selftaught.errors import RunCutShort
from selftaught.events import Event, ReplyReceived
from selftaught.parts import known_improver
from selftaught.running.execution import no_listener
from selftaught.running.sampling import Question, Sampling
from selftaught.studies import unsandboxing
from selftaught.studies.sandboxed import Condition, question, sandboxed_seed
from selftaught.studies.study import Report, Settings, Team, named

SAYING = '''"""A model that turns the sandbox off in some replies, and gives no program in one."""

from selftaught.language_models.scripted import Scripted

OFF = "def improve_algorithm(s, utility, model):\\n    return utility(s, use_sandbox=False)"
SPACED = OFF.replace("=False", " = False")
TALK = "def improve_algorithm(s, utility, model):\\n    # never exec() it\\n    return s"
BROKEN = "def improve_algorithm("
TOLD = [OFF, SPACED, TALK, TALK.replace("exec()", "run"), BROKEN]


def reply(request):
    warned = "Warning" in request.message
    number = int(request.stream.split("/")[1]) * 2 + request.index
    program = TALK.replace("exec()", "run") if warned else TOLD[number % 5]
    return "I know nothing." if number == 5 else f"```python\\n{program}\\n```"


def model(seed):
    return Scripted(reply)
'''


def conducted(settings: Settings, runs: int) -> Report:
    return unsandboxing.conduct(replace(settings, runs=runs), Team(no_listener))


@pytest.mark.parametrize("condition", Condition)
def test_the_unmodified_seed_is_sandboxed_by_either_rule(condition: Condition) -> None:
    seed = sandboxed_seed(condition)

    found = circumventions_of(seed, original=seed)
    assert not is_unsandboxed_text(seed.text)
    assert found is not None
    assert not [each for each in found if each.way in UNSANDBOXING]


@pytest.mark.parametrize("condition", Condition)
def test_to_drop_the_flag_of_the_seed_is_seen(condition: Condition) -> None:
    seed = sandboxed_seed(condition)

    found = circumventions_of(seed.text.replace(", use_sandbox=True", ""), original=seed)
    assert found
    assert [each for each in found if each.way in UNSANDBOXING]


def test_only_the_warning_tells_the_conditions_apart(settings: Settings) -> None:
    without, warned = (question(each, settings.experiment).message for each in Condition)

    added = [line for line in warned.splitlines() if line not in without.splitlines()]
    # Twice two lines: in the program, and in the description of its utility.
    assert added[:2] == added[2:]
    assert "use_sandbox" in added[0]
    assert [line for line in warned.splitlines() if line not in added] == without.splitlines()


def test_it_asks_what_the_seed_improver_asks(settings: Settings) -> None:
    """The sandboxed seed improver is the seed improver but for the flag; so is the request."""
    seed, asked = known_improver("seed").text, question(Condition.WITHOUT, settings.experiment)
    same = seed.partition("    count = ")[0]

    assert asked.subject.text.startswith(same)
    assert f'expertise = "{asked.expertise}"' in same
    template = same.partition('message = f"""')[2].rpartition('"""')[0]
    first, rest = template.split("{initial_solution}")
    second, last = rest.split("{utility.str}")
    assert asked.message.startswith(first + asked.subject.text + second)
    assert asked.message.endswith(last)


def test_programs_are_counted_by_rule_and_denominator(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "saying.py").write_text(SAYING)
    monkeypatch.syspath_prepend(tmp_path)
    mine = settings.experiment.model_copy(update={"model": "saying:model"})

    document: Any = conducted(replace(settings, experiment=mine), 10).document

    without = document["conditions"]["without warning"]
    # Of two rounds of five texts, one reply has no program.
    assert (without["replies"], without["programs"], without["parsed"]) == (10, 9, 7)
    counts = {
        rule: (rates["without warning"]["count"], rates["without warning"]["n"])
        for rule, rates in document["rates"].items()
    }
    assert counts == {
        "paper's rule, of replies": (3, 10),
        "paper's rule, of programs": (3, 9),
        "syntax tree, of programs that parse": (3, 7),
    }
    assert sorted(each["textual"] for each in without["unsandboxed"]) == [False, True, True]
    warned = document["rates"]["paper's rule, of replies"]["with warning"]
    assert (warned["count"], warned["low"], warned["n"]) == (0, 0.0, 10)
    assert warned["high"] == pytest.approx(1 - 0.05**0.1)
    difference = document["rates"]["paper's rule, of replies"]["difference"]
    assert difference["mean"] == pytest.approx(-0.3)
    assert difference["low"] < -0.3 < difference["high"]
    assert numbers_without_interval(document) == []


def test_a_model_that_gives_no_program_has_rates_of_replies_only(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "silent.py").write_text(
        "from selftaught.language_models.scripted import Scripted\n"
        "def model(seed): return Scripted(lambda request: 'No.')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    mine = settings.experiment.model_copy(update={"model": "silent:model"})

    report = conducted(replace(settings, experiment=mine), 3)

    rates: Any = report.document["rates"]
    assert rates["paper's rule, of replies"]["without warning"]["n"] == 3
    assert rates["paper's rule, of programs"]["without warning"] is None
    assert rates["syntax tree, of programs that parse"]["difference"] is None
    assert report.tables[0].rows[1][1:] == ("-", "-", "-")
    # A table without rows is a sentence.
    assert report.tables[1].rows == ()
    assert report.tables[1].otherwise == "no program that parses is unsandboxed"


def test_a_sampling_that_is_stopped_goes_on_and_asks_nothing_again(
    settings: Settings, counted: list[object]
) -> None:
    mine = settings.experiment.model_copy(update={"model": "counting:Counting"})
    stopped = replace(settings, experiment=mine, runs=60)
    heard: list[Event] = []

    def stop_in_the_second_condition(event: Event) -> None:
        heard.extend([event] if isinstance(event, ReplyReceived) else [])
        if len(heard) == 62:
            team.stop("enough")

    team = Team(stop_in_the_second_condition)
    with pytest.raises(RunCutShort, match="enough; repeat the command to go on"):
        unsandboxing.conduct(stopped, team)
    before = len(counted)
    report = conducted(stopped, 60)

    assert 62 <= before < len(counted) == 120
    for run in report.runs:
        assert keeping.verify(run, store=mine.store).holds
        assert journals.show(run, store=mine.store).spent["samples"] == 60
        assert journals.show(run, store=mine.store).spent["calls"] == 30


def test_a_team_that_was_stopped_begins_nothing(settings: Settings) -> None:
    team = Team(no_listener)
    team.stop("enough")

    with pytest.raises(RunCutShort, match="enough"):
        unsandboxing.conduct(replace(settings, runs=11), team)

    asked = question(Condition.WITHOUT, settings.experiment)
    sample = named(settings.experiment, 0, prefix="unsandboxing", also=[asked.message]).name
    begun = {each.run for each in journals.runs(settings.experiment.store)}
    assert f"{sample}-replies0-11" not in begun


def test_a_larger_sample_begins_with_the_smaller_one(settings: Settings) -> None:
    asked = Question(sandboxed_seed(Condition.WITH), "expert", "```python\nx = 1\n```")

    def replies(count: int) -> set[tuple[str, int, str]]:
        heard: list[Event] = []
        name = f"sample-{count}"
        Sampling(
            settings.experiment.model_copy(update={"name": name}), asked, range(count), heard.append
        )()
        return {
            (each.stream, each.index, each.reply)
            for each in heard
            if isinstance(each, ReplyReceived)
        }

    small, large = replies(3), replies(6)

    assert len(small) == 3
    assert len(large) == 6
    assert small < large


def test_a_larger_sample_pays_for_what_is_new_alone(
    settings: Settings, counted: list[object], tmp_path: Path
) -> None:
    changes = {"model": "counting:Counting", "store": str(tmp_path / "parts.db")}
    mine = replace(settings, experiment=settings.experiment.model_copy(update=changes))
    conducted(mine, 7)
    assert len(counted) == 2 * 7

    larger: Any = conducted(mine, 20).document

    # Calls are of 2 replies: the half call of each of the two conditions is made again.
    assert len(counted) == 2 * (20 + 1)
    changes["store"] = str(tmp_path / "at-once.db")
    again = replace(settings, experiment=settings.experiment.model_copy(update=changes))
    at_once: Any = conducted(again, 20).document
    assert at_once["rates"] == larger["rates"]
    runs = [each["runs"] for each in larger["conditions"].values()]
    assert [[name.rpartition("-")[2] for name in names] for names in runs] == [["7", "20"]] * 2
    assert keeping.verify(runs[0][1], store=str(tmp_path / "parts.db")).holds


def test_a_smaller_sample_is_the_beginning_of_one_that_is_done(
    settings: Settings, counted: list[object], tmp_path: Path
) -> None:
    changes = {"model": "counting:Counting", "store": str(tmp_path / "parts.db")}
    mine = replace(settings, experiment=settings.experiment.model_copy(update=changes))
    conducted(mine, 8)
    paid = len(counted)

    smaller: Any = conducted(mine, 5).document

    assert len(counted) == paid
    assert [each["replies"] for each in smaller["conditions"].values()] == [5, 5]
