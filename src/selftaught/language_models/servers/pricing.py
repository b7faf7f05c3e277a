"""What tokens cost: a price is found once, before a run, and holds for all of it.

Prices come from the package genai-prices, offline, or from whoever runs the experiment. A price
that is not known is None and never 0.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import asdict, dataclass
from decimal import Decimal
from importlib import metadata
from typing import TYPE_CHECKING

from selftaught.errors import UsageError, shown
from selftaught.language_models.servers.usage import Usage

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

_PER = 1_000_000
_HOW = "expected dollars per million tokens, such as --price input=2.5,output=10"


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars per million tokens.

    Prices that rise with the length of the prompt are taken as they are for short ones.
    """

    input: float
    output: float
    cached_input: float | None = None
    """Of prompt tokens that the provider had in a cache of its own; None: as `input`."""
    source: str = "stated"
    """Where it is from: ``stated``, or the package with its version and the model's name in it."""

    @property
    def is_free(self) -> bool:
        """Whether nothing is paid, however many tokens are used."""
        return not (self.input or self.output or self.cached_input)

    @property
    def is_stated(self) -> bool:
        """Whether whoever runs the experiment stated it."""
        return self.source == "stated"

    def dollars(self, usage: Usage) -> float:
        """Returns what the tokens of one exchange cost."""
        cached = self.input if self.cached_input is None else self.cached_input
        plain = usage.prompt_tokens - usage.cached_tokens
        amount = plain * self.input + usage.cached_tokens * cached
        return (amount + usage.completion_tokens * self.output) / _PER

    def plain(self) -> dict[str, object]:
        """Returns the price as plain data, for the record of a run."""
        return asdict(self)


FREE = Price(0.0, 0.0, source="a server of one's own")
"""What a model on one's own machine costs."""


def known_price(catalogue: str | None, model: str) -> Price | None:
    """Returns the price of a provider's model; None where it is not known.

    Args:
        catalogue: The provider's name in genai-prices; None: it is not listed there.
        model: The provider's name for the model.
    """
    found = None if catalogue is None else _listed(catalogue, model)
    if found is None:
        return None
    rates = found.model_price
    prompt, completion = _base(rates.input_mtok), _base(rates.output_mtok)
    if prompt is None or completion is None:
        return None
    source = f"genai-prices {metadata.version('genai-prices')}: {catalogue}/{found.model.id}"
    return Price(prompt, completion, _base(rates.cache_read_mtok), source)


def catalogue_of(model: str) -> str | None:
    """Returns the provider whose model it is, by its name in genai-prices; None: nobody's."""
    found = _listed(None, model)
    return found.provider.id if found else None


def _listed(catalogue: str | None, model: str) -> PriceCalculation | None:
    from genai_prices import Usage as Tokens  # noqa: PLC0415 - takes a moment, few need it
    from genai_prices import calc_price  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tokens = Tokens(input_tokens=1, output_tokens=1)
            return calc_price(tokens, model, provider_id=catalogue)
        except (LookupError, ValueError):
            return None


def _base(rate: object) -> float | None:
    rate = getattr(rate, "base", rate)  # a price with tiers has one for short prompts
    return float(rate) if isinstance(rate, Decimal | int | float) else None


def parse_price(text: str) -> Price:
    """Returns the price in a text such as ``input=2.5,output=10,cached_input=0.25``.

    Raises:
        UsageError: It is none.

    Example:
        >>> parse_price("input=2.5, output=10")
        Price(input=2.5, output=10.0, cached_input=None, source='stated')
    """
    amounts: dict[str, float] = {}
    for part in text.split(","):
        match = re.fullmatch(
            r"\s*(input|output|cached_input)\s*=\s*([0-9]{1,9}(?:\.[0-9]+)?)\s*", part
        )
        if match is None or match[1] in amounts:
            raise UsageError(f"price: {_HOW}, not {shown(text)}")
        amounts[match[1]] = float(match[2])
    if not {"input", "output"} <= set(amounts):
        raise UsageError(f"price: {_HOW}, not {shown(text)}")
    return Price(amounts["input"], amounts["output"], amounts.get("cached_input"))
