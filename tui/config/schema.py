"""The JSON Schema of the config file, made from the tables of settings, for editors that check TOML by it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TypeAlias

from tui.config.finding_settings import FINDING_SETTINGS, FindingSetting
from tui.config.settings import (
    LARGEST_NUMBER,
    LONGEST_INTERVAL,
    PROFILE_SETTINGS,
    SCREEN_SETTINGS,
    SHORTEST_INTERVAL,
    TOP_SETTINGS,
    Setting,
)

JsonSchema: TypeAlias = dict[str, object]

DRAFT = "http://json-schema.org/draft-07/schema#"
"""The newest version that the usual editors' TOML extensions read."""


def format_schema() -> str:
    """The schema as indented JSON, with a newline at its end."""
    return json.dumps(make_schema(), indent=2, ensure_ascii=False) + "\n"


def make_schema() -> JsonSchema:
    """The schema; where it can't say all that `graphtop config check` checks, it allows more."""
    profile = {**_describe_table(PROFILE_SETTINGS), "required": ["url"]}
    properties = {
        "default_profile": {"type": "string", "description": "the profile that `graphtop` opens by default"},
        **{setting.name: _describe_setting(setting) for setting in TOP_SETTINGS},
        "screen": _describe_table(SCREEN_SETTINGS),
        "findings": {
            "type": "object",
            "additionalProperties": False,
            "properties": {setting.name: _describe_finding(setting) for setting in FINDING_SETTINGS},
        },
        "profiles": {
            "type": "object",
            # A name with - in front would be taken for a flag.
            "propertyNames": {"pattern": "^[^-]"},
            "additionalProperties": profile,
        },
    }
    return {
        "$schema": DRAFT,
        "title": "graphtop's config file",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def _describe_table(settings: Iterable[Setting]) -> JsonSchema:
    properties = {setting.name: _describe_setting(setting) for setting in settings}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _describe_finding(setting: FindingSetting) -> JsonSchema:
    about: JsonSchema = {"description": setting.about, "default": setting.default}
    if setting.is_rule:
        return {**about, "description": f"true: {setting.about}", "type": "boolean"}
    kind = "integer" if setting.is_whole else "number"
    return {**about, "type": kind, "minimum": setting.least, "maximum": setting.most}


def _describe_setting(setting: Setting) -> JsonSchema:
    default = {} if setting.default in (None, "", ()) else {"default": setting.default}
    return {"description": _explain_value(setting), **_describe_type(setting), **default}


def _describe_type(setting: Setting) -> JsonSchema:
    if setting.kind is bool:
        return {"enum": [True, False, setting.extra_word]} if setting.extra_word else {"type": "boolean"}
    if setting.kind is float:
        return {"type": "number", "minimum": SHORTEST_INTERVAL, "maximum": LONGEST_INTERVAL}
    if setting.kind is int:
        return {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}
    if setting.kind is tuple:
        return {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": r"\S"}}
    if setting.choices:
        return {"enum": sorted(setting.choices)}
    return {"type": "string", "pattern": r"\S"}


def _explain_value(setting: Setting) -> str:
    """What a setting does, which for a bool is what the value that its flag gives does."""
    if setting.kind is not bool:
        return setting.about
    return f"{'false' if setting.is_negated else 'true'}: {setting.about}"
