"""The journal on the command line: what `graphtop journal` shows, and what commands leave there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Server
from tests.support.full_disk import fill_disk
from tests.unit.fakes import FakeClock
from tui.cli import arguments
from tui.cli import run as graphtop
from tui.cli.commands import journal
from tui.config.options import ScreenOptions
from tui.config.resolved import OriginKind, ValueOrigin
from tui.connection.profile_switcher import ProfileSwitcher
from tui.monitor.journal import file as journal_file

pytestmark = pytest.mark.usefixtures("long_lines")

LINES = [
    {"when": "2026-11-20T08:00:00.000Z", "action": "cancel", "id": "1", "outcome": "cancelled", "code": 202},
    {
        "when": "2026-11-21T08:00:00.000Z",
        "action": "delete",
        "id": "1",
        "outcome": "deleted",
        "task": {"n": 1e5},
    },
    {"when": "2026-11-22T08:00:00.000Z", "action": "force delete", "id": "2", "outcome": "under way"},
    {
        "when": "2026-11-23T08:00:00.000Z",
        "action": "submit",
        "id": "3",
        "outcome": "accepted",
        "elapsed": 1.5,
    },
    {
        "when": "2026-11-24T08:00:00.000Z",
        "action": "delete",
        "id": "4",
        "outcome": "refused",
        "words": "\x9bNo\n",
    },
]
PLACE = {"by": "ann@host", "profile": "prod", "url": "http://db:8080", "graph": "DEFAULT/g"}


def lines_of(*lines: dict) -> str:
    return "".join(json.dumps({**PLACE, **line}) + "   \n" for line in lines)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of five lines in two files."""
    path = tmp_path / "journal.jsonl"
    journal_file.rotated_path(path, 1).write_text(lines_of(*LINES[:2]))
    path.write_text(lines_of(*LINES[2:]))
    for file in tmp_path.iterdir():
        file.chmod(0o600)
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(path))
    return path


@pytest.mark.parametrize(
    ("flags", "ids"),
    [
        ("", "1 1 2 3 4"),
        ("--limit 2", "3 4"),
        ("--limit 0", "1 1 2 3 4"),
        ("--id 1", "1 1"),
        ("--id 1 --id 4", "1 1 4"),
        ("--action delete", "1 4"),
        ("--action force-delete", "2"),
        ("--outcome under-way", "2"),
        ("--since 2026-11-23", "3 4"),
        ("--since 2026-11-22T08:00:00", "2 3 4"),
        ("--since 2026-11-22T10:00:00+02:00", "2 3 4"),
        ("--since 99999d", "1 1 2 3 4"),
        ("--profile dev", ""),
        ("-p prod --id 3", "3"),
    ],
)
def test_it_shows_what_was_asked_for_the_newest_last(path: Path, capsys, flags: str, ids: str) -> None:
    assert graphtop(["journal", "-o", "id", *flags.split()]) == 0
    assert capsys.readouterr().out.split() == ids.split()


def test_json_has_every_field(path: Path, capsys) -> None:
    assert graphtop(["journal", "-o", "json"]) == 0
    records = json.loads(capsys.readouterr().out)
    assert records[1] == {
        "when": "2026-11-21T08:00:00.000Z",
        "by": "ann@host",
        "profile": "prod",
        "url": "http://db:8080",
        "graph": "DEFAULT/g",
        "id": "1",
        "action": "delete",
        "outcome": "deleted",
        "status": None,
        "code": None,
        "words": "",
        "elapsed_ms": None,
        "type": None,
        "name": None,
        "task": {"n": 1e5},
    }
    assert records[3]["elapsed_ms"] == 1500
    assert all(list(record) == list(records[0]) for record in records)


@pytest.mark.parametrize("format", ["table", "wide", "tsv", "json", "jsonl", "csv", "id"])
def test_no_format_lets_a_server_drive_the_terminal(path: Path, capsys, format: str) -> None:
    assert graphtop(["journal", "-o", format]) == 0
    out = capsys.readouterr().out
    assert all(line.replace("\t", " ").isprintable() for line in out.splitlines())
    assert len(out.splitlines()) == 5 + {"table": 1, "wide": 1, "csv": 1, "json": 2}.get(format, 0)


def test_csv_has_the_tasks_json_as_text(path: Path, capsys) -> None:
    graphtop(["journal", "-o", "csv", "--action", "delete", "--limit", "0"])
    assert '"{""n"": 100000.0}"' in capsys.readouterr().out


def test_a_line_that_can_not_be_read_is_told_and_the_others_are_shown(path: Path, capsys) -> None:
    path.write_text('{"half": \x1b\n' + lines_of(LINES[4]))
    assert graphtop(["journal", "-o", "id"]) == 0
    out, err = capsys.readouterr()
    assert out.split() == ["1", "1", "4"]
    assert "can't be read" in err
    assert '{"half":' in err
    assert "\x1b" not in err


def test_without_a_journal_there_is_nothing_to_show(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(tmp_path / "none"))
    assert graphtop(["journal", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_path(path: Path, capsys) -> None:
    assert graphtop(["journal", "--path"]) == 0
    assert capsys.readouterr().out == f"{path}\n"


# What commands leave there.


def shown(run) -> list[dict]:
    return json.loads(run("journal", "-o", "json").stdout)


def test_commands_leave_a_line_for_each_task(run, server: Server) -> None:
    one, two = server.ended(), server.running()
    assert run("delete", one, "--url", server.url, "--yes").returncode == 0
    assert run("cancel", two, "--url", server.url, "--yes").returncode == 0
    done = run("submit", "-", "--url", server.url, stdin="g.V().count()\n// password=hunter2")
    deleted, cancelled, submitted = shown(run)
    assert (deleted["id"], deleted["outcome"], str(deleted["task"]["id"])) == (one, "deleted", one)
    assert (cancelled["id"], cancelled["action"], cancelled["outcome"]) == (two, "cancel", "cancelled")
    assert (submitted["id"], submitted["outcome"]) == (done.stdout.strip(), "accepted")
    assert submitted["name"] == "g.V().count()"


@pytest.fixture
def full(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home's journal is on a disk without room."""
    fill_disk(monkeypatch)
    return home / ".local" / "state" / "graphtop" / "journal.jsonl"


@pytest.mark.parametrize(
    "command", ["delete {id} --yes", "purge --older-than 0s --status success id={id} --yes", "submit -"]
)
def test_without_room_nothing_is_sent(call, server: Server, full: Path, command: str) -> None:
    task_id = server.ended()
    before = len(server.tasks())
    done = call(*command.format(id=task_id).split(), "--url", server.url, stdin="1")
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert f"No space left on device. Use --no-journal to do without it, or check {full}." in said
    assert "--no-journal" in said
    assert (server.word(task_id), len(server.tasks())) == ("success", before)


@pytest.mark.parametrize("how", ["flag", "variable", "profile"])
def test_without_a_journal_it_is_sent(call, server: Server, full: Path, home: Path, how: str) -> None:
    task_id = server.ended()
    config = home / "config.toml"
    config.write_text(f'[profiles.p]\nurl = "{server.url}"\n' + "journal = false\n" * (how == "profile"))
    env = {"GRAPHTOP_CONFIG": str(config), "GRAPHTOP_NO_JOURNAL": "1" if how == "variable" else None}
    flags = ["--no-journal"] if how == "flag" else []
    done = call("delete", task_id, "-p", "p", "--yes", *flags, env=env)
    assert (done.returncode, server.word(task_id)) == (0, "gone"), done.stderr


@pytest.mark.parametrize("name", ["journal", "cache"])
async def test_no_journal_or_cache_of_a_flag_stays_when_the_profile_is_switched(
    tmp_path: Path, monkeypatch, name: str
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[profiles.p]\nurl = "http://h"\n[profiles.q]\nurl = "http://h"\n{name} = false\n')
    monkeypatch.setenv("GRAPHTOP_CONFIG", str(config))

    async def keeps(profile: str, origin: ValueOrigin | None = None) -> bool:
        now = ScreenOptions(**({} if origin is None else {name: False, f"{name}_origin": origin}))
        return getattr((await ProfileSwitcher().open_profile(profile, now)).options, name)

    assert await keeps("p")
    assert not await keeps("q")
    assert not await keeps("p", ValueOrigin(OriginKind.FLAG, f"--no-{name}"))
    assert await keeps("p", ValueOrigin(OriginKind.PROFILE, f"{config}:5", "q"))


def test_the_settings_say_where_no_journal_comes_from(run, home: Path) -> None:
    done = run("config", "check", "--no-journal", env={"GRAPHTOP_NO_JOURNAL": "0"})
    assert any(line.split() == ["journal", "false", "--no-journal"] for line in done.stdout.splitlines())
    done = run("config", "check", env={"GRAPHTOP_NO_JOURNAL": "0"})
    assert any(
        line.split() == ["journal", "true", "GRAPHTOP_NO_JOURNAL"] for line in done.stdout.splitlines()
    )


# --- word for word -----------------------------------------------------------------------------------

FULL = {
    **{"when": "2026-11-24T08:00:00.000Z", "action": "delete", "id": "4", "outcome": "refused"},
    **{
        "words": "No\n",
        "name": "token=x",
        "type": "gremlin",
        "shown": "SUCCESS",
        "code": 400,
        "elapsed": 90.5,
    },
}


def test_it_is_a_table_with_what_was_said(path: Path, capsys) -> None:
    path.write_text(lines_of({**LINES[3], "name": ""}, FULL))
    assert graphtop(["journal", "-o", "table", "--since", "2026-11-23"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "WHEN                 PROFILE  ACTION  ID  OUTCOME   NAME AND MESSAGE",
        "2026-11-23 08:00:00  prod     submit   3  accepted",
        "2026-11-24 08:00:00  prod     delete   4  refused   token=••••••: No␊",
    ]
    graphtop(["journal", "-o", "wide", "--since", "2026-11-23"])
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.endswith("NAME AND MESSAGE   GRAPH      BY        SHOWN    CODE  TOOK")
    assert rows[0].endswith("  DEFAULT/g  ann@host  –           –    1s")
    assert rows[1].endswith("  DEFAULT/g  ann@host  SUCCESS   400    1m")


def test_outcomes_have_colours_and_tsv_has_the_exact_moment(path: Path, capsys) -> None:
    good = ("cancelled", "deleted", "gone already", "accepted")
    bad = ("refused", "under way", "not confirmed", "came back")
    path.write_text(lines_of(*({**LINES[3], "outcome": word} for word in (*good, *bad))))
    graphtop(["journal", "-o", "table", "--color", "always", "--limit", "8"])
    colours = [line.partition("\x1b[3")[2][0] for line in capsys.readouterr().out.splitlines()[1:]]
    assert colours == list("22221111")
    capsys.readouterr()
    graphtop(["journal", "-o", "id", "--limit", "1"])
    assert capsys.readouterr().err == "graphtop: Showing the last 1 of 10; use --limit 0 to show all.\n"
    path.write_text(lines_of({**FULL, "profile": "", "graph": ""}))
    graphtop(["journal", "-o", "tsv", "--limit", "1"])
    assert capsys.readouterr().out == ("2026-11-24T08:00:00.000Z\t\tdelete\t4\trefused\ttoken=••••••: No␊\n")
    graphtop(["journal", "-o", "wide", "--limit", "1"])
    assert capsys.readouterr().out.splitlines()[1].split()[-5:] == ["–", "ann@host", "SUCCESS", "400", "1m"]


def test_a_number_that_no_float_holds_stays_a_text(path: Path, capsys) -> None:
    line = json.dumps({**PLACE, **FULL, "task": 0}).replace('"task": 0', '"task": {"n": 1e999}')
    path.write_text(f"{line}\n")
    graphtop(["journal", "-o", "json", "--limit", "1"])
    (record,) = json.loads(capsys.readouterr().out)
    assert record["task"] == '{"n": 1e999}'
    assert [record[name] for name in ("status", "type", "name", "code", "elapsed_ms")] == [
        "SUCCESS", "gremlin", "token=••••••", 400, 90500,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--limit 4", "graphtop: Showing the last 4 of 5; use --limit 0 to show all.\n"),
        ("--limit 5", ""),
        ("--limit 0", ""),
        ("--id 99", "graphtop: No matching actions.\n"),
        ("", ""),
    ],
)
def test_it_is_said_what_is_not_shown(path: Path, capsys, flags: str, said: str) -> None:
    assert graphtop(["journal", "-o", "id", *flags.split()]) == 0
    assert capsys.readouterr().err == said


def test_fifty_are_shown_by_itself(path: Path, capsys) -> None:
    path.write_text(lines_of(*[LINES[3]] * 1100))
    assert graphtop(["journal", "-o", "id"]) == 0
    out, err = capsys.readouterr()
    assert (len(out.split()), err) == (
        50,
        "graphtop: Showing the last 50 of 1,102; use --limit 0 to show all.\n",
    )


@pytest.mark.parametrize(("size", "shown"), [(60, "x" * 60), (61, "x" * 60 + "…")])
def test_of_a_line_that_can_not_be_read_sixty_characters_are_told(
    path, capsys, size: int, shown: str
) -> None:
    path.write_text("x" * size + "\n")
    graphtop(["journal", "-o", "id"])
    assert capsys.readouterr().err == (
        f"graphtop: Skipped a line of the journal that can't be read: {shown}\n"
    )


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("2026-11-23", "2026-11-23T00:00:00.000Z"),
        ("2026-11-23T12:00:00.0007", "2026-11-23T12:00:00.001Z"),
        ("2026-11-23T12:00:00+02:00", "2026-11-23T10:00:00.000Z"),
        ("1d", "2027-01-14T08:00:00.000Z"),
        ("999999999w", "1970-01-01T00:00:00.000Z"),
    ],
)
def test_since_is_a_moment_or_so_long_ago(monkeypatch, words: str, read: str) -> None:
    monkeypatch.setattr(arguments, "Clock", FakeClock)
    assert journal.parse_since(words) == read


def test_a_since_that_is_none_is_told(capsys) -> None:
    with pytest.raises(SystemExit):
        graphtop(["journal", "--since", "soon"])
    assert '"soon" is not a duration; write it as 30s, 10m, 2h30m or 30d' in capsys.readouterr().err


def test_without_a_journal_its_path_is_told(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(tmp_path / "none"))
    assert graphtop(["journal", "--id", "1"]) == 0
    assert capsys.readouterr().err == f"graphtop: There is no journal yet: {tmp_path}/none\n"
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(tmp_path))
    assert graphtop(["journal"]) == 1
    assert (
        capsys.readouterr().err == f"graphtop: Can't read the journal {tmp_path}: it is not a regular file.\n"
    )


@pytest.mark.parametrize("kind", ["pipe", "/dev/zero", "/dev/full"])
def test_what_never_comes_to_an_end_is_not_read(kind: str, tmp_path: Path, monkeypatch, capsys) -> None:
    path = tmp_path / "pipe"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path = Path(kind)
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(path))
    assert graphtop(["journal"]) == 1
    assert f"Can't read the journal {path}: it is not a regular file." in capsys.readouterr().err


def test_a_journal_that_is_a_link_is_not_read(path: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(link))
    assert graphtop(["journal"]) == 1
    said = f"graphtop: Can't read the journal {link}: it is a symbolic link.\n"
    assert capsys.readouterr() == ("", said)


def test_a_journal_that_others_could_read_is_closed_to_them_with_a_word(path: Path, capsys) -> None:
    path.chmod(0o640)
    assert graphtop(["journal", "-o", "id", "--id", "3"]) == 0
    said = f"graphtop: Other users had access to {path}. Its mode is now 0600.\n"
    assert capsys.readouterr() == ("3\n", said)
    assert path.stat().st_mode & 0o777 == 0o600
