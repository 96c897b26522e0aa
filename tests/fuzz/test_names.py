"""Hostile names through every command, completion and key: none is an option or a path."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from textual import events

from backend_adapters.model import ODD_ID
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.target import Target
from tests.adapters.scripted_ges import ScriptedGes
from tests.adapters.scripted_servers import ScriptedServer, record
from tests.cli.conftest import call, home
from tests.fuzz.hostile_names import GOOD_IDS, HOSTILE_IDS, PATHS, connect_to, running_job
from tests.terminal.terminal_emulator import ROOT
from tests.ui.running_app import FastClock, read_screen, wait_for_rest, wait_until
from tui.app import Graphtop
from tui.cli.completion.complete import list_candidates
from tui.cli.registry import parser_of
from tui.config.options import ScreenOptions
from tui.screens.dialogs.confirm import ConfirmScreen
from tui.screens.tasks.screen import TasksScreen

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
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ScriptedGes:
    """A graph of GES with a running job for each hostile id, and some good ones among them."""
    ids = (*HOSTILE_IDS[:9], *GOOD_IDS, *HOSTILE_IDS[9:])
    wire = ScriptedGes(map(running_job, ids), "ges-graph")
    wire.statuses = False
    connect_to(monkeypatch, wire)
    monkeypatch.chdir(tmp_path)
    return wire


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ScriptedServer:
    """A HugeGraph with a task of the id -5 beside a good one."""
    wire = ScriptedServer([record(-5, "success"), record(7, "success"), record(-6, "running")])
    # Of whatever name, a graph is told to be a graph.
    wire.override = lambda request: (
        httpx.Response(200, json={"backend": "rocksdb"}) if request.url.raw_path.count(b"/") == 4 else None
    )
    connect_to(monkeypatch, wire)
    monkeypatch.chdir(tmp_path)
    return wire


def only_reads(wire: ScriptedGes | ScriptedServer) -> bool:
    return {request.method for request in wire.requests} <= {"GET"}


def test_a_list_shows_every_row_and_gives_other_commands_only_what_is_an_id(
    engine: ScriptedGes, call
) -> None:
    found = json.loads(call("ls", *WHERE, "--limit", "0", "-o", "json", env=TOKEN).stdout)
    assert {task["id"]: task["fault"] for task in found} == {
        **dict.fromkeys(HOSTILE_IDS, ODD_ID),
        **dict.fromkeys(GOOD_IDS),
    }
    done = call("ls", *WHERE, "--limit", "0", "-o", "id", env=TOKEN)
    assert sorted(done.stdout.splitlines()) == sorted(GOOD_IDS)
    assert f"Skipped {len(HOSTILE_IDS)} rows with an id that could be an option or a path." in done.stderr
    assert only_reads(engine)


@pytest.mark.parametrize("command", ["get", "wait", "cancel"])
def test_what_a_list_prints_is_taken_also_where_a_variable_names_the_place(
    engine: ScriptedGes, call, command: str
) -> None:
    where, env = WHERE[2:], TOKEN | {"GRAPHTOP_URL": WHERE[1]}
    done = call("ls", *where, "--limit", "0", "-o", "id", env=env)
    assert sorted(done.stdout.splitlines()) == sorted(one for one in GOOD_IDS if ":" not in one)
    assert f"Skipped {len(HOSTILE_IDS) + 1} rows" in done.stderr
    assert "an option, a path or that of another place." in done.stderr
    more = {"get": [], "wait": ["--timeout", "0"], "cancel": ["--yes"]}[command]
    taken = call(command, *more, *where, "-o", "jsonl", "-", env=env, stdin=done.stdout)
    assert taken.returncode != 2
    assert {json.loads(line)["id"] for line in taken.stdout.splitlines()} == set(done.stdout.split())


@pytest.mark.parametrize("form", ["table", "wide", "tsv", "json", "jsonl", "csv"])
def test_no_list_acts_on_who_reads_it(engine: ScriptedGes, call, form: str) -> None:
    done = call("ls", *WHERE, "--limit", "0", "-o", form, "--sort", "id", env=TOKEN)
    assert ACTING.findall(done.stdout + done.stderr) == []
    if form == "csv":
        cells = [row[0] for row in csv.reader(io.StringIO(done.stdout))]
        assert not [cell for cell in cells if re.match(r"\s*[=+@＝-]", cell)]


@pytest.mark.parametrize("command", BY_ID, ids=" ".join)
@pytest.mark.parametrize("hostile", HOSTILE_IDS, ids=ascii)
def test_no_command_takes_it_for_an_id_an_option_or_a_path(
    engine: ScriptedGes, call, command: tuple[str, ...], hostile: str
) -> None:
    done = call(*command, *WHERE, "--", hostile, env=TOKEN, stdin=hostile)
    assert done.returncode == 2
    assert "is not a task id" in done.stderr
    assert ACTING.findall(done.stdout + done.stderr) == []
    assert engine.requests == []
    assert not Path("pwned").exists()


@pytest.mark.parametrize("command", BY_ID, ids=" ".join)
@pytest.mark.parametrize(
    "hostile",
    [*(one for one in HOSTILE_IDS[:7] if one != "-"), ":a", "-x:12", "a:../b", "a:b/c d", "a:1\n--yes"],
    ids=ascii,
)
def test_no_command_takes_it_for_a_place_either(
    engine: ScriptedGes, call, command: tuple[str, ...], hostile: str
) -> None:
    env = TOKEN | {"GRAPHTOP_URL": "http://10.0.0.7"}
    done = call(*command, "--dialect", "ges-graph", "--project", "p", "--graph", "g", "--", hostile, env=env)
    assert (done.returncode, engine.requests) == (2, [])
    assert "is not a task id" in done.stderr


@pytest.mark.parametrize("command", ["get", "wait", "cancel"])
def test_none_of_several_is_acted_on_where_one_is_no_id(engine: ScriptedGes, call, command: str) -> None:
    yes = ["--yes"] if command == "cancel" else []
    done = call(command, *yes, *WHERE, "-", env=TOKEN, stdin="7\n--url=http://evil.example\n")
    assert (done.returncode, done.stdout, engine.requests) == (2, "", [])


@pytest.mark.parametrize("command", sorted({"get", "wait", "input", "result", "cancel", "delete"}))
def test_what_stands_behind_two_dashes_is_an_id(engine: ScriptedGes, call, command: str) -> None:
    yes = ["--yes"] if command in ("cancel", "delete") else []
    wait = ["--timeout", "0"] if command == "wait" else []
    before = call(command, *yes, *wait, *WHERE, "nosuch", env=TOKEN)
    behind = call(command, *yes, *wait, *WHERE, "--", "nosuch", env=TOKEN)
    assert (before.returncode, before.stdout) == (behind.returncode, behind.stdout)
    assert "no id" not in behind.stderr


WITH_WORDS = ("ls", "watch", "purge", "get", "wait", "cancel", "delete", "input", "result", "submit", "")


@pytest.mark.parametrize("command", WITH_WORDS)
def test_no_word_behind_two_dashes_is_an_option(command: str) -> None:
    needed = ["--older-than", "1d", "--status", "success"] if command == "purge" else []
    plain = vars(parser_of(command).parse_args([*needed, "--", "word"]))
    chosen = vars(parser_of(command).parse_args([*needed, "--", "--yes"]))
    (name,) = (name for name, value in plain.items() if value in ("word", ["word"]))
    assert chosen == plain | {name: "--yes" if plain[name] == "word" else ["--yes"]}


def test_recipes_write_two_dashes_before_ids() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    recipes = [line for line in lines if line.startswith("    ") and ("xargs" in line or '"$id"' in line)]
    assert len(recipes) == 3
    for line in recipes:
        assert line.count('"$id"') == line.count('-- "$id"')
        assert "xargs" not in line or line.endswith(" --")


@pytest.mark.parametrize("dashes", [[], ["--"]])
@pytest.mark.parametrize("command", ["get", "cancel", "wait", "input", "result"])
def test_completion_offers_only_ids(engine: ScriptedGes, command: str, dashes: list[str]) -> None:
    offers = list_candidates([command, *WHERE, *dashes, ""], TOKEN)
    assert {offer.value for offer in offers} == set(GOOD_IDS)


def test_a_purge_leaves_them_out_and_says_so(server: ScriptedServer, call) -> None:
    done = call(
        "purge", "--older-than", "1d", "--status", "success", "--yes", "-o", "id", "--url", "http://h:1"
    )
    assert "Skipped: 1 task with an id that could be an option or a path." in done.stderr
    assert {
        request.url.path.rpartition("/")[2] for request in server.requests if request.method != "GET"
    } == {"7"}


@pytest.mark.parametrize("graph", HOSTILE_IDS, ids=ascii)
def test_a_graph_is_one_segment_of_every_path_or_asked_for_nothing(
    server: ScriptedServer, call, graph: str
) -> None:
    server.graphs = [graph]
    for command in (["ls"], ["ls", f"--graph={graph}"], ["get", "7"], ["cancel", "7", "--yes"], ["doctor"]):
        done = call(*command, "--url", "http://h:1")
        assert ACTING.findall(done.stdout + done.stderr) == []
    asked = [request.url.raw_path.decode().partition("?")[0].split("/") for request in server.requests]
    named = {unquote(path[4]) for path in asked if len(path) > 4}
    assert named == (set() if graph in PATHS or "/" in graph else {graph})
    assert {len(path) for path in asked} <= {2, 4, 5, 6, 7, 8}
    assert all(path[1:4] == ["graphspaces", "DEFAULT", "graphs"] for path in asked if len(path) > 2)


def test_other_commands_and_completions_are_given_only_graphs_that_are_words(
    server: ScriptedServer, call
) -> None:
    server.graphs = [*HOSTILE_IDS, "hugegraph", "g_1"]
    done = call("graphs", "--url", "http://h:1", "-o", "id")
    assert done.stdout.splitlines() == ["DEFAULT/g_1", "DEFAULT/hugegraph", "DEFAULT/图"]
    assert f"Skipped {len(HOSTILE_IDS) - 1} rows with an id that could be an option or a path." in done.stderr
    offered = [offer.value for offer in list_candidates(["ls", "--url", "http://h:1", "--graph", ""], {})]
    assert offered == ["g_1", "hugegraph"]


@pytest.mark.parametrize("flag", ["--graph", "--graphspace", "--project", "--profile", "--url"])
def test_bytes_that_are_no_text_are_refused_with_a_sentence(server: ScriptedServer, call, flag: str) -> None:
    dialect = ["--dialect", "ges"] if flag == "--project" else []
    done = call("ls", *dialect, *([] if flag == "--url" else ["--url", "http://h:1"]), f"{flag}=\udcff")
    assert done.returncode in (2, 3, 5)
    assert done.stderr.startswith("graphtop: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", HOSTILE_IDS, ids=ascii)
def test_a_profile_of_any_name_is_that_profile_or_told_as_none(
    server: ScriptedServer, call, tmp_path: Path, name: str
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[profiles.{json.dumps(name)}]\nurl = "http://h:1"\n')
    env = {"GRAPHTOP_CONFIG": str(config)}
    done = call("ls", f"--profile={name}", env=env)
    assert ACTING.findall(done.stdout + done.stderr) == []
    refused = name.startswith("-") or not name.isprintable()
    assert done.returncode == (2 if refused else 0)
    offered = [offer.value for offer in list_candidates(["ls", "-p", ""], env)]
    assert offered == ([] if refused else [name])
    assert not Path("pwned").exists()


async def test_no_key_does_anything_with_a_row_whose_id_is_none(engine: ScriptedGes, tmp_path: Path) -> None:
    target = Target(
        url="http://10.0.0.7",
        dialect="ges-graph",
        project="p",
        graph="g",
        credentials=Credentials(token=lambda: "t0ken"),
        http=httpx.MockTransport(engine),
    )
    app = Graphtop(target, ScreenOptions(interval=1.0), clock=FastClock())
    async with app.run_test(size=(120, 60), notifications=True) as pilot:
        rows = len(engine.jobs)
        await wait_until(pilot, lambda: f"0 All {rows}" in read_screen(app)[1], "all jobs")
        screen = app.screen
        assert isinstance(screen, TasksScreen)
        for hostile in HOSTILE_IDS[::8]:
            assert screen.parts.table.place_cursor(hostile)
            for key in ("C", "delete", "F", "c"):
                await pilot.press(key)
                await pilot.pause()
                assert app.screen is screen, f"{key} on {hostile!r} opened a dialog"
        assert app.clipboard == ""
        await wait_until(pilot, lambda: ODD_ID[:40] in "\n".join(read_screen(app)), "why")
        await pilot.press("enter", "i", "ctrl+s", "y", "ctrl+s")
        await wait_for_rest(pilot)
        await wait_until(pilot, lambda: "Saved" in "\n".join(read_screen(app)), "a saved text")
        saved = files_below(tmp_path)
        await pilot.press("q", "asterisk", "C")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmScreen), "the dialog")
        dialog = app.screen
        assert isinstance(dialog, ConfirmScreen)
        said = f"The other {len(HOSTILE_IDS)} marked jobs are skipped"
        await wait_until(pilot, lambda: said in "\n".join(read_screen(app)), "who is left out")
        await wait_until(pilot, lambda: not dialog.is_too_early(events.Key("y", "y")), "the dialog listening")
        await pilot.press("y")
        await wait_until(pilot, lambda: not only_reads(engine), "the cancels")
        await wait_until(pilot, lambda: len(changes(engine)) == len(GOOD_IDS), "all of them")
    assert {unquote(path) for path in changes(engine)} == {
        f"/ges/v1.0/p/graphs/g/jobs/{one}" for one in GOOD_IDS
    }
    assert {path.parent for path in saved} == {tmp_path}


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".jsonl"]


def changes(wire: ScriptedGes | ScriptedServer) -> list[str]:
    """The paths of all requests that ask for a change."""
    return [request.url.raw_path.decode() for request in wire.requests if request.method != "GET"]
