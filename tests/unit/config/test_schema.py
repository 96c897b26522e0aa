"""The JSON Schema of the config file accepts what graphtop accepts, and finds the usual mistakes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.config.example import EXAMPLE_CONFIG
from tui.config.profiles import parse_config
from tui.config.schema import make_schema
from tui.config.settings import SCREEN_SETTINGS, SETTINGS_BY_NAME

HERE = Path("/etc/graphtop/config.toml")
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "integer": int,
}
KNOWN_KEYWORDS = {
    "$schema", "title", "description", "default", "type", "enum", "pattern", "minimum", "maximum", "required",
    "properties", "additionalProperties", "propertyNames", "items", "minItems",
}  # fmt: skip


def find_violations(value: object, schema: dict, path: str = "") -> Iterator[str]:
    """Where a value breaks a schema: `profiles.p.interval`, for the keywords that graphtop's schema has."""
    assert schema.keys() <= KNOWN_KEYWORDS, "this validator would ignore the others"
    wanted = TYPES.get(schema.get("type", ""), object)
    is_bool = isinstance(value, bool)
    if not isinstance(value, wanted) or (is_bool and wanted not in (bool, object)):
        yield path
        return
    choices = schema.get("enum")
    if choices is not None and not any(value == one and type(value) is type(one) for one in choices):
        yield path
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield path
    is_number = isinstance(value, (int, float)) and not is_bool
    if is_number and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield path
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield path
        for one in value:
            yield from find_violations(one, schema.get("items", {}), path)
    if isinstance(value, dict):
        yield from find_table_violations(value, schema, path)


def find_table_violations(table: dict, schema: dict, path: str) -> Iterator[str]:
    yield from (f"{path}.{name}" for name in schema.get("required", ()) if name not in table)
    for name, value in table.items():
        below = f"{path}.{name}".removeprefix(".")
        if list(find_violations(name, schema.get("propertyNames", {}))):
            yield below
        known = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
        if known is False:
            yield below
        else:
            yield from find_violations(value, known, below)


def check(text: str) -> list[str]:
    return list(find_violations(tomllib.loads(text), make_schema()))


def test_the_example_satisfies_the_schema_also_with_what_is_a_comment_there() -> None:
    assert check(EXAMPLE_CONFIG) == []
    whole = re.sub(r"^# (\w+ = )", r"\1", EXAMPLE_CONFIG, flags=re.MULTILINE)
    assert not parse_config(whole, HERE).problems
    assert check(whole) == []
    values = tomllib.loads(whole)
    assert values.keys() | values["profiles"]["prod"].keys() | values[
        "screen"
    ].keys() >= SETTINGS_BY_NAME.keys() - {
        "project",
        "graphs",
    }


def test_the_example_begins_with_the_line_that_editors_look_for() -> None:
    assert EXAMPLE_CONFIG.startswith("#:schema ./config.schema.json\n")


def test_every_setting_is_described_where_it_stands() -> None:
    properties = make_schema()["properties"]
    screen = properties["screen"]["properties"]
    profile = properties["profiles"]["additionalProperties"]["properties"]
    assert screen.keys() == {setting.name for setting in SCREEN_SETTINGS}
    top = {name: properties[name] for name in ("history_days", "history_megabytes")}
    assert screen.keys() | profile.keys() | top.keys() == SETTINGS_BY_NAME.keys()
    assert top["history_days"] == {
        "description": "days for which the history is kept",
        "type": "integer",
        "minimum": 1,
        "maximum": 1_000_000,
        "default": 90,
    }
    assert all(one["description"] for one in (*screen.values(), *profile.values()))
    assert profile["read_only"]["description"] == "true: refuse to cancel, delete and create"
    assert profile["journal"]["description"] == "false: don't record actions in the journal"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("url = 'http://h'", "url"),
        ("default_profile = 1", "default_profile"),
        ("history_days = 0", "history_days"),
        ("history_days = 1.5", "history_days"),
        ("history_days = true", "history_days"),
        ("history_megabytes = '500'", "history_megabytes"),
        ("[profiles.p]\nurl = 'h'\nhistory = 1", "profiles.p.history"),
        ("[profiles.p]\nurl = 'h'\nread_olny = true", "profiles.p.read_olny"),
        ("[profiles.p]\nurl = 'h'\ninterval = '3'", "profiles.p.interval"),
        ("[profiles.p]\nurl = 'h'\ninterval = true", "profiles.p.interval"),
        ("[profiles.p]\nurl = 'h'\ninterval = 0.1", "profiles.p.interval"),
        ("[profiles.p]\nurl = 'h'\nread_only = 1", "profiles.p.read_only"),
        ("[profiles.p]\nurl = 'h'\nnetrc = 'yes'", "profiles.p.netrc"),
        ("[profiles.p]\nurl = 'h'\ngraph = ' '", "profiles.p.graph"),
        ("[profiles.p]\nurl = 'h'\ndialect = 'hugegrap'", "profiles.p.dialect"),
        ("[profiles.p]\ngraph = 'g'", "profiles.p.url"),
        ("[profiles.p]\nurl = 'h'\npassword = 'x'", "profiles.p.password"),
        ("[profiles]\np = 3", "profiles.p"),
        ("[profiles.-p]\nurl = 'h'", "profiles.-p"),
        ("[profiles.'']\nurl = 'h'", "profiles."),
        ("[screen]\nthem = 'x'", "screen.them"),
        ("screen = []", "screen"),
    ],
)
def test_a_mistake_is_one_by_the_schema_too(text: str, where: str) -> None:
    assert parse_config(text, HERE).problems
    assert check(text) == [where]
