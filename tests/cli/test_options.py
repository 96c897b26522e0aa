"""What the words of a command line mean to a command, and commands that are run without any words."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import fields, replace

from tests.terminal.terminal_emulator import environment
from tests.unit.fakes import FakeBackend, FakeClock, S, task
from tui.cli.commands import cancel, completion, config, get, graphs, ls, submit, wait
from tui.cli.errors import CommandError, UsageError
from tui.cli.exit_codes import FAILED, NOT_ALLOWED, OK, PARTLY
from tui.cli.output.printer import OutputOptions
from tui.cli.registry import COMMANDS, load_command
from tui.cli.run_command import read_options, run_command
from tui.cli.setting_flags import SettingFlags
from tui.cli.work.confirmation import ConfirmationOptions

NEEDED = {
    **dict.fromkeys(("cancel", "delete", "get", "input", "result", "wait"), ("7",)),
    "completion": ("bash",),
    "config": ("init",),
    "purge": ("--older-than", "30d", "--status", "success"),
    "submit": ("job.groovy",),
}
"""The words without which a command is not run."""

FAKE = SettingFlags({"url": "http://fake"})


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_what_is_not_given_means_the_same_in_words_and_in_options(command: str) -> None:
    module = load_command(command)
    options = read_options(module.Options, module.build_parser().parse_args(NEEDED.get(command, ())))
    required = {
        field.name: getattr(options, field.name) for field in fields(module.Options) if field.required
    }
    if "given" in module.Options.__struct_fields__:
        options = replace(options, given=frozenset())
    assert options == module.Options(**required)


def list_destinations(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The names of all arguments, also of the commands of a command."""
    for action in parser._actions:
        yield action.dest
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from list_destinations(child)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_option_is_read_from_a_flag_or_a_word(command: str) -> None:
    module = load_command(command)
    known = set(list_destinations(module.build_parser()))
    own = {field.name for field in fields(module.Options)}
    assert own - known <= {"settings", "output", "confirmation", "given", "unknown"}


def test_flags_become_settings_confirmations_and_formats() -> None:
    words = [
        "7",
        "-",
        "--url",
        "http://h:1",
        "-p",
        "prod",
        "--graph",
        "g",
        "--insecure",
        "--no-journal",
        "--yes",
        "--production",
        "-o",
        "json",
    ]
    assert read_options(cancel.Options, cancel.build_parser().parse_args(words)) == cancel.Options(
        ids=("7", "-"),
        confirmation=ConfirmationOptions(yes=True, in_production=True),
        output=OutputOptions("json", "auto", "table"),
        settings=SettingFlags(
            {"url": "http://h:1", "graph": "g", "insecure": True, "journal": True}, "prod", "http://h:1"
        ),
    )


def test_an_address_among_the_words_is_noted() -> None:
    arguments = ls.build_parser().parse_args(["status=failed", "https://h"])
    assert read_options(ls.Options, arguments).settings == SettingFlags(stray_address="https://h")


# --- commands without words --------------------------------------------------------------------------


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeBackend:
    """The server of each command: it has a task that runs and one that failed."""
    made = FakeBackend(FakeClock(), [task(1), task(2, S.FAILED)])
    monkeypatch.setattr("tui.cli.work.session.open_backend", lambda target: made)
    monkeypatch.setattr(os, "environ", environment(tmp_path))
    return made


def test_tasks_are_listed(backend: FakeBackend, capsys) -> None:
    options = ls.Options(filter=("status=failed",), output=OutputOptions("id"), settings=FAKE)
    assert ls.run(options) == OK
    assert capsys.readouterr().out == "2\n"


def test_some_of_the_tasks_are_shown(backend: FakeBackend, capsys) -> None:
    assert get.run(get.Options(ids=("1", "9"), output=OutputOptions("id"), settings=FAKE)) == PARTLY
    assert capsys.readouterr().out == "1\n"


def test_a_task_is_waited_for(backend: FakeBackend, capsys) -> None:
    assert wait.run(wait.Options(ids=("2",), output=OutputOptions("id"), settings=FAKE)) == FAILED
    assert capsys.readouterr().out == "2\n"


def test_graphs_are_listed(backend: FakeBackend, capsys) -> None:
    assert graphs.run(graphs.Options(output=OutputOptions("id"), settings=FAKE)) == OK
    assert capsys.readouterr().out


def test_nothing_is_cancelled_where_the_settings_are_read_only(backend: FakeBackend, capsys) -> None:
    settings = SettingFlags({"url": "http://fake", "read_only": True})
    options = cancel.Options(ids=("1",), confirmation=ConfirmationOptions(yes=True), settings=settings)
    assert cancel.run(options) == NOT_ALLOWED
    assert capsys.readouterr().err == "graphtop: Read-only mode, set by --read-only. Nothing was sent.\n"
    assert not backend.count("cancel")


def test_a_script_is_printed(capsys) -> None:
    assert completion.run(completion.Options("fish")) == OK
    assert capsys.readouterr().out == completion.SCRIPTS["fish"]


def test_the_path_of_the_profiles_is_printed(backend: FakeBackend, capsys, tmp_path: Path) -> None:
    assert config.run(config.Options(what="path")) == OK
    assert capsys.readouterr().out.startswith(str(tmp_path))


def test_a_timeout_without_a_wait_is_wrong_usage_and_is_told_with_the_usage(capsys) -> None:
    with pytest.raises(UsageError, match=r"^--timeout needs --wait$") as refused:
        submit.run(submit.Options(script="-", timeout=1000))
    assert isinstance(refused.value, CommandError)
    assert refused.value.shows_usage
    with pytest.raises(SystemExit) as ended:
        run_command("submit", ["-", "--timeout", "1s"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "graphtop submit: --timeout needs --wait.\n"
        "usage: graphtop submit [options] FILE\n"
        "Run `graphtop submit --help` for its options and examples.\n"
    )


def test_a_flag_that_is_unknown_is_told_with_the_usage(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command("ls", ["--nonsense"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "graphtop ls: Unknown option --nonsense.\n"
        "usage: graphtop ls [options] [FILTER…]\n"
        "Run `graphtop ls --help` for its options and examples.\n"
    )
