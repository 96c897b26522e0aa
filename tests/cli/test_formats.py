"""One table says which formats a command has, and which one it takes for a pipe."""

from __future__ import annotations

import argparse
import io

import pytest

from backend_adapters.model import TaskDetail
from tests.cli.fake_session import FakeSession, options_of
from tests.unit.fakes import START, S, task
from tui.cli.commands import get
from tui.cli.output.formats import ALL_FORMATS, FORMATS
from tui.cli.output.standard_output import StandardOutput
from tui.cli.registry import COMMANDS, parser_of


def option(command: str) -> argparse.Action | None:
    """The flag of a command that chooses a format; None where it has none."""
    actions = parser_of(command)._option_string_actions
    return actions["-o"] if "-o" in actions and actions["-o"].metavar == "FORMAT" else None


def test_every_command_that_prints_records_is_in_the_table() -> None:
    assert {command for command in COMMANDS if option(command)} == set(FORMATS)


@pytest.mark.parametrize("command", FORMATS)
def test_the_help_and_what_is_taken_are_what_the_table_says(command: str) -> None:
    formats, flag = FORMATS[command], option(command)
    assert flag is not None
    assert tuple(flag.choices or ()) == formats.names
    assert flag.help == f"{', '.join(formats.names)} (default {formats.usual_text})"
    assert parser_of(command).get_default("in_pipe") == formats.in_pipe


def test_all_formats_are_for_all_commands_but_an_array_that_never_ends() -> None:
    assert {command for command, formats in FORMATS.items() if formats.names != ALL_FORMATS} == {"watch"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"in_pipe": "tsv"}, "7\tfailed\tgremlin\tjob 7\t2027-01-15T08:00:00.000Z\t1500\n"),
        ({"format": "wide"}, "id       7\nstatus   x failed\n"),
        ({"format": "id"}, "7\n"),
    ],
)
async def test_a_task_is_told_to_a_pipe_as_it_is_listed(monkeypatch, given, said: str) -> None:
    rig, stream = FakeSession(), io.StringIO()
    one = task(7, S.FAILED, updated=START + 1500)
    rig.backend.put(one)
    rig.backend.details["7"] = [TaskDetail(task=one, raw=b"")]
    monkeypatch.setattr("tui.cli.output.printer.StandardOutput", lambda: StandardOutput(stream))
    assert await get._show_tasks(rig.session, options_of(get.Options, ids=["7"], **given)) == 0
    assert stream.getvalue().startswith(said)
