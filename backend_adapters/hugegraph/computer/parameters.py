"""The parameters of computer jobs: what a person is told of each, and what values it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from backend_adapters.errors import BadValue
from backend_adapters.model import Param
from backend_adapters.redaction import mask_secrets
from backend_adapters.sentences import shorten_text

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_QUANTITY = re.compile(r"(?=.*[1-9])[0-9]{1,15}(?:\.[0-9]{1,9})?(?:m|[kMGTPE]|[KMGTPE]i)?")
"""A quantity of Kubernetes that is more than nothing."""

_LONGEST = 40
"""Characters of a wrong value that are repeated to the person."""

_KINDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "text": "a text"}


class ParameterSpec(Struct, frozen=True):
    """A parameter, and which of the values of its kind it takes."""

    param: Param
    accepts: Callable[[str], bool] = lambda _text: True

    @property
    def name(self) -> str:
        """The parameter's name, as the server calls it."""
        return self.param.name

    def check_value(self, text: str) -> str:
        """The value without space around it; raises BadValue for one that is not possible."""
        value = text.strip()
        if not value:
            if self.param.required:
                raise BadValue(f"{self.name} is required: {self._expectation}.", param=self.name)
            return ""
        if not (_is_of_kind(self.param.kind, value) and self.accepts(value)):
            shown = shorten_text(mask_secrets(value), _LONGEST)
            raise BadValue(f'{self.name} must be {self._expectation}, not "{shown}".', param=self.name)
        return value

    @property
    def _expectation(self) -> str:
        kind, hint = _KINDS[self.param.kind], self.param.hint
        if self.param.kind == "text":
            return hint or kind
        return f"{kind}, {hint}" if hint else kind


def whole_number(name: str, default: str, low: int, high: int, *, required: bool = False) -> ParameterSpec:
    """A whole number from `low` to `high`, both included."""
    param = Param(name=name, kind="integer", default=default, hint=f"{low} to {high}", required=required)
    return ParameterSpec(param, lambda text: low <= int(text) <= high)


def fraction_of_one(name: str, default: str, *, one: bool = False) -> ParameterSpec:
    """A number above 0 and below 1, or up to `one` included."""
    hint = "above 0, at most 1" if one else "above 0 and below 1"
    param = Param(name=name, kind="number", default=default, hint=hint)
    return ParameterSpec(param, lambda text: 0 < float(text) < 1 or (one and float(text) == 1))


def count_limit(name: str) -> ParameterSpec:
    """A count that is 1 or more, or -1 for no limit."""
    param = Param(name=name, kind="integer", default="-1", hint="-1 for no limit, or 1 or more")
    return ParameterSpec(param, lambda text: int(text) == -1 or 1 <= int(text) < 2**31)


def true_or_false(name: str, default: str) -> ParameterSpec:
    """Yes or no."""
    return ParameterSpec(Param(name=name, kind="boolean", default=default))


def any_text(name: str, hint: str, *, default: str = "", required: bool = False) -> ParameterSpec:
    """Any text."""
    return ParameterSpec(Param(name=name, default=default, hint=hint, required=required))


def kubernetes_quantity(name: str, hint: str) -> ParameterSpec:
    """An amount of a resource as Kubernetes writes it, which has to be given."""
    return ParameterSpec(
        Param(name=name, hint=hint, required=True), lambda text: bool(_QUANTITY.fullmatch(text))
    )


def _is_of_kind(kind: Literal["text", "integer", "number", "boolean"], value: str) -> bool:
    if kind == "integer":
        return bool(_WHOLE.fullmatch(value))
    if kind == "number":
        return bool(_NUMBER.fullmatch(value))
    return kind == "text" or value in ("true", "false")
