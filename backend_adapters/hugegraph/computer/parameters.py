"""The parameters of computer jobs: what a person is told of each, and what values it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from backend_adapters.errors import BadValue
from backend_adapters.model import Param
from backend_adapters.redaction import mask

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_QUANTITY = re.compile(r"(?=.*[1-9])[0-9]{1,15}(?:\.[0-9]{1,9})?(?:m|[kMGTPE]|[KMGTPE]i)?")
"""A quantity of Kubernetes that is more than nothing."""

_LONGEST = 40
"""Characters of a wrong value that are repeated to the person."""

_KINDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "text": "a text"}


class Knob(Struct, frozen=True):
    """A parameter, and which of the values of its kind it takes."""

    param: Param
    takes: Callable[[str], bool] = lambda _text: True

    @property
    def name(self) -> str:
        """The parameter's name, as the server calls it."""
        return self.param.name

    def checked(self, text: str) -> str:
        """The value without space around it; raises BadValue for one that is not possible."""
        value = text.strip()
        if not value:
            if self.param.required:
                raise BadValue(f"{self.name} is needed: {self._wanted}.", param=self.name)
            return ""
        if not (_of_kind(self.param.kind, value) and self.takes(value)):
            raise BadValue(f"{self.name} has to be {self._wanted}, not '{_shown(value)}'.", param=self.name)
        return value

    @property
    def _wanted(self) -> str:
        kind, hint = _KINDS[self.param.kind], self.param.hint
        if self.param.kind == "text":
            return hint or kind
        return f"{kind}, {hint}" if hint else kind


def whole(name: str, default: str, low: int, high: int, *, required: bool = False) -> Knob:
    """A whole number from `low` to `high`, both included."""
    param = Param(name=name, kind="integer", default=default, hint=f"{low} to {high}", required=required)
    return Knob(param, lambda text: low <= int(text) <= high)


def fraction(name: str, default: str, *, one: bool = False) -> Knob:
    """A number above 0 and below 1, or up to `one` included."""
    hint = "above 0, at most 1" if one else "above 0 and below 1"
    param = Param(name=name, kind="number", default=default, hint=hint)
    return Knob(param, lambda text: 0 < float(text) < 1 or (one and float(text) == 1))


def limit(name: str) -> Knob:
    """A count that is 1 or more, or -1 for no limit."""
    param = Param(name=name, kind="integer", default="-1", hint="-1 for no limit, or 1 and more")
    return Knob(param, lambda text: int(text) == -1 or 1 <= int(text) < 2**31)


def flag(name: str, default: str) -> Knob:
    """Yes or no."""
    return Knob(Param(name=name, kind="boolean", default=default))


def words(name: str, hint: str, *, default: str = "", required: bool = False) -> Knob:
    """Any text."""
    return Knob(Param(name=name, default=default, hint=hint, required=required))


def quantity(name: str, hint: str) -> Knob:
    """An amount of a resource as Kubernetes writes it, which has to be given."""
    return Knob(Param(name=name, hint=hint, required=True), lambda text: bool(_QUANTITY.fullmatch(text)))


def _of_kind(kind: Literal["text", "integer", "number", "boolean"], value: str) -> bool:
    if kind == "integer":
        return bool(_WHOLE.fullmatch(value))
    if kind == "number":
        return bool(_NUMBER.fullmatch(value))
    return kind == "text" or value in ("true", "false")


def _shown(value: str) -> str:
    text = mask(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
