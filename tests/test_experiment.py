"""Experiments, from files and from code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from selftaught.acceptance import Rule
from selftaught.budget import Unit
from selftaught.errors import UsageError
from selftaught.experiment import Experiment, RunLimits, SessionLimits, changed, load, parse
from selftaught.language_models.servers.pricing import Price
from selftaught.language_models.servers.settings import CacheMode, Settings
from selftaught.meta_utility import SessionBudget

TOML = """
tasks = ["lpn", "my task.py"]
preset = "hard"
protocol = "paper"
iterations = 0
seed = 9_223_372_036_854_775_807
name = "run-1.x_y"

[session]
calls = 2

[limits]
samples = 100
dollars = 0.5
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "experiment.toml"


def message_of(described: dict[str, object]) -> str:
    with pytest.raises(UsageError) as caught:
        parse(described, where="e.toml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("preset", "evaluations"),
    [("standard", 8), ("hard", 8), ("paper", 25), ("paper-without:sign", 25)],
)
def test_what_an_improver_of_improvers_may_score_follows_from_the_preset(
    preset: str, evaluations: int
) -> None:
    for told in ({}, {"self_session": {"calls": 4}}):
        experiment = parse({"preset": preset, **told}, where="here")
        assert experiment.self_session.evaluations == evaluations


def test_a_file_describes_an_experiment(file: Path) -> None:
    file.write_text(TOML, "utf-8")

    experiment = load(file, {})

    assert experiment.tasks == ("lpn", "my task.py")
    assert (experiment.preset, experiment.protocol) == ("hard", Rule.PAPER)
    assert (experiment.iterations, experiment.seed) == (0, 2**63 - 1)
    assert experiment.session == SessionLimits(calls=2, samples_per_call=6, evaluations=25)
    assert experiment.self_session == SessionLimits(evaluations=8)
    assert experiment.limits.amounts() == {Unit.SAMPLES: 100, Unit.DOLLARS: 0.5}


def test_an_empty_file_and_no_file_are_the_defaults(file: Path) -> None:
    file.write_text("", "utf-8")

    assert load(file, {}) == load(None, {}) == Experiment()


def test_overrides_stand_above_the_file(file: Path) -> None:
    file.write_text(TOML, "utf-8")

    experiment = load(file, {"tasks": ["parity"], "session": {"evaluations": 3}, "workers": 4})

    assert experiment.tasks == ("parity",)
    assert experiment.session == SessionLimits(evaluations=3)
    assert experiment.workers == 4
    assert experiment.preset == "hard"


def test_an_experiment_does_not_change() -> None:
    experiment = Experiment()

    with pytest.raises(ValidationError, match="frozen"):
        experiment.seed = 3  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        experiment.session.calls = 3  # type: ignore[misc]


def test_equal_experiments_are_the_same() -> None:
    assert {Experiment(seed=1), Experiment(seed=1), Experiment(seed=2)} == {
        Experiment(seed=1),
        Experiment(seed=2),
    }


counts = st.integers(1, 1_000_000)
sessions = st.builds(SessionLimits, calls=counts, samples_per_call=counts, evaluations=counts)
experiments = st.builds(
    Experiment,
    tasks=st.lists(st.text(), min_size=1, max_size=3).map(tuple),
    protocol=st.sampled_from(Rule),
    seed=st.integers(0, 2**63 - 1),
    session=sessions,
    limits=st.builds(
        RunLimits,
        samples=st.none() | counts,
        dollars=st.none() | st.floats(0, exclude_min=True, allow_nan=False),
    ),
    store=st.none() | st.text(),
    name=st.none() | st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z"),
)


@given(experiments)
def test_plain_data_gives_the_experiment_back_but_for_its_store(experiment: Experiment) -> None:
    plain = json.loads(json.dumps(experiment.plain()))

    assert parse(plain, where="the journal") == experiment.model_copy(update={"store": None})


def test_sessions_give_the_engine_its_budget() -> None:
    assert SessionLimits(calls=1, samples_per_call=2, evaluations=3).budget() == SessionBudget(
        1, 2, 3
    )
    assert RunLimits().amounts() == {}
    assert set(RunLimits(**dict.fromkeys(Unit, 1)).amounts()) == set(Unit)


def test_an_unknown_field_is_named_with_all_that_are_known() -> None:
    message = message_of({"itterations": 3})

    assert message.startswith("e.toml: unknown field 'itterations': known are detail, ")
    assert "iterations" in message


@pytest.mark.parametrize(
    ("table", "known"),
    [
        ("session", "calls, cpu_seconds, evaluations, samples_per_call"),
        ("self_session", "calls, cpu_seconds, evaluations, samples_per_call"),
        ("limits", "calls, dollars, evaluations, samples, seconds, tokens"),
    ],
)
def test_an_unknown_field_of_a_table_is_answered_with_the_tables_fields(
    table: str, known: str
) -> None:
    message = message_of({table: {"cals": 3}})

    assert message == f"e.toml: unknown field '{table}.cals': known are {known}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tasks", "lpn"),
        ("tasks", []),
        ("tasks", [1]),
        ("iterations", "many"),
        ("iterations", -1),
        ("iterations", 1.5),
        ("iterations", 10**9),
        ("seed", -1),
        ("seed", 2**63),
        ("repeats", 0),
        ("isolation", "none"),
        ("isolation", "full\n"),
        ("workers", -1),
        ("model", None),
        ("name", ""),
        ("name", "../up"),
        ("name", "a b"),
        ("name", "x\n"),
        ("name", "x" * 101),
        ("name", "\ud800"),
        ("session", 3),
        ("limits", []),
    ],
    ids=str,
)
def test_a_wrong_value_is_named_with_its_field(field: str, value: object) -> None:
    message = message_of({field: value})

    assert message.startswith(f"e.toml: {field}")
    assert ", not " in message


@pytest.mark.parametrize("value", [0, -1, float("nan"), "much"])
def test_a_limit_must_be_more_than_nothing(value: object) -> None:
    assert message_of({"limits": {"dollars": value}}).startswith("e.toml: limits.dollars: input")


def test_a_huge_wrong_value_is_cut_in_the_message() -> None:
    assert len(message_of({"isolation": "x" * 100_000})) < 300
    assert len(message_of({"protocol": "x" * 100_000})) < 400


def test_an_unknown_protocol_is_told_which_there_are() -> None:
    message = message_of({"protocol": "greedy"})

    assert message.startswith("e.toml: protocol: unknown protocol 'greedy': known are gated")
    assert "official-without:QUIRK" in message


def test_what_is_left_out_of_a_protocol_stands_in_one_order_in_the_record(file: Path) -> None:
    file.write_text('protocol = "official-without:text_falls_apart,failure_is_zero"', "utf-8")

    assert load(file, {}).plain()["protocol"] == (
        "official-without:failure_is_zero,text_falls_apart"
    )


def test_a_file_is_not_blamed_for_an_option(file: Path) -> None:
    file.write_text("seed = 1", "utf-8")

    with pytest.raises(UsageError) as caught:
        load(file, {"protocol": "bogus"})

    assert str(file) not in str(caught.value)
    assert str(caught.value).startswith("the experiment: protocol: unknown protocol 'bogus'")


@pytest.mark.parametrize(
    "text", ["seed = ", "[session", "seed = 1\nseed = 2", "seed = 1\0", "\x1b"]
)
def test_what_is_not_toml_is_named(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")

    with pytest.raises(UsageError) as caught:
        load(file, {})

    assert str(caught.value).startswith(f"{file} is not TOML: ")


def test_a_file_that_is_no_utf_8_is_named(file: Path) -> None:
    file.write_bytes(b'preset = "\xff"')

    with pytest.raises(UsageError, match=r"cannot read .*experiment\.toml"):
        load(file, {})


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(UsageError, match="cannot read"):
            load(path, {})


def test_a_wrong_field_of_a_file_names_the_file(file: Path) -> None:
    file.write_text("seed = -1", "utf-8")

    with pytest.raises(UsageError) as caught:
        load(file, {})

    assert str(caught.value).startswith(f"{file}: seed: ")


def test_a_wrong_override_without_a_file_is_the_experiments() -> None:
    with pytest.raises(UsageError, match=r"^the experiment: seed: "):
        load(None, {"seed": -1})


def test_a_wrong_value_in_code_is_the_users_error() -> None:
    with pytest.raises(UsageError, match=r"^iterations: input should be greater"):
        Experiment(iterations=-1)


def test_a_store_is_not_described() -> None:
    store = "postgresql://me:secret@host/db?password=secret"

    assert "host" not in json.dumps(Experiment(store=store).plain())


def test_a_server_is_described_in_a_table_of_its_own(file: Path) -> None:
    file.write_text(
        'model = "openai/m"\n[endpoint]\nbase_url = "http://h/v1"\nconcurrency = 8\n'
        'cache = "record"\n[endpoint.price]\ninput = 0.5\noutput = 1\n',
        "utf-8",
    )

    settings = load(file, {}).endpoint.settings()

    assert (settings.base_url, settings.concurrency) == ("http://h/v1", 8)
    assert settings.cache is CacheMode.RECORD
    assert settings.price == Price(0.5, 1.0)


def test_a_model_has_a_table_of_its_own_and_else_that_of_its_provider(file: Path) -> None:
    file.write_text(
        '[endpoint]\nbase_url = "http://a/v1"\n'
        '[endpoint.models."vllm/m"]\nprice = { input = 1, output = 2 }\n'
        '[endpoint.models.vllm]\nbase_url = "http://b/v1/"\n',
        "utf-8",
    )

    experiment = load(file, {})

    settings = experiment.endpoint.settings()
    model, other, third = (settings.of(name) for name in ("vllm/m", "vllm/n", "openai/o"))
    assert (model.base_url, model.price) == ("http://b/v1", Price(1, 2))
    assert (other.base_url, other.price) == ("http://b/v1", None)
    assert third.base_url == "http://a/v1"
    assert {Experiment.model_validate(experiment.plain())} == {experiment}


def test_a_table_that_is_absent_is_the_clients_default() -> None:
    assert Experiment().endpoint.settings() == Settings()


def test_options_change_single_fields_of_limits_and_endpoint(file: Path) -> None:
    file.write_text("[limits]\nsamples = 7\n[endpoint]\nconcurrency = 8\n", "utf-8")

    experiment = load(file, {"limits": {"dollars": 2}, "endpoint": {"cache": "replay"}})

    assert experiment.limits == RunLimits(samples=7, dollars=2)
    assert (experiment.endpoint.concurrency, experiment.endpoint.cache) == (8, CacheMode.REPLAY)


def test_an_experiment_is_changed_field_by_field() -> None:
    before = Experiment(name="a", limits=RunLimits(samples=7))

    after = changed(before, {"limits": {"dollars": 2}, "workers": 3})

    assert after.limits == RunLimits(samples=7, dollars=2)
    assert (after.name, after.workers) == ("a", 3)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            {"cashe": "off"},
            "unknown field 'endpoint.cashe': known are ahead, base_url, cache, concurrency",
        ),
        (
            {"models": {"vllm/m": {"base_urll": "http://h"}}},
            "unknown field 'endpoint.models.vllm/m.base_urll': known are base_url, price",
        ),
        (
            {"models": {"base_url": {"prize": 1}}},
            "unknown field 'endpoint.models.base_url.prize': known are ",
        ),
        ({"models": {"vlm/m": {}}}, "unknown provider 'vlm': did you mean 'vllm'?"),
        ({"models": {"vllm/m": {"base_url": "http://u:p@h"}}}, "expected no password"),
        ({"cache": "on"}, "endpoint.cache: input should be 'off', 'record' or 'replay'"),
        ({"concurrency": 0}, "endpoint.concurrency: "),
        ({"price": {"input": 1}}, "endpoint.price.output: field required"),
        ({"price": {"input": -1, "output": 1}}, "endpoint.price.input: "),
        (
            {"price": {"input": 1, "output": 1, "in": 1}},
            "unknown field 'endpoint.price.in': known are cached_input, input, output",
        ),
    ],
)
def test_a_wrong_table_is_named_with_its_field(table: dict[str, object], message: str) -> None:
    assert message in message_of({"endpoint": table})
