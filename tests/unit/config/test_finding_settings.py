"""The table `[findings]`: what it takes, which mistakes it names, and that there is one set of defaults."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tui.config.example import EXAMPLE_CONFIG
from tui.config.finding_settings import FINDING_SETTINGS, FindingLimits, make_finding_limits
from tui.config.profiles import parse_config
from tui.config.schema import make_schema


def read_limits(text: str) -> FindingLimits:
    config = parse_config(f"[findings]\n{text}", Path("/c.toml"))
    assert not config.problems
    return make_finding_limits({name: entry.value for name, entry in config.findings.items()})


def test_the_example_the_schema_and_the_rules_have_the_same_defaults() -> None:
    defaults = {setting.name: setting.default for setting in FINDING_SETTINGS}
    limits = FindingLimits()
    assert {name: getattr(limits, name) for name in limits.__struct_fields__} == defaults
    assert tomllib.loads(EXAMPLE_CONFIG)["findings"] == defaults
    schema = make_schema()["properties"]["findings"]["properties"]
    assert {name: one["default"] for name, one in schema.items()} == defaults


def test_a_rule_can_be_off_and_a_threshold_another_one() -> None:
    limits = read_limits("slow = false\nslow_times = 3\nstuck_after = 120")
    assert (limits.slow, limits.slow_times, limits.stuck_after, limits.stuck) == (False, 3, 120, True)
    assert read_limits("") == FindingLimits()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("slow = 1", "slow must be true or false."),
        ("slow_times = 0.9", "slow_times must be a number between 1 and 1000."),
        ("slow_times = true", "slow_times must be a number between 1 and 1000."),
        ("stuck_after = 60.5", "stuck_after must be a whole number between 5 and 2592000."),
        ("stuck_after = 4", "stuck_after must be a whole number between 5 and 2592000."),
        ("stuk = true", 'Unknown key "stuk" in [findings]. Did you mean stuck?'),
    ],
)
def test_a_mistake_names_its_line(line: str, words: str) -> None:
    (problem,) = parse_config(f"[findings]\n{line}", Path("/c.toml")).problems
    assert (problem.line, problem.message) == (2, words)


def test_it_must_be_a_table() -> None:
    (problem,) = parse_config("findings = 3", Path("/c.toml")).problems
    assert problem.message == "[findings] must be a table of settings."
