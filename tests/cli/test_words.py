"""How words on the command line are read: durations, numbers, ids and filters."""

from __future__ import annotations

import argparse

import pytest

from tests.cli.fake_session import standard_input
from tests.unit.fakes import START, task
from tui.cli import exit_codes
from tui.cli.arguments import (
    parse_age_limit,
    parse_count,
    parse_duration,
    read_ids,
)
from tui.cli.errors import CommandError
from tui.cli.work.task_filter import parse_filter, passes_filter

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("words", "ms"),
    [
        ("0", 0),
        ("90", 90 * SECOND),
        ("999999999", 999_999_999 * SECOND),
        ("30s", 30 * SECOND),
        ("10m", 10 * MINUTE),
        ("2h30m", 2 * HOUR + 30 * MINUTE),
        ("30d", 30 * DAY),
        ("2w", 14 * DAY),
        ("999999999s", 999_999_999 * SECOND),
    ],
)
def test_a_duration_is_read(words: str, ms: int) -> None:
    assert parse_duration(words) == ms


@pytest.mark.parametrize(
    "words", ["", "1000000000", "1000000000s", "soon", "-1", "1.5h", "300ms", "٣", "3m "]
)
def test_what_is_no_duration_is_told(words: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        parse_duration(words)
    assert str(refused.value) == f'"{words}" is not a duration; write it as 30s, 10m, 2h30m or 30d'


@pytest.mark.parametrize(("words", "number"), [("0", 0), ("50", 50), ("999999999", 999_999_999)])
def test_a_whole_number_is_read(words: str, number: int) -> None:
    assert parse_count(words) == number


@pytest.mark.parametrize("words", ["", "-1", "1.5", "many", "٣", "1000000000"])
def test_what_is_no_whole_number_is_told(words: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        parse_count(words)
    assert str(refused.value) == "must be a whole number, 0 or more"


async def test_each_id_counts_once_in_the_order_given(monkeypatch) -> None:
    with standard_input(b"7 8\n9\n7\n") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert await read_ids(["9", "-", "1", "9"]) == ["9", "7", "8", "1"]


@pytest.mark.parametrize("data", [None, b"\xff"])
async def test_ids_that_can_not_be_read_are_told(monkeypatch, data: bytes | None) -> None:
    with standard_input(data or b"") as stream:
        monkeypatch.setattr("sys.stdin", None if data is None else stream)
        with pytest.raises(CommandError, match=r"^Can't read ids from standard input\.$") as refused:
            await read_ids(["-"])
    assert refused.value.code == exit_codes.USAGE


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["gremlin", "status=faild"],
            'graphtop: Unknown status "faild". Did you mean failed?\n'
            "  gremlin status=faild\n"
            "                 ^^^^^\n",
        ),
        (["x", '"a b'], 'graphtop: The text has no closing ".\n  x "a b\n    ^^^^\n'),
        (["age>"], "graphtop: age needs a duration such as 30s, 10m, 2h30m or 4d.\n  age>\n  ^^^^\n"),
    ],
)
def test_a_wrong_filter_is_pointed_at(capsys, words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=r"^$") as refused:
        parse_filter(words)
    assert refused.value.code == exit_codes.USAGE
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("name", ["a" * 40 + "!", "b"])
def test_a_filter_that_would_take_for_ever_ends_the_command(name: str) -> None:
    wanted = parse_filter(["/^(a|aa)+$/"])
    if name == "b":
        assert not passes_filter(wanted, task(1, name=name), START)
        return
    words = r"^This regular expression takes too long; avoid nested repeats\.$"
    with pytest.raises(CommandError, match=words) as ended:
        passes_filter(wanted, task(1, name=name), START)
    assert ended.value.code == exit_codes.USAGE


@pytest.mark.parametrize(("words", "ms"), [("30d", 30 * DAY), ("0s", 0), ("2h30m", 2 * HOUR + 30 * MINUTE)])
def test_an_age_is_read(words: str, ms: int) -> None:
    assert parse_age_limit(words) == ms


@pytest.mark.parametrize("words", ["30", "0"])
def test_an_age_needs_a_unit(words: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        parse_age_limit(words)
    assert str(refused.value) == (
        f'"{words}" needs a unit: {words}d for days, {words}h for hours, {words}m for minutes'
    )
