"""Reads the bodies of requests as Jackson reads them into the server's Java classes, with its error texts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NoReturn

STRING = "java.lang.String"
MAP = "java.util.LinkedHashMap<java.lang.String,java.lang.Object>"
STRING_MAP = "java.util.LinkedHashMap<java.lang.String,java.lang.String>"
ANYTHING = ""
"""The Java types of fields; `ANYTHING` is for values that are checked later."""

_SOURCE = (
    "\n at [Source: (org.glassfish.jersey.message.internal.ReaderInterceptorExecutor$UnCloseableInputStream)]"
)
_WORD = re.compile(r"\w+")
_START_BYTE = "invalid start byte"


class BadBody(Exception):
    """A body that Jackson can't read; the message is Jackson's."""

    def __init__(self, text: str, chain: str = "") -> None:
        through = f" (through reference chain: {chain})" if chain else ""
        super().__init__(text + _SOURCE + through)


class _Decimal(float):
    """A number with a fraction or an exponent, and the text in which it was sent."""

    text: str


_TOKENS = {
    list: ("Array", "START_ARRAY"),
    dict: ("Object", "START_OBJECT"),
    int: ("Integer", "VALUE_NUMBER_INT"),
    _Decimal: ("Floating-point", "VALUE_NUMBER_FLOAT"),
}


def parse_body(body: bytes) -> object:
    """Read the first JSON value of a body that isn't blank; what follows it is ignored."""
    text = _decode_text(body).lstrip("\ufeff \t\r\n")
    if text.startswith("["):  # it is refused before the rest is read
        return []
    try:
        return _DECODER.raw_decode(text)[0]
    except json.JSONDecodeError as error:
        _raise_bad_body(error)


def bind_fields(value: object, java_class: str, types: Mapping[str, str]) -> dict[str, object]:
    """Bind a JSON object to a `java_class` whose fields have the Java types in `types`; raises BadBody."""
    if not isinstance(value, dict):
        raise BadBody(_not_constructed(value, java_class, java_class))
    fields = {}
    for name, item in value.items():
        chain = f'{java_class}["{name}"]'
        if name not in types:
            known = ", ".join(f'"{each}"' for each in types)
            raise BadBody(
                f'Unrecognized field "{name}" (class {java_class}), not marked as ignorable '
                f"({len(types)} known properties: {known}])",
                chain,
            )
        fields[name] = _bind_value(item, types[name], chain)
    return fields


def _bind_value(value: object, java_type: str, chain: str) -> object:
    if value is None or java_type == ANYTHING:
        return value
    if java_type == STRING:
        return _to_string(value, chain)
    if not isinstance(value, dict):
        raise BadBody(_not_mapped(value, java_type), chain)
    if java_type == STRING_MAP:
        return {
            key: None if item is None else _to_string(item, f'{chain}->java.util.LinkedHashMap["{key}"]')
            for key, item in value.items()
        }
    return value


def _to_string(value: object, chain: str) -> str:
    """Convert a value to a string, numbers and booleans too; raises BadBody for others."""
    if isinstance(value, (list, dict)):
        raise BadBody(_not_deserialized(value, STRING), chain)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.text if isinstance(value, _Decimal) else str(value)


def _not_mapped(value: object, java_type: str) -> str:
    if value == "":
        return _not_coerced(f"element of `{java_type}`")
    if isinstance(value, str):
        return _not_constructed(value, "java.util.LinkedHashMap", java_type)
    return _not_deserialized(value, java_type)


def _not_constructed(value: object, java_class: str, java_type: str) -> str:
    """The error for a class that can't be constructed from a value."""
    if value == "":
        return _not_coerced(f"`{java_class}` value")
    if isinstance(value, (list, dict)):
        return _not_deserialized(value, java_type)
    kind, said = _describe_scalar(value)
    return (
        f"Cannot construct instance of `{java_class}` (although at least one Creator exists): "
        f"no {kind}-argument constructor/factory method to deserialize from {said}"
    )


def _not_coerced(what: str) -> str:
    tail = "(but could if coercion was enabled using `CoercionConfig`)"
    return f'Cannot coerce empty String ("") to {what} {tail}'


def _not_deserialized(value: object, java_type: str) -> str:
    kind, token = _json_token(value)
    return f"Cannot deserialize value of type `{java_type}` from {kind} value (token `JsonToken.{token}`)"


def _json_token(value: object) -> tuple[str, str]:
    """Jackson's names of the kind of a value that is no text, and of its first token."""
    if isinstance(value, bool):
        return "Boolean", f"VALUE_{value}".upper()
    return _TOKENS[type(value)]


def _describe_scalar(value: object) -> tuple[str, str]:
    """Jackson's names of the constructor that would take a value, and of the value."""
    if isinstance(value, bool):
        return "boolean/Boolean", f"boolean value ({'true' if value else 'false'})"
    if isinstance(value, _Decimal):
        return "double/Double", f"Number value ({value.text})"
    if isinstance(value, int):
        return "int/Int", f"Number value ({value})"
    return "String", f"String value ('{value}')"


def _decode_text(body: bytes) -> str:
    """Decode the body; lone surrogates are accepted."""
    encoding = json.detect_encoding(body)
    try:
        return body.decode(encoding, "surrogatepass")
    except UnicodeDecodeError as error:
        start = error.reason == _START_BYTE
        bad = body[error.start if start else min(error.start + 1, len(body) - 1)]
        word = "start" if start else "middle"
        raise BadBody(f"Invalid UTF-8 {word} byte 0x{bad:x}") from None


def _parse_decimal(text: str) -> _Decimal:
    number = _Decimal(text)
    number.text = text
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise BadBody(
        f"Non-standard token '{name}': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow"
    )


_DECODER = json.JSONDecoder(parse_float=_parse_decimal, parse_constant=_refuse_constant)


def _raise_bad_body(error: json.JSONDecodeError) -> NoReturn:
    rest = error.doc[error.pos :]
    if not rest or error.msg.startswith("Unterminated string"):
        raise BadBody("Unexpected end-of-input") from None
    word = _WORD.match(rest)
    if error.msg == "Expecting value" and word is not None:
        expected = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        raise BadBody(f"Unrecognized token '{word[0]}': was expecting {expected}") from None
    if error.msg.startswith("Invalid control character"):
        raise BadBody(
            f"Illegal unquoted character ((CTRL-CHAR, code {ord(rest[0])})): has to be escaped using "
            "backslash to be included in string value"
        ) from None
    if error.msg.startswith("Invalid \\escape"):
        raise BadBody(f"Unrecognized character escape '{rest[1]}' (code {ord(rest[1])})") from None
    wanted = ": was expecting double-quote to start field name" if "property name" in error.msg else ""
    raise BadBody(f"Unexpected character ('{rest[0]}' (code {ord(rest[0])})){wanted}") from None
