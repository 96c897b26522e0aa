"""What a person is asked before anything is sent, and what counts as a yes."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Iterator

import pytest

from backend_adapters.model import Action
from tests.cli.fake_session import FakeSession, options_of
from tests.unit.fakes import START, S, run_until_idle, task
from tui.cli import exit_codes
from tui.cli.commands import purge
from tui.cli.errors import CommandError
from tui.cli.work import confirmation
from tui.cli.work.confirmation import ConfirmationOptions
from tui.monitor.filters import compile_filter
from tui.monitor.journal.line import JournalLine, encode_line

FORCE = (
    "A force delete removes the record but doesn't stop the job: one that is still running may recreate it."
    " Cancel it first if you can.\n"
)


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Type into the standard input of a command."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield lambda words: os.write(writing, words.encode())
    os.close(writing)


def asked_for(number: int, **place) -> tuple[FakeSession, list]:
    """A rig, and so many tasks to act on."""
    return FakeSession(**place), [task(at, S.SUCCESS) for at in range(1, number + 1)]


@pytest.mark.parametrize(
    ("number", "typed", "agreed"),
    [
        (1, "y\n", True),
        (1, " YES \n", True),
        (1, "n\n", False),
        (1, "\n", False),
        (1, "1\n", False),
        (20, "y\n", True),
        (21, "y\n", False),
        (21, "20\n", False),
        (21, "21\n", True),
    ],
)
async def test_a_y_is_enough_for_twenty_and_more_want_their_number(
    typing, capsys, number: int, typed: str, agreed: bool
) -> None:
    rig, tasks = asked_for(number)
    typing(typed)
    if agreed:
        await confirmation.confirm_action(rig.session, Action.DELETE, tasks, ConfirmationOptions())
    else:
        with pytest.raises(CommandError, match=r"^Nothing was sent\.$") as refused:
            await confirmation.confirm_action(rig.session, Action.DELETE, tasks, ConfirmationOptions())
        assert refused.value.code == exit_codes.FAILED
    question = "? [y/N] " if number <= 20 else "? Type 21 to confirm: "
    noun = "task" if number == 1 else "tasks"
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == f"Delete {number} {noun} on fake · g{question}"
    assert lines[0] == "       1  ✓ success     gremlin  job 1"
    assert len(lines) == min(number, 20) + 1 + (number > 20)
    assert ("  and 1 more" in lines) is (number > 20)


@pytest.mark.parametrize(
    ("action", "place", "chosen", "said"),
    [
        (Action.DELETE, {"production": True}, {}, "PRODUCTION: Delete"),
        (Action.CANCEL, {}, {"in_production": True}, "PRODUCTION: Cancel"),
        (Action.FORCE_DELETE, {}, {}, f"{FORCE}Force delete"),
    ],
)
async def test_what_is_dangerous_wants_the_number(typing, capsys, action, place, chosen, said) -> None:
    rig, tasks = asked_for(2, **place)
    typing("2\n")
    await confirmation.confirm_action(
        rig.session, action, tasks, ConfirmationOptions(yes=False, **chosen), listed=False
    )
    assert capsys.readouterr().err == f"{said} 2 tasks on fake · g? Type 2 to confirm: "


async def test_that_the_server_refused_as_a_worker_is_said_before(typing, capsys, monkeypatch, tmp_path):
    journal = tmp_path / "journal.jsonl"
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(journal))
    rig, tasks = asked_for(1)
    line = JournalLine(
        when="2027-02-01T00:00:00.000Z", by="ann@desk", profile="p", url=rig.backend.source.url, graph="g",
        id="7", action="delete", outcome="refused", as_worker=True,
    )  # fmt: skip
    journal.write_bytes(encode_line(line) + b"\n")
    typing("y\n")
    await confirmation.confirm_action(rig.session, Action.CANCEL, tasks, ConfirmationOptions(), listed=False)
    assert capsys.readouterr().err == (
        "This server refused the last delete: it is a worker of its cluster. Connect to the master.\n"
        "Cancel 1 task on fake · g? [y/N] "
    )


async def test_a_yes_given_before_asks_nothing(capsys) -> None:
    rig, tasks = asked_for(30, production=True)
    await confirmation.confirm_action(rig.session, Action.FORCE_DELETE, tasks, ConfirmationOptions(yes=True))
    assert capsys.readouterr().err == ""


async def test_a_name_on_the_list_is_cut_and_its_secrets_are_hidden(long_lines, typing, capsys) -> None:
    rig = FakeSession()
    one = task("\x1b7", S.FAILED, raw_status="FAILED", name="password=hunter2 " + "x" * 200)
    typing("y\n")
    await confirmation.confirm_action(rig.session, Action.DELETE, [one], ConfirmationOptions())
    listed = capsys.readouterr().err.splitlines()[0]
    assert listed == "      ␛7  ✗ FAILED      gremlin  " + ("password=•••••• " + "x" * 200)[:100]


async def test_a_terminal_without_unicode_is_asked_in_ascii(typing, monkeypatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace", write_through=True)
    monkeypatch.setattr("sys.stderr", stream)
    typing("y\n")
    rig, tasks = asked_for(1)
    await confirmation.confirm_action(rig.session, Action.DELETE, tasks, ConfirmationOptions())
    assert stream.buffer.getvalue().startswith(b"       1  + success     gremlin  job 1\n")


async def test_a_question_that_is_left_ends_its_line(typing, capsys) -> None:
    waiting = asyncio.ensure_future(confirmation.ask_to_agree("delete 1 task"))
    await run_until_idle()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert capsys.readouterr().err == "delete 1 task? [y/N] \n"


TERMINAL, PIPE = True, False


@pytest.mark.parametrize(
    ("place", "chosen", "streams", "said"),
    [
        (
            {"read_only": True},
            {},
            (PIPE, PIPE),
            "4 Read-only mode, set by --read-only. Nothing was sent.",
        ),
        (
            {"production": True},
            {},
            (TERMINAL, TERMINAL),
            "2 Use --yes --production to confirm: this is a production server (set by --production)."
            " Nothing was sent.",
        ),
        ({"production": True}, {"in_production": True}, (PIPE, PIPE), ""),
        ({}, {"yes": False}, (TERMINAL, TERMINAL), ""),
        (
            {},
            {"yes": False},
            (PIPE, TERMINAL),
            "2 Use --yes to confirm: there is no terminal to ask on. Nothing was sent.",
        ),
        (
            {},
            {"yes": False},
            (TERMINAL, PIPE),
            "2 Use --yes to confirm: there is no terminal to ask on. Nothing was sent.",
        ),
        ({}, {"yes": False, "always": False}, (PIPE, PIPE), ""),
        (
            {"production": True},
            {"yes": False, "always": False},
            (PIPE, PIPE),
            "2 Use --yes --production to confirm: there is no terminal to ask on. Nothing was sent.",
        ),
        ({}, {}, (PIPE, PIPE), ""),
    ],
)
def test_what_must_not_be_sent_is_refused_before_the_server_is_asked(
    monkeypatch, place, chosen, streams, said
) -> None:
    for name, terminal in zip(("sys.stdin", "sys.stderr"), streams, strict=True):
        stream = io.StringIO()
        stream.isatty = lambda terminal=terminal: terminal
        monkeypatch.setattr(name, stream)
    given = {"yes": True} | chosen
    always = given.pop("always", True)
    here = FakeSession(**place).session.settings
    try:
        confirmation.check_allowed(here, ConfirmationOptions(**given), always=always)
        heard = ""
    except CommandError as refused:
        heard = f"{refused.code} {refused}"
    assert heard == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 tasks"), (1, "1 task"), (1234, "1,234 tasks")])
def test_a_count_has_its_noun(number: int, said: str) -> None:
    assert confirmation.count_tasks(number) == said


@pytest.mark.parametrize(("number", "typed", "listed"), [(20, "y\n", 20), (21, "21\n", 0)])
async def test_a_purge_lists_up_to_twenty_and_asks_for_the_number_of_more(
    typing, capsys, monkeypatch, number: int, typed: str, listed: int
) -> None:
    monkeypatch.setattr(confirmation, "is_terminal", lambda stream: True)
    rig = FakeSession(*(task(at, S.SUCCESS, created=START - 86_400_000 + at) for at in range(1, number + 1)))
    chosen = options_of(purge.Options, yes=False, older_than=0, status=frozenset({S.SUCCESS}))
    purging = asyncio.ensure_future(purge._purge_tasks(rig.session, chosen, compile_filter("")))
    await run_until_idle()
    said = capsys.readouterr().err.splitlines()
    assert sum("  ✓ success  " in line for line in said) == listed
    assert len(said) == 3 + listed + 1, "what it comes to, the tasks, and the question"
    assert not rig.backend.acts
    typing(typed)
    while not rig.backend.acts and not purging.done():
        await asyncio.to_thread(lambda: None)
    assert await rig.clock.wait_for(purging) == exit_codes.OK
    assert len(rig.backend.acts) == number
