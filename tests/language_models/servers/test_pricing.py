"""Prices, and what of an exchange's tokens belongs to which reply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selftaught.errors import UsageError
from selftaught.language_models.servers.pricing import Price, known_price, parse_price
from selftaught.language_models.servers.usage import Usage, tokens_by_reply


def test_a_price_charges_prompts_and_replies_apart() -> None:
    price = Price(input=2.0, output=10.0, cached_input=0.5)

    assert price.dollars(Usage(1_000_000, 0)) == 2.0
    assert price.dollars(Usage(0, 1_000_000)) == 10.0
    assert price.dollars(Usage(1_000_000, 0, cached_tokens=500_000)) == pytest.approx(1.25)


@pytest.mark.parametrize(
    ("catalogue", "model", "price"),
    [
        ("openai", "gpt-4-0613", (30.0, 60.0)),
        ("openai", "gpt-3.5-turbo", (0.5, 1.5)),
        ("google", "gemini-2.5-pro", (1.25, 10.0)),
    ],
)
def test_models_of_the_catalogue_have_prices(
    catalogue: str, model: str, price: tuple[float, float]
) -> None:
    found = known_price(catalogue, model)

    assert found is not None
    assert (found.input, found.output) == price


@pytest.mark.parametrize(
    ("catalogue", "model"), [(None, "gpt-4o"), ("openai", "x"), ("nobody", "x")]
)
def test_what_is_not_in_the_catalogue_has_no_price(catalogue: str | None, model: str) -> None:
    assert known_price(catalogue, model) is None


def test_a_price_can_be_stated() -> None:
    assert parse_price(" input=0.5, output=1,cached_input=.1".replace(".1", "0.1")) == Price(
        0.5, 1, 0.1
    )


@pytest.mark.parametrize(
    "text",
    ["", "5", "input=1", "input=1,output=x", "input=1,input=2,output=3", "input=-1,output=2"],
)
def test_a_wrong_price_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="such as --price input="):
        parse_price(text)


@given(
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.lists(st.integers(0, 10**5), min_size=1, max_size=20),
)
def test_replies_share_all_tokens_and_no_more(
    prompt: int, completion: int, lengths: list[int]
) -> None:
    shares = tokens_by_reply(Usage(prompt, completion), lengths)

    assert sum(shares) == prompt + completion
    assert min(shares) >= 0
