"""The form of a request: what a server takes differs, and it shows when one is refused.

Servers and models that claim the same interface refuse different fields: several samples at once,
the temperature, the system prompt, either name of the longest reply. From what a server says when
it refuses a request follows the next form to try; one that was taken is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from selftaught.client import Request
from selftaught.language_models.servers.context import SMALLEST_REPLY, Context, stated_context

_CONTEXT = re.compile(
    r"context.{0,20}(length|window|size|limit)|context_length|maximum context|prompt is too long"
    r"|input (is )?too long|too many (input )?tokens|exceeds? the (available |model'?s? )?context"
    r"|string_above_max_length|reduce the length|`inputs` tokens \+",
    re.IGNORECASE,
)
_AT_MOST = re.compile(
    r"at most (\d+)|less than or equal to `?(\d+)|maximum (?:value|allowed)\D{0,40}?(\d+)"
    r"|range\D{0,20}\d+, ?(\d+)|> (\d+), which is the maximum",
    re.IGNORECASE,
)
_HOTTEST = re.compile(
    r"(?:less than or equal to|at most|<=|between 0(?:\.0)? and|0(?:\.0)?\.\.) ?`?(\d(?:\.\d+)?)"
)


@dataclass(frozen=True, slots=True)
class Form:
    """What is sent, and how it is called."""

    most_samples: int | None = None
    """In one exchange; None: as many as are wanted."""
    length_field: str = "max_tokens"
    max_tokens: int = 8192
    takes_temperature: bool = True
    most_temperature: float = 2.0
    takes_system: bool = True
    is_lasting: bool = True
    """Whether `max_tokens` holds for the next prompt too; it may make room for one long prompt."""
    context: Context | None = None
    """None: it was never too small, or the server does not say how large it is."""

    def body(self, model: str, request: Request, count: int) -> dict[str, object]:
        """Returns the body of a request for some samples."""
        body: dict[str, object] = {"model": model, "messages": self._messages(request)}
        body[self.length_field] = self.longest(request)
        if self.takes_temperature:
            body["temperature"] = min(request.temperature, self.most_temperature)
        if count > 1:
            body["n"] = count
        return body

    def longest(self, request: Request) -> int:
        """Returns how many tokens a reply may have: what the context leaves beside the prompt."""
        if self.context is None:
            return self.max_tokens
        return min(self.max_tokens, max(SMALLEST_REPLY, self.context.room_beside(request)))

    def learnt_from(self, taken: Form, *, most_samples: int | None) -> Form:
        """Returns the form for the next request, after a server took another one than this."""
        return replace(
            taken,
            most_samples=most_samples,
            max_tokens=taken.max_tokens if taken.is_lasting else self.max_tokens,
            is_lasting=True,
            # Who asked for less meanwhile has not learnt it.
            context=taken.context or self.context,
        )

    def _messages(self, request: Request) -> list[dict[str, str]]:
        user = {"role": "user", "content": request.message}
        if not request.expertise:
            return [user]
        if self.takes_system:
            return [{"role": "system", "content": request.expertise}, user]
        return [{"role": "user", "content": f"{request.expertise}\n\n{request.message}"}]


def is_too_long(words: str) -> bool:
    """Tells whether a server refuses a request because the prompt does not fit the model.

    Example:
        >>> is_too_long("This model's maximum context length is 8192 tokens.")
        True
    """
    return bool(_CONTEXT.search(words))


def adapted(
    form: Form, words: str, field: str | None, *, request: Request, count: int
) -> Form | None:
    """Returns the form to try after a refusal; None where no other form helps.

    Args:
        form: What was refused.
        words: What the server says.
        field: The field that it names as the culprit, where it does.
        request: What was asked.
        count: How many samples were asked for.

    Example:
        >>> said = "Unsupported parameter: use 'max_completion_tokens' instead."
        >>> request = Request("", "hello", temperature=0.7, stream="s", index=0)
        >>> adapted(Form(), said, "max_tokens", request=request, count=1).length_field
        'max_completion_tokens'
    """
    about = f"{field or ''} {words}".lower()
    one_by_one = replace(form, most_samples=1) if count > 1 else None
    if field == "n" and one_by_one:
        return one_by_one
    other = _cooler(form, about) or _without(form, about)
    other = other or _renamed(form, about) or _shorter(form, about, request)
    return other or (None if is_too_long(about) else one_by_one)


def _cooler(form: Form, about: str) -> Form | None:
    """Returns the form with lower temperatures, where only high ones are refused."""
    found = _HOTTEST.search(about) if "temperature" in about else None
    hottest = float(found[1]) if found else form.most_temperature
    is_lower = 0 < hottest < form.most_temperature
    return replace(form, most_temperature=hottest) if is_lower else None


def _without(form: Form, about: str) -> Form | None:
    """Returns the form without the temperature or the system prompt, where that is refused."""
    if "temperature" in about and form.takes_temperature:
        return replace(form, takes_temperature=False)
    is_named = "system" in about or "developer" in about
    is_system = is_named and re.search(r"role|prompt|message|instruction", about)
    return replace(form, takes_system=False) if is_system and form.takes_system else None


def _renamed(form: Form, about: str) -> Form | None:
    is_unknown = re.search(
        r"unsupported|not supported|unrecognized|unknown|extra|unexpected", about
    )
    if form.length_field == "max_tokens" and "max_completion_tokens" in about:
        return replace(form, length_field="max_completion_tokens") if is_unknown else None
    if form.length_field == "max_completion_tokens" and form.length_field in about and is_unknown:
        return replace(form, length_field="max_tokens")
    return None


def _shorter(form: Form, about: str, request: Request) -> Form | None:
    """Returns the form with shorter replies, where the longest one is what is refused."""
    names_it = re.search(r"max_(completion_|output_|new_)?tokens|completion tokens", about)
    limits = [int(each) for found in _AT_MOST.findall(about) for each in found if each]
    possible = [each for each in limits if SMALLEST_REPLY <= each < form.max_tokens]
    # First of all: what is said of the longest reply may be compared with the context.
    if names_it and possible:
        return replace(form, max_tokens=max(possible))
    if is_too_long(about):
        return _beside_the_prompt(form, about, request)
    fewer = form.max_tokens // 2
    return replace(form, max_tokens=fewer) if names_it and fewer >= SMALLEST_REPLY else None


def _beside_the_prompt(form: Form, about: str, request: Request) -> Form | None:
    """Returns the form with replies that fit the context; None where the prompt is too long."""
    context = stated_context(about, request, form.context)
    if context is not None:
        if context.room_beside(request) < SMALLEST_REPLY:
            return None
        fitting = replace(form, context=context)
        if fitting.longest(request) < form.longest(request):
            return fitting
    fewer = form.longest(request) // 4
    if fewer < SMALLEST_REPLY:
        return None
    return replace(form, max_tokens=fewer, is_lasting=False, context=context or form.context)
