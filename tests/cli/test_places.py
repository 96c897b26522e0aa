"""Commands on several places at once: servers of both dialects, one slow, one dead, one that refuses."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import BOOM, Done, Server, rows, simulated
from tests.support.patience import PATIENCE
from tui.cli.exit_codes import FAILED, INTERRUPTED, NOT_ALLOWED, NOT_FOUND, OK, PARTLY, UNREACHABLE, USAGE
from tui.monitor.saved_views import SavedView, ViewPlace, ViewsFile

Run = Callable[..., Done]

CONFIG = """
default_profile = "prod"
[profiles.prod]
url = "{prod}"
[profiles.dev]
url = "{dev}"
[profiles.locked]
url = "{locked}"
user = "ann"
password_command = "echo wrong"
[profiles.cloud]
url = "{cloud}"
dialect = "ges"
project = "demo-project"
token_command = "echo demo-token"
[profiles.dead]
url = "http://127.0.0.1:9"
[profiles.asks]
url = "{locked}"
user = "ann"
"""
READ_ONLY = "Read-only mode, set by the profile prod"
PROD, DEV = "prod:DEFAULT/hugegraph", "dev:hugegraph"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """The servers of a company: dev is an old and slow one, locked wants another password."""
    home, usual = tmp_path_factory.mktemp("home"), ("--pace", "0", "--tasks", "3")
    with ExitStack() as stack:
        yield {
            "prod": simulated(stack, *usual, home=home),
            "dev": simulated(stack, *usual, "--version", "1.5.0", "--delay", "100ms", home=home),
            "locked": simulated(stack, *usual, "--user", "ann", home=home, env={"GRAPHTOP_PASSWORD": "pw"}),
            "cloud": simulated(stack, *usual, "--dialect", "ges", home=home),
        }


@pytest.fixture
def dev(company: dict[str, Server]) -> Server:
    """The old server, which knows no graphspaces."""
    server = company["dev"]
    server.http.base_url = f"{server.url}/graphs/hugegraph"
    return server


@pytest.fixture
def prod(company: dict[str, Server]) -> Server:
    """The server of the default profile."""
    return company["prod"]


@pytest.fixture
def config(company: dict[str, Server], home: Path) -> Path:
    """The config file with a profile for each."""
    path = home / "config.toml"
    path.write_text(CONFIG.format(**{name: server.url for name, server in company.items()}))
    return path


@pytest.fixture
def at(call: Run, config: Path) -> Run:
    """Run a command with the config file."""

    def ran(*words: str, env: dict[str, str | None] | None = None, stdin: str = "") -> Done:
        return call(*words, env={"GRAPHTOP_CONFIG": str(config), **(env or {})}, stdin=stdin)

    return ran


def mark_production(config: Path, key: str = "production") -> None:
    """Guard the profile prod."""
    config.write_text(config.read_text().replace("[profiles.prod]", f"[profiles.prod]\n{key} = true"))


def test_tasks_of_several_places_are_one_list_with_their_places(at: Run, prod: Server, dev: Server) -> None:
    old, new = dev.ended("40 + 1"), prod.ended("40 + 2")
    done = at("ls", "-p", "dev", "-p", "prod", "--limit", "2")
    assert (done.returncode, [row[0] for row in rows(done)]) == (OK, [f"{PROD}/{new}", f"{DEV}/{old}"])
    assert done.stderr == "graphtop: Showing the newest 2; use --limit 0 to show all.\n"
    of_prod, of_dev = json.loads(at("ls", "-p", "dev", "-p", "prod", "--limit", "2", "-o", "json").stdout)
    names = ("id", "graph", "place", "profile", "graphspace", "dialect")
    assert [of_prod[name] for name in names] == [
        f"{PROD}/{new}", "hugegraph", PROD, "prod", "DEFAULT", "hugegraph",
    ]  # fmt: skip
    assert [of_dev[name] for name in names] == [f"{DEV}/{old}", "hugegraph", DEV, "dev", None, "hugegraph"]


def test_every_place_that_is_missing_has_its_line_and_the_others_are_listed(at: Run) -> None:
    done = at("ls", "--all", "--limit", "0", "-o", "jsonl")
    listed = [json.loads(line) for line in done.stdout.splitlines()]
    assert {task["profile"] for task in listed} == {"prod", "dev", "cloud"}
    assert {task["place"] for task in listed if task["dialect"] == "ges"} == {"cloud"}
    moments = [task["created"] for task in listed if task["created"]]
    assert moments == sorted(moments, reverse=True)
    assert done.returncode == PARTLY
    said = sorted(done.stderr.splitlines())
    assert [line.split(": ")[1] for line in said] == ["asks", "dead", "locked"]
    assert "there is no terminal to ask on" in said[0]
    assert "refused the connection" in said[1]
    assert "Wrong user or password" in said[2]


def test_a_filter_that_names_none_of_the_places_is_told_of_unless_one_is_missing(at: Run) -> None:
    done = at("ls", "-p", "dev", "-p", "prod", "place=pord,dev")
    assert (done.returncode, done.stderr) == (OK, 'graphtop: No place is called "pord". Did you mean prod?\n')
    assert {row[0].partition(":")[0] for row in rows(done)} == {"dev"}
    assert not at("ls", "-p", "dev", "-p", "prod", "place=prod", "dialect=hugegraph").stderr
    assert "No place" not in at("ls", "-p", "dev", "-p", "dead", "place=dead").stderr


@pytest.mark.parametrize(
    ("profiles", "code"),
    [(("dead", "dead"), UNREACHABLE), (("locked", "dead"), PARTLY), (("locked", "asks"), PARTLY)],
)
def test_where_no_place_answers_the_code_is_theirs(at: Run, profiles: tuple[str, str], code: int) -> None:
    done = at("ls", *(word for name in profiles for word in ("-p", name)))
    assert (done.returncode, done.stdout) == (code, "")
    assert len(done.stderr.splitlines()) == len(set(profiles))


def test_reasons_are_read_in_each_place(at: Run, prod: Server, dev: Server) -> None:
    whole = {f"{PROD}/{prod.ended(BOOM)}", f"{DEV}/{dev.ended(BOOM)}"}
    done = at("ls", "-p", "prod", "-p", "dev", "--limit", "2", "-o", "jsonl")
    listed = {task["id"]: task["reason"] for task in map(json.loads, done.stdout.splitlines())}
    assert set(listed) == whole
    assert all("boom" in reason for reason in listed.values())


def test_each_graph_is_a_place_where_a_profile_names_several(at: Run, config: Path, prod: Server) -> None:
    newest, other = prod.ended(), f"{prod.url}/graphspaces/DEFAULT/graphs/supply_chain/jobs/gremlin"
    assert prod.http.post(other, json={"gremlin": "1", "bindings": {}, "aliases": {}}).status_code == 201
    config.write_text(config.read_text().replace("[profiles.prod]", '[profiles.prod]\ngraphs = ["*"]'))
    for words in (("-p", "prod"), ("-p", "prod", "-p", "dev")):
        ids = at("ls", *words, "--limit", "0", "-o", "id").stdout.split()
        assert f"{PROD}/{newest}" in ids
        assert {one.rpartition("/")[0] for one in ids} >= {PROD, "prod:DEFAULT/supply_chain"}
    assert rows(at("ls", "--graph", "hugegraph", "--limit", "1"))[0][0] == newest
    assert at("get", ids[-1]).returncode == OK
    for command in (("get", newest), ("cancel", "-y", newest), ("submit", "-")):
        done = at(*command)
        assert (done.returncode, done.stdout) == (USAGE, "")
        assert "names several graphs. Use --graph, or an id with its place." in done.stderr


def test_graphs_that_are_not_there_are_told_of(at: Run, config: Path) -> None:
    config.write_text(config.read_text().replace("[profiles.prod]", '[profiles.prod]\ngraphs = ["no*"]'))
    done = at("ls")
    assert (done.returncode, done.stdout) == (NOT_FOUND, "")
    assert done.stderr == "graphtop: prod: The server has no graph that is called no*.\n"
    assert at("ls", "-p", "prod", "-p", "dev").returncode == PARTLY
    config.write_text(config.read_text().replace('graphs = ["no*"]', 'graphs = ["*"]\ngraphspace = "sales"'))
    assert at("ls").stderr == (
        "graphtop: prod: The server has no graphs in the graphspace sales, or none that this user is allowed"
        " to see.\n"
    )


def test_the_usual_graph_of_a_cluster_is_among_all_though_it_is_not_listed(
    at: Run, config: Path, home: Path
) -> None:
    with ExitStack() as stack:
        server = simulated(
            stack, "--pace", "0", "--backend", "hstore", "--graphs", "hugegraph,fraud/risk", home=home
        )
        with config.open("a") as file:
            file.write(f'[profiles.cluster]\nurl = "{server.url}"\ngraphs = ["*"]\n')
        done = at("ls", "-p", "cluster", "--limit", "0", "-o", "jsonl")
        assert done.returncode == OK, done.stderr
        listed = {json.loads(line)["place"] for line in done.stdout.splitlines()}
        assert listed == {"cluster:DEFAULT/hugegraph", "cluster:fraud/risk"}


@pytest.fixture
def view(company: dict[str, Server], home: Path) -> SavedView:
    """A saved view of two profiles, an address and a profile that is gone."""
    places = (
        ViewPlace(profile="prod", dialect="hugegraph", graphspace="DEFAULT", graph="hugegraph"),
        ViewPlace(profile="cloud", dialect="ges"),
        ViewPlace(url=company["dev"].url, dialect="hugegraph", graph="hugegraph"),
        ViewPlace(profile="gone"),
    )
    view = SavedView(name="night", places=places, filter="type!=gremlin", sort="took", tab="3")
    ViewsFile(home / "state" / "graphtop" / "views.json").save_view(view)
    return view


def test_a_saved_view_names_places_a_filter_and_an_order(at: Run, home: Path, view: SavedView) -> None:
    state = {"XDG_STATE_HOME": str(home / "state")}
    done = at("ls", "--view", view.name, "--limit", "0", "-o", "jsonl", env=state)
    listed = [json.loads(line) for line in done.stdout.splitlines()]
    assert {task["status"] for task in listed} == {"success"}
    assert "gremlin" not in {task["type"] for task in listed}
    lengths = [task["took_ms"] for task in listed]
    assert lengths == sorted(lengths, reverse=True)
    assert done.returncode == PARTLY
    assert (
        done.stderr == 'graphtop: gone: No profile "gone". Use one of prod, dev, locked, cloud, dead, asks.\n'
    )
    turned = at("ls", "--view", view.name, "--limit", "0", "--reverse", "-o", "jsonl", env=state)
    assert [json.loads(line)["took_ms"] for line in turned.stdout.splitlines()] == lengths[::-1]
    newest = at("ls", "--view", view.name, "--limit", "0", "--sort", "age", "-o", "jsonl", env=state)
    moments = [json.loads(line)["created"] for line in newest.stdout.splitlines()]
    assert moments == sorted(moments, reverse=True)
    servers = {row[1] for row in rows(at("graphs", "--view", view.name, env=state))}
    assert {"prod", "cloud"} < servers
    assert len(servers) == 3


def test_one_profile_that_is_named_twice_is_one_place(at: Run, prod: Server) -> None:
    newest = prod.ended()
    assert rows(at("ls", "-p", "prod", "-p", "prod", "--limit", "1"))[0][0] == newest


def test_all_is_every_profile_also_if_there_is_one(at: Run, config: Path, prod: Server) -> None:
    newest = prod.ended()
    config.write_text(f'[profiles.prod]\nurl = "{prod.url}"\n')
    assert rows(at("ls", "--all", "--limit", "1"))[0][0] == f"{PROD}/{newest}"
    config.write_text("")
    assert at("ls", "--all").stderr.startswith("graphtop: --all names no place. ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ls", "-p", "prod", "-p", "dv"), 'No profile "dv". Did you mean dev?'),
        (("ls", "--all", "-p", "prod"), "-p and --all name different places. Use only one."),
        (("graphs", "--view", "x", "--all"), "--all and --view name different places. Use only one."),
        (("doctor", "--view", "x"), "No view "),
        (
            ("cancel", "--view", "x", "1"),
            "works on one place: name it with -p, in place of --view.",
        ),
        (("ls", "--all", "--graph", "g"), "--graph is about one place, and several are named."),
        (("ls", "-p", "prod", "-p", "dev", "--user", "ann"), "--user is about one place"),
        (("graphs", "-p", "prod", "-p", "dev", "--url", "http://h"), "--url is about one place"),
        (("submit", "-p", "prod", "-p", "dev", "-"), "This command works on one place: use -p once."),
        (("submit", "--all", "-"), "This command works on one place: name it with -p, in place of --all."),
        (("watch", "--all", "--user", "ann"), "--user is about one place"),
        (("purge", "-p", "prod", "-p", "dev", "--older-than", "1d"), "This command works on one place"),
        (("get", "-p", "prod", "-p", "dev", "1"), "This command works on one place"),
        (("get", "prd:DEFAULT/hugegraph/1", f"{DEV}/1"), 'the profile "prd", which does not exist. Did you'),
        (("get", "clod:ff80"), 'the profile "clod", which does not exist. Did you mean cloud?'),
        (("cancel", "-y", "prod:a/b/c/1"), "Write it as PROFILE:GRAPHSPACE/GRAPH/ID"),
        (("cancel", "-y", "prod:DEFAULT/../1"), "is not a task id."),
        (("delete", "-y", "prod:"), "is not a task id."),
        (("get", "dev/1"), '"dev/1" is not a task id.'),
        (("get", "--graph", "g", f"{DEV}/1"), "--graph has no effect: the ids name their places."),
        (("get", "--user", "a", f"{PROD}/1", f"{DEV}/1"), "--user has no effect: the ids name their places."),
    ],
)
def test_what_can_not_be_meant_ends_before_anything_is_sent(at: Run, words, said: str) -> None:
    done = at(*words)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert said in done.stderr


def test_graphs_of_several_servers_are_listed_with_their_profiles(at: Run) -> None:
    done = at("graphs", "-p", "prod", "-p", "dev", "-p", "dead", "-o", "id")
    assert done.returncode == PARTLY
    assert done.stdout.split()[:1] == [PROD]
    assert DEV in done.stdout.split()
    assert done.stderr.startswith("graphtop: dead: ")
    first = json.loads(at("graphs", "-p", "prod", "-p", "dev", "-o", "json").stdout)[0]
    assert first == {
        "graph": "hugegraph",
        "graphspace": "DEFAULT",
        "current": True,
        "place": PROD,
        "profile": "prod",
        "dialect": "hugegraph",
    }


def test_doctor_checks_one_place_after_the_other(at: Run) -> None:
    done = at("doctor", "-p", "prod", "-p", "dead", "-p", "asks", "-o", "table")
    blocks = [block.splitlines() for block in done.stdout.split("\n\n")]
    assert [block[0] for block in blocks] == ["prod", "dead", "asks"]
    assert not [line for line in blocks[0] if "✗" in line]
    assert next(line for line in blocks[1] if "✗" in line).startswith("✗ tcp")
    assert "no terminal to ask on" in blocks[2][1]
    # It is on this machine, and the same for all of them.
    assert done.stdout.count(" history ") == 1
    assert done.returncode == PARTLY
    told = rows(at("doctor", "--all", "-o", "tsv"))
    assert list(dict.fromkeys(row[0] for row in told)) == ["prod", "dev", "locked", "cloud", "dead", "asks"]


def test_tasks_are_shown_by_the_ids_that_were_listed(at: Run, prod: Server, dev: Server) -> None:
    ids = {f"{PROD}/{prod.ended()}", f"{DEV}/{dev.ended()}"}
    listed = at("ls", "-p", "prod", "-p", "dev", "--limit", "2", "-o", "id").stdout
    assert set(listed.split()) == ids
    done = at("get", "-", "-o", "id", stdin=listed)
    assert (done.returncode, set(done.stdout.split()), done.stderr) == (OK, ids, "")
    job = at("ls", "-p", "cloud", "-p", "dead", "--limit", "1", "-o", "id").stdout.strip()
    assert job.startswith("cloud:")
    assert json.loads(at("get", job, "-o", "jsonl").stdout)["id"] == job


def test_keys_of_the_environment_are_for_an_id_only_where_its_profile_is_named(at: Run) -> None:
    keys = {"GRAPHTOP_PASSWORD": "tiger", "GRAPHTOP_USER": "scott"}
    refused = at("get", "locked:hugegraph/1", env=keys)
    assert "Variables log in to the place of an id only where -p names its profile, too." in refused.stderr
    assert "GRAPHTOP_PASSWORD" not in refused.stderr


def test_a_plain_id_is_of_the_place_that_flags_name(at: Run, prod: Server, dev: Server) -> None:
    mine, theirs = prod.ended("'mine'"), dev.ended("'theirs'")
    done = at("get", mine, f"{DEV}/{theirs}", f"{DEV}/9999", "-o", "jsonl")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [
        f"{PROD}/{mine}",
        f"{DEV}/{theirs}",
    ]
    assert (done.returncode, done.stderr.strip()) == (
        PARTLY,
        "graphtop: No task 9999 in hugegraph on dev. It may have been deleted.",
    )
    assert at("get", f"{DEV}/9999").returncode == NOT_FOUND


@pytest.mark.parametrize(
    ("task_id", "place"), [("prod:hugegraph/1", "prod:hugegraph"), ("prod:1", "prod"), ("dev:1", "dev")]
)
def test_an_id_that_leaves_out_a_part_of_its_place_is_refused(at: Run, task_id: str, place: str) -> None:
    done = at("delete", "--yes", task_id, f"{PROD}/1")
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert f"There is no place {place}: " in done.stderr
    assert "Nothing was sent." in done.stderr


def test_a_cancel_in_two_places_reports_each(at: Run, prod: Server, dev: Server) -> None:
    mine, theirs, ended = prod.running(), dev.running(), dev.ended()
    whole = [f"{PROD}/{mine}", f"{DEV}/{theirs}", f"{DEV}/{ended}", "dead:hugegraph/1"]
    done = at("cancel", "--yes", *whole, "-o", "jsonl")
    told = {record["id"]: record for record in map(json.loads, done.stdout.splitlines())}
    assert {task: record["outcome"] for task, record in told.items()} == {
        whole[0]: "cancelled",
        whole[1]: "cancelled",
        whole[2]: "finished first",
    }
    assert (told[whole[1]]["place"], told[whole[1]]["dialect"]) == (DEV, "hugegraph")
    assert (prod.word(mine), dev.word(theirs)) == ("cancelled", "cancelled")
    assert done.returncode == PARTLY
    assert done.stderr.startswith("graphtop: dead · hugegraph: ")


def test_a_task_that_is_named_in_two_ways_is_cancelled_once(at: Run, prod: Server) -> None:
    task = prod.running()
    done = at("cancel", "--yes", task, f"{PROD}/{task}")
    assert (done.returncode, len(done.stdout.splitlines())) == (OK, 1)


def test_guards_hold_for_each_place(at: Run, config: Path, prod: Server, dev: Server) -> None:
    mine, theirs = prod.running(), dev.running()
    whole = (f"{PROD}/{mine}", f"{DEV}/{theirs}")
    mark_production(config)
    done = at("cancel", "--yes", *whole)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert "Use --yes --production to confirm" in done.stderr
    assert (prod.word(mine), dev.word(theirs)) == ("running", "running")
    mark_production(config, "read_only")
    done = at("cancel", "--yes", "--production", *whole)
    assert done.returncode == PARTLY
    assert done.stdout.startswith(f"✓ {whole[1]} cancelled")
    assert done.stderr.startswith(
        "graphtop: prod · DEFAULT/hugegraph: Read-only mode, set by the profile prod"
    )
    assert (prod.word(mine), dev.word(theirs)) == ("running", "cancelled")
    assert at("cancel", "--yes", "--production", whole[0]).returncode == NOT_ALLOWED


def test_a_wait_ends_with_the_last_of_its_places(at: Run, prod: Server, dev: Server) -> None:
    good, bad = prod.ended(), dev.ended("throw new RuntimeException('boom')")
    done = at("wait", f"{PROD}/{good}", f"{DEV}/{bad}", "-o", "jsonl")
    told = {
        record["id"]: (record["ok"], record["profile"])
        for record in map(json.loads, done.stdout.split("\n")[:-1])
    }
    assert told == {f"{PROD}/{good}": (True, "prod"), f"{DEV}/{bad}": (False, "dev")}
    assert done.returncode == PARTLY
    assert at("wait", f"{DEV}/{bad}").returncode == FAILED


def test_changes_of_several_places_are_told_as_they_come(
    start, config: Path, prod: Server, dev: Server
) -> None:
    old = dev.running()
    profiles = [word for name in ("prod", "dev", "dead") for word in ("-p", name)]
    watching = start("watch", *profiles, "-o", "jsonl", env={"GRAPHTOP_CONFIG": str(config)})
    seen: dict[str, dict] = {}

    def read_until(whole: str, event: str) -> dict:
        while seen.get(whole, {}).get("event") != event:
            record = json.loads(watching.stdout.readline())
            seen[record["id"]] = record
        return seen[whole]

    assert read_until(f"{DEV}/{old}", "seen")["place"] == DEV
    new = prod.running()
    assert read_until(f"{PROD}/{new}", "new")["profile"] == "prod"
    assert dev.http.put(f"/tasks/{old}", params={"action": "cancel"}).status_code == 202
    assert read_until(f"{DEV}/{old}", "changed")["dialect"] == "hugegraph"
    watching.send_signal(signal.SIGINT)
    assert watching.wait(PATIENCE) == INTERRUPTED
    assert b"graphtop: dead" in watching.stderr.read()


def test_texts_are_given_by_whole_ids(at: Run, dev: Server) -> None:
    task = dev.ended("6 * 7")
    assert "6 * 7" in at("input", f"{DEV}/{task}").stdout
    assert at("result", f"{DEV}/{task}").returncode == OK
    done = at("result", f"{DEV}/9999")
    assert (done.returncode, done.stdout) == (NOT_FOUND, "")


def test_variables_of_one_place_are_told_to_be_left_out(at: Run) -> None:
    variables = {"GRAPHTOP_TOKEN": "x", "GRAPHTOP_GRAPH": "g"}
    done = at("ls", "-p", "prod", "-p", "dev", "--limit", "1", env=variables)
    assert done.returncode == OK
    assert "GRAPHTOP_GRAPH, GRAPHTOP_TOKEN are not used: several places are named." in done.stderr


def test_passwords_are_asked_for_one_after_the_other(terminal, config: Path, prod: Server) -> None:
    newest = prod.ended()
    with config.open("a") as file:
        file.write('[profiles.also]\nurl = "http://127.0.0.1:9"\nuser = "bob"\n')
    profiles = ("-p", "also", "-p", "asks", "-p", "prod")
    one = terminal("ls", *profiles, "--limit", "0", env={"GRAPHTOP_CONFIG": str(config)}, width=200)
    one.wait_for("also: password for bob at 127.0.0.1:9, or enter to skip:")
    one.send("secret\r")
    one.wait_for("asks: password for ann at")
    one.send("pw\r")
    one.wait_for(f"{PROD}/{newest}")
    one.wait_for("asks:DEFAULT/hugegraph/1")
    one.wait_for("graphtop: also: 127.0.0.1:9 refused the connection")
    assert one.exit_code() == PARTLY
