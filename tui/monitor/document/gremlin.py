"""The input of a gremlin job as code."""

from __future__ import annotations

import msgspec

from tui.monitor.document.json import indent_json

SCRIPT_WITHIN = 1 << 20
"""Bytes in which the name of the script is looked for."""

_EMPTY_VALUES = (b"{}", b"[]", b'""', b"null")


def find_script(data: bytes) -> bytes | None:
    """The script alone, as it can be submitted again; None for another input."""
    found = _read_input(data)
    return None if found is None else found[0]


def format_gremlin(data: bytes) -> bytes | None:
    """The script, then what else is set; None for another input."""
    found = _read_input(data)
    if found is None:
        return None
    script, fields = found
    values = ((name, bytes(value)) for name, value in fields.items())
    others = [
        f"\n// {name}\n".encode("utf-8", "replace") + (indent_json(json) or json)
        for name, json in values
        if json not in _EMPTY_VALUES
    ]
    return b"\n".join([script, *others])


def _read_input(data: bytes) -> tuple[bytes, dict[str, msgspec.Raw]] | None:
    """The script and the other fields of an input; None for another one."""
    if b'"gremlin"' not in data[:SCRIPT_WITHIN]:
        return None
    try:
        fields = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        script = msgspec.json.decode(fields.pop("gremlin"), type=str)
    except (msgspec.DecodeError, RecursionError, KeyError):
        return None
    return script.strip("\r\n").encode("utf-8", "replace"), fields
