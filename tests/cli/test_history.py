"""The history on the command line: `graphtop history` and `graphtop stats`, without any server."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.history_file import HistoryFile, place_of, transition
from tests.unit.fakes import START, FakeClock, S, task
from tui.cli import run as graphtop
from tui.cli.commands import history, stats
from tui.cli.registry import suggest_command

pytestmark = pytest.mark.usefixtures("long_lines")

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
PROD, DEV = place_of("prod"), place_of("dev", "other")
CLOUD = place_of("cloud", "", None, dialect="ges", url="https://ges")
NOW = FakeClock().now() + 10 * HOUR
FORMATS = ["table", "wide", "tsv", "json", "jsonl", "csv", "id"]


class LateClock(FakeClock):
    """Ten hours after the tasks below began."""

    def now(self) -> int:
        return NOW


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "Clock", LateClock)
    monkeypatch.setattr(stats, "Clock", LateClock)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("GRAPHTOP_HISTORY", str(folder / "history.db"))
    monkeypatch.setenv("GRAPHTOP_JOURNAL", str(folder / "journal.jsonl"))
    monkeypatch.setenv("GRAPHTOP_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('[profiles.new]\nurl = "http://new"\n')
    return folder / "history.db"


@pytest.fixture
def file(path: Path) -> Iterator[HistoryFile]:
    """Tasks of three places, one of them gone, one that ran when its place was watched last."""
    file = HistoryFile(path)
    file.add_watch(PROD, START, NOW)
    file.add_watch(DEV, START, START + HOUR)
    file.add_task(PROD, ended(1, name="import day 1"), seen=START, waited=2 * SECOND, ran=8 * SECOND)
    file.add_task(PROD, ended(2, S.FAILED, reason="Boom \x9b17"), seen=START, gone=NOW - 2 * HOUR)
    file.add_task(PROD, task(3, created=START + 3 * MINUTE), seen=START)
    file.add_task(DEV, task(4, created=START + 4 * MINUTE, type="rebuild"), seen=START)
    file.add_task(CLOUD, ended(5, graph="social", name="\x1b[31mred"), seen=START)
    yield file
    file.close()


def ended(task_id: int, status=S.SUCCESS, *, took: int = 10 * SECOND, **more):
    created = START + task_id * MINUTE
    return task(task_id, status, **{"created": created, "updated": created + took, **more})


def run(capsys, *words: str) -> str:
    assert graphtop([*words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("", "cloud:5 dev:DEFAULT/other/4 prod:DEFAULT/hugegraph/3 2 1"),
        ("--limit 2", "cloud:5 dev:DEFAULT/other/4"),
        ("--limit 0 status=failed", "2"),
        ("-p prod", "prod:DEFAULT/hugegraph/3 2 1"),
        ("-p prod -p dev status=active", "dev:DEFAULT/other/4 prod:DEFAULT/hugegraph/3"),
        ("--all import", "1"),
        ("place=cloud", "cloud:5"),
        ("--since 2027-01-15T08:03:30", "cloud:5 dev:DEFAULT/other/4"),
        ("reason=boom", "2"),
    ],
)
def test_it_lists_what_passes_a_filter_the_last_first(file, capsys, words: str, ids: str) -> None:
    wanted = [one if ":" in one else f"prod:DEFAULT/hugegraph/{one}" for one in ids.split()]
    assert run(capsys, "history", "-o", "id", *words.split()).split() == wanted


def test_the_table_says_what_is_gone_and_what_nobody_looked_at(file, capsys) -> None:
    heads, *lines = run(capsys, "history", "-o", "table").splitlines()
    assert heads.split() == ["ID", "STATUS", "TYPE", "GRAPH", "NAME", "AGE", "SINCE", "TOOK", "REASON"]
    lines = [" ".join(line.split()) for line in lines]
    assert lines[1] == "dev:DEFAULT/other/4 ▶ running rebuild other job 4 9h56m seen 9h 56m"
    assert lines[2] == "prod:DEFAULT/hugegraph/3 ▶ running gremlin hugegraph job 3 9h57m 9h57m"
    assert lines[3].startswith("prod:DEFAULT/hugegraph/2 ✗ failed gremlin hugegraph job 2 9h58m gone 2h 10s")
    assert lines[4] == "prod:DEFAULT/hugegraph/1 ✓ success gremlin hugegraph import day 1 9h59m 10s"


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("command", ["history", "history --id 2", "stats by name", "stats by place"])
def test_no_format_lets_a_server_drive_the_terminal(file, capsys, format: str, command: str) -> None:
    out = run(capsys, *command.split(), "-o", format)
    assert out or (command, format) == ("stats by name", "id")
    assert all(line.replace("\t", " ").isprintable() for line in out.splitlines())


def test_a_profile_is_of_the_places_that_it_leads_to_however_they_were_watched(
    file, capsys, tmp_path: Path
) -> None:
    config = """
        [profiles.production]
        url = "http://prod:8080/"
        [profiles.one]
        url = "http://prod:8080"
        graph = "hugegraph"
        [profiles.two]
        url = "http://prod:8080"
        graph = "another"
    """
    (tmp_path / "config.toml").write_text(config)
    assert len(run(capsys, "history", "-p", "production", "-o", "id").split()) == 3
    assert len(run(capsys, "history", "-p", "production", "-p", "prod", "-o", "id").split()) == 3
    assert len(run(capsys, "history", "-p", "one", "-o", "id").split()) == 3
    assert run(capsys, "history", "-p", "two", "-o", "id") == ""


def test_where_all_are_of_one_place_a_person_sees_the_plain_ids(file, capsys) -> None:
    heads, *lines = run(capsys, "history", "-p", "prod", "-o", "table", "!status=failed").splitlines()
    assert heads.split() == ["ID", "STATUS", "TYPE", "NAME", "AGE", "TOOK"]
    assert [line.split()[0] for line in lines] == ["3", "1"]
    assert run(capsys, "history", "-p", "prod", "-o", "tsv").startswith("prod:DEFAULT/hugegraph/3\t")


def test_json_has_the_fields_of_a_list_and_those_of_the_history(file, capsys) -> None:
    listed = json.loads(run(capsys, "history", "-o", "json"))
    assert [list(one) for one in listed] == [list(listed[0])] * 5
    assert list(listed[0])[-11:] == [
        *("waited_ms", "ran_ms", "fingerprint", "first_seen", "last_seen", "gone", "as_of"),
        *("place", "profile", "graphspace", "dialect"),
    ]
    first, gone, stale = listed[-1], listed[-2], listed[1]
    assert (first["waited_ms"], first["ran_ms"]) == (2000, 8000)
    assert first["gone"] is first["as_of"] is None
    assert gone["gone"] == "2027-01-15T16:00:00.000Z"
    assert (stale["as_of"], stale["running_ms"]) == ("2027-01-15T09:00:00.000Z", 56 * MINUTE)


JOURNAL = {"by": "ann@host", "profile": "prod", "url": PROD.url, "graph": "DEFAULT/hugegraph", "id": "7"}


def add_long_story(file: HistoryFile) -> None:
    """A task that was begun again, ended unseen, and an older one that had its id."""
    steps = (
        transition(S.QUEUED, START + 7 * MINUTE),
        transition(S.RUNNING, START + 8 * MINUTE),
        transition(S.RESTORING, START + 10 * MINUTE, retries=1),
        transition(S.FAILED, START + 90 * MINUTE, START + 2 * HOUR, unwatched_since=START + HOUR, retries=1),
    )
    late = task(7, S.FAILED, created=START + 7 * MINUTE, updated=START + 90 * MINUTE, retries=1)
    file.add_task(DEV, ended(8), seen=START)
    file.connection.execute("DELETE FROM watch")
    file.add_watch(PROD, START, START + HOUR)
    file.add_watch(PROD, START + 2 * HOUR, NOW)
    file.add_task(PROD, ended(7, created=START - 9 * HOUR, name="older"), seen=START - 9 * HOUR)
    file.add_task(PROD, late, seen=START + 7 * MINUTE, transitions=steps)
    lines = [
        {**JOURNAL, "when": "2027-01-15T08:30:00.000Z", "action": "cancel", "outcome": "not confirmed"},
        {**JOURNAL, "when": "2027-01-14T23:30:00.000Z", "action": "delete", "outcome": "deleted"},
        {**JOURNAL, "when": "2027-01-15T08:31:00.000Z", "id": "8", "action": "cancel", "outcome": "refused"},
        {**JOURNAL, "when": "2027-01-15T08:31:00.000Z", "url": "http://x", "action": "x", "outcome": "x"},
    ]
    journal = file.path.with_name("journal.jsonl")
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    journal.chmod(0o600)


def test_of_one_task_it_tells_all_that_happened_and_when_nobody_watched(file, capsys) -> None:
    add_long_story(file)
    out = run(capsys, "history", "--id", "prod:DEFAULT/hugegraph/7", "-o", "table")
    story, older = out.split("\n\nid ")
    assert "older" in older
    assert "delete by ann@host: deleted" in older
    lines = [" ".join(line.split()) for line in story.splitlines()]
    assert lines[lines.index("SERVER'S TIME SEEN WHAT") + 1 :] == [
        "2027-01-15T08:07:00Z 2027-01-15T08:07:01Z ◦ queued",
        "2027-01-15T08:08:00Z 2027-01-15T08:08:01Z ▶ running",
        "2027-01-15T08:10:00Z 2027-01-15T08:10:01Z ◦ restoring, retry 1",
        "– 2027-01-15T08:30:00Z cancel by ann@host: not confirmed",
        "– 2027-01-15T09:00:00Z not watched until 2027-01-15T10:00:00Z",
        "2027-01-15T09:30:00Z 2027-01-15T10:00:00Z ✗ failed, seen late: not watched since"
        " 2027-01-15T09:00:00Z",
    ]


def test_in_json_it_is_lists_of_changes_actions_and_gaps(file, capsys) -> None:
    add_long_story(file)
    newest, older = json.loads(run(capsys, "history", "--id", "7", "-o", "json"))
    assert older["name"] == "older"
    assert newest["transitions"][-1] == {
        "status": "failed",
        "word": "failed",
        "at": "2027-01-15T09:30:00.000Z",
        "seen": "2027-01-15T10:00:00.000Z",
        "unwatched_since": "2027-01-15T09:00:00.000Z",
        "retries": 1,
    }
    assert [one["action"] for one in newest["actions"]] == ["cancel"]
    assert newest["gaps"] == [{"began": "2027-01-15T09:00:00.000Z", "ended": "2027-01-15T10:00:00.000Z"}]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("--id 99", 3, "No task 99 has been seen."),
        ("--id 99 --id 1", 7, "No task 99 has been seen."),
        ("--id 1 -p dev", 3, "No task 1 has been seen."),
        ("--id x/y", 2, "is not the id of a task"),
        ("--id 1 status=failed", 2, "has no effect"),
        ("--export trace -o json", 2, "use only one"),
        ("--export trace --id 1", 2, "Use -o json with --id"),
        ("-p nobody", 2, 'No profile "nobody"'),
        ("-p new", 0, "There is no history of the profile new yet."),
        ("-p prod --all", 2, "Use only one"),
        ("status=nope=", 0, "No task in the history matches."),
        ("age>x", 2, "needs a duration"),
        ("--limit 1", 0, "Showing the last 1; use --limit 0 to show all."),
    ],
)
def test_what_can_not_be_shown_is_said(file, capsys, words: str, code: int, says: str) -> None:
    assert graphtop(["history", *words.split()]) == code
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("command", ["history", "history --id 1", "stats", "history --export csv"])
def test_where_nothing_was_ever_kept_it_says_so_and_is_no_failure(path, capsys, command: str) -> None:
    assert graphtop(command.split()) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "There is no history yet" in told.err
    assert not path.exists()


@pytest.mark.parametrize("command", ["history", "stats"])
def test_a_file_that_is_no_history_is_left_alone_and_said(path: Path, capsys, command: str) -> None:
    path.write_bytes(b"no database at all" * 100)
    path.chmod(0o600)
    assert graphtop([command]) == 1
    assert "is damaged. It is put aside and a new one begun" in capsys.readouterr().err
    assert path.read_bytes() == b"no database at all" * 100


def test_the_path_can_be_asked_for(path: Path, capsys) -> None:
    assert run(capsys, "history", "--path") == f"{path}\n"


def test_a_list_writes_nothing_into_the_file(file, capsys) -> None:
    file.close()
    before = file.path.read_bytes()
    run(capsys, "history")
    run(capsys, "stats")
    assert file.path.read_bytes() == before


# --- exports -----------------------------------------------------------------------------------------


def test_csv_has_all_tasks_and_the_fields_of_json(file, capsys) -> None:
    for number in range(100, 200):
        file.add_task(PROD, ended(number), seen=START)
    rows = list(csv.DictReader(io.StringIO(run(capsys, "history", "--export", "csv"))))
    assert len(rows) == 105
    assert rows[0]["id"] == "prod:DEFAULT/hugegraph/199"
    assert len(run(capsys, "history", "--export", "csv", "--limit", "3").splitlines()) == 1 + 3


def test_jsonl_has_the_changes_of_each_task_from_the_first_on(file, capsys) -> None:
    add_long_story(file)
    lines = run(capsys, "history", "--export", "jsonl", "-p", "prod").splitlines()
    found = [json.loads(line) for line in lines]
    assert [one["id"].rpartition("/")[2] for one in found] == ["7", "1", "2", "3", "7"]
    assert [one["retries"] for one in found[-1]["transitions"]] == [0, 0, 1, 1]
    assert [[action["action"] for action in one["actions"]] for one in (found[0], found[-1])] == [
        ["delete"],
        ["cancel"],
    ]


def slices_of(trace: dict, category: str) -> list[dict]:
    return [event for event in trace["traceEvents"] if event["ph"] == "X" and event["cat"] == category]


def test_a_trace_is_what_perfetto_reads(file, capsys) -> None:
    add_long_story(file)
    trace = json.loads(run(capsys, "history", "--export", "trace", "--since", "2027-01-15"))
    assert trace["displayTimeUnit"] == "ms"
    names = [event for event in trace["traceEvents"] if event["name"] == "process_name"]
    assert {event["args"]["name"] for event in names} == {PROD.name, DEV.name, CLOUD.name}
    assert all({"name", "ph", "pid"} <= set(event) for event in trace["traceEvents"])
    *_, story = [one for one in slices_of(trace, "gremlin") if one["args"]["id"].endswith("/7")]
    assert story["ts"] == (START + 7 * MINUTE) * 1000
    assert story["dur"] == 83 * MINUTE * 1000
    stages = [one for one in slices_of(trace, "status") if one["tid"] == story["tid"]]
    assert [(one["name"], one["dur"] // 1000) for one in stages] == [
        ("queued", MINUTE),
        ("running", 2 * MINUTE),
        ("restoring", 80 * MINUTE),
    ]
    threads = {event["tid"]: event["pid"] for event in trace["traceEvents"] if event["name"] == "thread_name"}
    assert 0 not in threads
    assert all(
        threads[event["tid"]] == event["pid"] != event["tid"]
        for event in trace["traceEvents"]
        if event["ph"] in "Xi"
    )
    (gap,) = slices_of(trace, "gap")
    assert (gap["ts"], gap["dur"]) == ((START + HOUR) * 1000, HOUR * 1000)
    moments = [event for event in trace["traceEvents"] if event["ph"] == "i" and event["tid"] == story["tid"]]
    assert [event["name"] for event in moments] == ["retry 1", "cancel: not confirmed"]
    assert [event["ts"] // 1000 for event in moments] == [START + 10 * MINUTE, START + 30 * MINUTE]
    assert all(event["s"] == "t" for event in moments)


def test_slices_on_one_thread_of_a_trace_never_overlap_in_part(file, capsys) -> None:
    for number in range(200):
        took = (number * 7919 % 600) * SECOND
        at = START + (100 + number) * MINUTE
        steps = (
            transition(S.QUEUED, at),
            transition(S.RESTORING, None, at + took),
            transition(S.RUNNING, at + took // 2),
            transition(S.SUCCESS, None),
        )
        file.add_task(PROD, ended(100 + number, took=took), seen=START, transitions=steps)
    trace = json.loads(run(capsys, "history", "--export", "trace"))
    threads: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for event in trace["traceEvents"]:
        if event["ph"] == "X":
            life = (event["ts"], event["ts"] + event["dur"])
            threads.setdefault((event["pid"], event["tid"]), []).append(life)
    for lives in threads.values():
        open_ends: list[int] = []
        for began, end in sorted(lives, key=lambda life: (life[0], -life[1])):
            while open_ends and open_ends[-1] <= began:
                open_ends.pop()
            assert not open_ends or end <= open_ends[-1]
            open_ends.append(end)


# --- stats -------------------------------------------------------------------------------------------


def add_runs(file: HistoryFile) -> None:
    for number in range(100, 112):
        took = 10 * SECOND if number < 106 else 15 * SECOND
        file.add_task(PROD, ended(number, name=f"day {number}", took=took), seen=START, waited=SECOND)
    file.add_task(PROD, ended(112, S.FAILED, name="day 112"), seen=START)
    file.add_task(PROD, ended(113, S.CANCELLED, name="day 113"), seen=START)
    file.add_task(PROD, task(114, name="day 114"), seen=START)


def test_statistics_tell_runs_rates_percentiles_and_the_trend(file, capsys) -> None:
    add_runs(file)
    out = run(capsys, "stats", "by", "name", "name=day", "profile=prod", "-o", "table")
    heads, first, *_ = out.splitlines()
    assert heads.split()[:5] == ["TYPE", "RUNS", "OK", "FAILED", "SUCCESS"]
    assert " ".join(first.split()) == "gremlin 15 12 1 92.3 % 1.0s 10.0s–15.0s +50 % day #"
    out = run(capsys, "stats", "by", "name", "name=day", "profile=prod", "-o", "tsv")
    assert out.splitlines()[0].split("\t") == [
        *("gremlin", "15", "12", "1", "1", "92.3", "1000", "1000", "10000", "15000", "50", "day #")
    ]


def test_in_json_statistics_are_numbers(file, capsys) -> None:
    add_runs(file)
    first, *_ = json.loads(run(capsys, "stats", "by", "name", "-o", "json"))
    assert first == {
        "by": "name",
        "type": "gremlin",
        "name": "day #",
        "place": None,
        "runs": 15,
        "succeeded": 12,
        "failed": 1,
        "cancelled": 1,
        "unfinished": 1,
        "success_percent": 92.3,
        "waited_p50_ms": 1000,
        "waited_p95_ms": 1000,
        "ran_p50_ms": 10_000,
        "ran_p95_ms": 15_000,
        "trend_percent": 50,
        "trend_first_ms": 10_000,
        "trend_last_ms": 15_000,
        "last": "2027-01-15T09:53:10.000Z",
    }


def test_a_success_rate_is_never_rounded_up_to_all(file, capsys) -> None:
    for number in range(1000, 3000):
        file.add_task(DEV, ended(number, type="many", name="x"), seen=START)
    file.add_task(DEV, ended(3000, S.FAILED, type="many", name="x"), seen=START)
    assert " 99.9 % " in run(capsys, "stats", "type=many", "-o", "table")
    assert json.loads(run(capsys, "stats", "type=many", "-o", "json"))[0]["success_percent"] == 99.9


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("stats", "gremlin rebuild"),
        ("stats by type", "gremlin rebuild"),
        ("stats by type status=failed", "gremlin"),
        ("stats by place", f"{PROD.name} cloud {DEV.name}"),
        ("stats by place -p dev", DEV.name),
        ("stats --limit 1", "gremlin"),
        ("stats rebuild", "rebuild"),
    ],
)
def test_statistics_are_by_type_name_or_place(file, capsys, words: str, ids: str) -> None:
    assert sorted(run(capsys, *words.split(), "-o", "id").split()) == sorted(ids.split())


@pytest.mark.parametrize("words", ["stats by", "stats by status", "stats by names"])
def test_another_grouping_is_wrong_usage(file, capsys, words: str) -> None:
    with pytest.raises(SystemExit) as ended_with:
        graphtop(words.split())
    assert ended_with.value.code == 2
    assert "Write by type, by name or by place." in capsys.readouterr().err


def test_history_is_a_command_of_its_own() -> None:
    assert suggest_command("histroy") == "Did you mean history?"


def test_another_graphtop_may_write_meanwhile(file, capsys) -> None:
    file.connection.execute("BEGIN IMMEDIATE")
    file.add_task(PROD, ended(50), seen=START)
    assert "/50" not in run(capsys, "history", "-o", "id")
    file.connection.execute("COMMIT")
    assert "/50" in run(capsys, "history", "-o", "id")


def test_a_task_dated_before_1970_is_told_as_well(file, capsys) -> None:
    file.add_task(PROD, task(8, S.SUCCESS, type="old", created=-9_000, updated=-5_000), seen=START)
    assert json.loads(run(capsys, "history", "type=old", "-o", "jsonl"))["id"].endswith("/8")
    assert json.loads(run(capsys, "stats", "type=old", "-o", "jsonl"))["runs"] == 1


@pytest.mark.parametrize("command", ["history", "history --export trace", "history --id 1", "stats by name"])
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE task SET created = 'x'",
        "UPDATE task SET updated = 'y', moment = 'z'",
        "UPDATE task SET place = 99",
        "UPDATE task SET ran = x'00ff', status = 'success'",
        "UPDATE kind SET type = CAST(CAST(id AS TEXT) AS BLOB)",
        "UPDATE place SET profile = 1",
        "UPDATE kind SET pattern = CAST(x'6a6fff62' AS TEXT) || id",
    ],
)
def test_what_is_damaged_unknown_to_sqlite_is_told_in_a_sentence(file, capsys, command, damage) -> None:
    file.connection.execute(damage)
    code = graphtop(command.split())
    told = capsys.readouterr().err
    assert code in {0, 1, 3}
    assert (code == 1) == ("is damaged" in told)
    assert "Traceback" not in told


@pytest.mark.parametrize("created", [-(1 << 60), 0, 885_000_000_000_000, 1 << 60])
def test_no_task_dated_absurdly_stretches_a_trace(file, capsys, created: int) -> None:
    file.add_task(PROD, task(8, S.SUCCESS, type="old", created=created, updated=created + 5), seen=START)
    file.add_task(PROD, task(9, S.RUNNING, type="old", created=created + 9), seen=START + 1)
    events = json.loads(run(capsys, "history", "--export", "trace", "type=old"))["traceEvents"]
    slices = [event for event in events if event["ph"] == "X" and event["cat"] == "old"]
    assert [event["ts"] // 1000 for event in slices] == [START, START + 1]
    assert all(event["ts"] + event["dur"] <= NOW * 1000 for event in slices)
