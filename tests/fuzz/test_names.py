"""Hostile names through every command, completion and key: none is an option or a path."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from backend_adapters.model import ODD_ID
from tests.adapters.ges_wire import GesWire
from tests.adapters.wires import Wire, record
from tests.cli.conftest import call, home
from tests.fuzz.hostile_names import GOOD_IDS, HOSTILE_IDS, connect_to, running_job
from tui.cli.complete import complete

__all__ = ["call", "home"]

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
WHERE = ("--url", "http://10.0.0.7", "--dialect", "ges-graph", "--project", "p", "--graph", "g")
TOKEN = {"GRAPHTOP_TOKEN": "t0ken"}
BY_ID = (
    ("get",),
    ("wait",),
    ("input",),
    ("result",),
    ("cancel", "--yes"),
    ("delete", "--yes"),
    ("delete", "--yes", "--force"),
)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> GesWire:
    """A graph of GES with a running job for each hostile id, and some good ones among them."""
    ids = (*HOSTILE_IDS[:9], *GOOD_IDS, *HOSTILE_IDS[9:])
    wire = GesWire(map(running_job, ids), "ges-graph")
    wire.statuses = False
    connect_to(monkeypatch, wire)
    monkeypatch.chdir(tmp_path)
    return wire


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Wire:
    """A HugeGraph with a task of the id -5 beside a good one."""
    wire = Wire([record(-5, "success"), record(7, "success"), record(-6, "running")])
    connect_to(monkeypatch, wire)
    monkeypatch.chdir(tmp_path)
    return wire


def only_reads(wire: GesWire | Wire) -> bool:
    return {request.method for request in wire.requests} <= {"GET"}


def test_a_list_shows_every_row_and_gives_other_commands_only_what_is_an_id(engine: GesWire, call) -> None:
    found = json.loads(call("ls", *WHERE, "--limit", "0", "-o", "json", env=TOKEN).stdout)
    assert {task["id"]: task["fault"] for task in found} == {
        **dict.fromkeys(HOSTILE_IDS, ODD_ID),
        **dict.fromkeys(GOOD_IDS),
    }
    done = call("ls", *WHERE, "--limit", "0", "-o", "id", env=TOKEN)
    assert sorted(done.stdout.splitlines()) == sorted(GOOD_IDS)
    assert f"left out: {len(HOSTILE_IDS)} whose id could be an option or a path." in done.stderr
    assert only_reads(engine)


@pytest.mark.parametrize("form", ["table", "wide", "tsv", "json", "jsonl", "csv"])
def test_no_list_acts_on_who_reads_it(engine: GesWire, call, form: str) -> None:
    done = call("ls", *WHERE, "--limit", "0", "-o", form, "--sort", "id", env=TOKEN)
    assert ACTING.findall(done.stdout + done.stderr) == []
    if form == "csv":
        cells = [row[0] for row in csv.reader(io.StringIO(done.stdout))]
        assert not [cell for cell in cells if re.match(r"\s*[=+@＝-]", cell)]


@pytest.mark.parametrize("command", BY_ID, ids=" ".join)
@pytest.mark.parametrize("hostile", HOSTILE_IDS, ids=ascii)
def test_no_command_takes_it_for_an_id_an_option_or_a_path(
    engine: GesWire, call, command: tuple[str, ...], hostile: str
) -> None:
    done = call(*command, *WHERE, "--", hostile, env=TOKEN, stdin=hostile)
    assert done.returncode == 2
    assert "is no id of a task" in done.stderr
    assert ACTING.findall(done.stdout + done.stderr) == []
    assert engine.requests == []
    assert not Path("pwned").exists()


@pytest.mark.parametrize("command", ["get", "wait", "cancel"])
def test_none_of_several_is_acted_on_where_one_is_no_id(engine: GesWire, call, command: str) -> None:
    yes = ["--yes"] if command == "cancel" else []
    done = call(command, *yes, *WHERE, "-", env=TOKEN, stdin="7\n--url=http://evil.example\n")
    assert (done.returncode, done.stdout, engine.requests) == (2, "", [])


@pytest.mark.parametrize("command", sorted({"get", "wait", "input", "result", "cancel", "delete"}))
def test_what_stands_behind_two_dashes_is_an_id(engine: GesWire, call, command: str) -> None:
    yes = ["--yes"] if command in ("cancel", "delete") else []
    wait = ["--timeout", "0"] if command == "wait" else []
    before = call(command, *yes, *wait, *WHERE, "nosuch", env=TOKEN)
    behind = call(command, *yes, *wait, *WHERE, "--", "nosuch", env=TOKEN)
    assert (before.returncode, before.stdout) == (behind.returncode, behind.stdout)
    assert "no id" not in behind.stderr


@pytest.mark.parametrize("dashes", [[], ["--"]])
@pytest.mark.parametrize("command", ["get", "cancel", "wait", "input", "result"])
def test_completion_offers_only_ids(engine: GesWire, command: str, dashes: list[str]) -> None:
    offers = complete([command, *WHERE, *dashes, ""], TOKEN)
    assert {offer.value for offer in offers} == set(GOOD_IDS)


def test_a_purge_leaves_them_out_and_says_so(server: Wire, call) -> None:
    done = call(
        "purge", "--older-than", "1d", "--status", "success", "--yes", "-o", "id", "--url", "http://h:1"
    )
    assert "left out: 1 task with an id that could be an option or a path." in done.stderr
    assert {
        request.url.path.rpartition("/")[2] for request in server.requests if request.method != "GET"
    } == {"7"}
