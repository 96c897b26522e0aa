"""What the overview of a task reads like, line by line."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from backend_adapters.model import ODD_ID, Place, Sheet, Task, TaskDetail, change_task
from tests.unit.fakes import S, task
from tui.text import cell_width
from tui.widgets.overview import overview_lines
from tui.widgets.overview_text import OverviewState

NOON = 1_795_435_200_000  # 2026-11-23 12:00:00 UTC
RUNNING = task(7, name="count", created=NOON - 65_000, updated=NOON - 5_000)
HOUR = 3_600_000
ENDED = replace(RUNNING, status=S.SUCCESS, raw_status="success")
PLACE = Place(
    number=9, profile="prod", dialect="hugegraph", graph="social", graphspace="DEFAULT", production=True
)


def read(shown: Task, width: int = 60, **more) -> list[str]:
    made = overview_lines(OverviewState(task=shown, now=NOON, utc=True, **more), width)
    assert all(line.cell_length <= width for line in made)
    return [line.plain for line in made]


def test_a_running_task_reads_like_this() -> None:
    assert read(RUNNING) == [
        "▶ running for 1m",
        "",
        "count",
        "",
        "11:58:55 ├───────────────── 1m ──────────────────▶ running",
        "",
        "id          7",
        "type        gremlin",
        "created     2026-11-23 11:58:55 · 1m ago",
        "updated     2026-11-23 11:59:55 · 5s ago",
    ], "nothing is said of fields without a value"


def test_a_script_that_is_awaited_has_the_room_of_the_one_before() -> None:
    shown = OverviewState(task=RUNNING, now=NOON, utc=True, awaits_script=True)
    assert [line.plain for line in overview_lines(shown, 60, script_room=3)][:6] == [
        "▶ running for 1m",
        "",
        "count",
        "",
        "",
        "",
    ]
    here = replace(shown, awaits_script=False)
    assert overview_lines(here, 60, script_room=3) == overview_lines(here, 60)


def test_a_task_whose_id_is_none_says_so_at_its_head_and_once() -> None:
    shown = read(change_task(RUNNING, id="--yes", decode_error=ODD_ID), width=50)
    assert shown[:3] == [
        "▶ running for 1m",
        "Its id could be taken for an option or a path, so",
        "nothing can be done with it.",
    ]
    assert "id          --yes" in shown
    assert "could be taken" not in " ".join(shown[3:])


def test_an_ended_one_with_all_that_is_known_reads_like_this() -> None:
    whole = change_task(
        ENDED,
        name="// nightly count",
        raw_status="complete",
        graph="social",
        progress=41_123,
        retries=2,
        server="server-1",
        description="counts",
        dependencies=("3", "5"),
        decode_error="no name",
    )
    detail = TaskDetail(
        task=whole, raw=b"", callable="a.b.Job", extra=(("files", "2"),), size=1_234, truncated=True
    )
    kind = "same kind: 23 ok, 2 failed, usually 38m–51m"
    assert read(whole, detail=detail, kind=kind) == [
        "✓ succeeded after 1m",
        "retried 2×",
        kind,
        "",
        "nightly count",
        "",
        "11:58:55 ├───────────────── 1m ─────────────────┤ 11:59:55",
        "",
        "name        // nightly count",
        "status      complete",
        "id          7",
        "type        gremlin",
        "created     2026-11-23 11:58:55 · 1m ago",
        "updated     2026-11-23 11:59:55 · 5s ago",
        "graph       social",
        "progress    41,123",
        "retries     2",
        "server      server-1",
        "description counts",
        "depends on  3 5",
        "callable    a.b.Job",
        "files       2",
        "size        1.2 kB (cut)",
        "unreadable  no name",
    ]
    assert "size        1.2 kB" in read(whole, detail=replace(detail, truncated=False))


def test_where_tasks_have_no_texts_only_what_the_record_holds_is_listed() -> None:
    row = change_task(ENDED, server="server-1", dependencies=("3",))
    detail = TaskDetail(task=row, raw=b"", callable="a.b.Job", extra=(("files", "2"),), size=12)
    assert [line.split()[0] for line in read(row, has_texts=False, detail=detail)[6:]] == [
        *("id", "type", "created", "updated"),
        *("files", "size"),
    ]


HOUR = 3_600_000


@pytest.mark.parametrize(
    ("shown", "more", "words"),
    [
        (RUNNING, {"silent": 65_000}, "▶ running for 1m; no sign from the server since its start"),
        (
            replace(RUNNING, created=NOON - 6 * HOUR),
            {"silent": 3 * HOUR},
            "▶ running for 6h; no sign from the server for 3h",
        ),
        (
            task(7, S.RUNNING, created=None),
            {"silent": HOUR},
            "▶ running; no sign from the server since its start",
        ),
        (task(7, S.QUEUED, created=NOON - 65_000), {}, "◦ queued for 1m"),
        (task(7, S.NEW, created=NOON - 65_000), {}, "· waiting for 1m (new)"),
        (task(7, S.NEW, created=NOON - 65_000, raw_status="waiting"), {}, "· waiting for 1m"),
        (task(7, S.NEW, created=None, raw_status="pending"), {}, "· pending"),
        (replace(ENDED, updated=NOON - 64_800), {}, "✓ succeeded after less than 1s"),
        (replace(ENDED, updated=None), {}, "✓ succeeded"),
        (ENDED, {"end_unknown": True}, "✓ succeeded, after how long is not known"),
        (
            replace(ENDED, status=S.FAILED),
            {"error": "NotFoundException: no vertex\x1b"},
            "✗ failed after 1m: NotFoundException: no vertex␛",
        ),
        (replace(ENDED, status=S.PARTIAL), {}, "◐ failed in part after 1m"),
        (replace(ENDED, status=S.CANCELLED), {}, "⊘ cancelled after 1m"),
        (task(7, S.CANCELLING, created=NOON), {}, "⊘ cancelling"),
        (task(7, S.UNKNOWN, created=NOON, raw_status="odd\n"), {}, "? odd␊"),
    ],
)
def test_it_begins_with_what_happened(shown: Task, more: dict[str, object], words: str) -> None:
    assert read(shown, 90, **more)[0][2:] == words[2:]
    assert len(read(shown, 90, **more)[0].split()[0]) == 1


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ({"action": "cancelling 3s"}, ["▶ running for 1m", "graphtop: cancelling 3s"]),
        ({"is_gone": True}, ["▶ running for 1m", "no longer on the server"]),
        ({"doubt": "It may be lost."}, ["▶ running for 1m", "It may be lost."]),
        (
            {"action": "deleting 1s", "is_gone": True, "stuck": True},
            [
                "! stuck: running for over a minute",
                "graphtop: deleting 1s",
                "no longer on the server",
                "Its server may be gone.",
            ],
        ),
        (
            {"stuck": True, "can_force_delete": True},
            [
                "! stuck: running for over a minute",
                "Its server may be gone; force delete (F) removes the record.",
            ],
        ),
    ],
)
def test_below_it_stands_what_else_a_person_should_know(more: dict[str, object], lines: list[str]) -> None:
    assert read(RUNNING, 80, **more)[: len(lines) + 1] == [*lines, ""]


@pytest.mark.parametrize(
    ("name", "script", "more", "lines"),
    [
        ("// count", ("// count", "g.V()", "", " .count()"), False, ["count", "g.V()", " .count()"]),
        ("g.V().count()", ("g.V().count()",), False, ["g.V().count()"]),
        ("g.V()", (), False, ["g.V()"]),
        ("louvain", ("x = 1", "y"), False, ["louvain", "x = 1", "y"]),
        ("a", tuple("abcdef"), True, [*"abcdef", "…"]),
        ("a", tuple("abcdefgh"), False, [*"abcdef", "…"]),
        ("g.V().has('name', 'a long one').out()", (), False, ["g.V().has('name', 'a long", "one').out()"]),
    ],
)  # fmt: skip
def test_the_scripts_first_lines_follow_the_name(
    name: str, script: tuple[str, ...], more: bool, lines: list[str]
) -> None:
    said = read(replace(RUNNING, name=name), 26, script=script, script_goes_on=more)
    assert said[2 : said.index("", 2)] == lines


@pytest.mark.parametrize(
    ("ascii", "bar"),
    [(False, "━━━━━━━━━━━━────────────"), (True, "[###########-----------]")],
)
def test_a_known_total_is_a_bar_with_its_percentage(ascii: bool, bar: str) -> None:
    row = change_task(RUNNING, progress=4_395_000, progress_total=8_790_000, progress_unit="lines")
    shown = read(row, 80, ascii=ascii)
    assert shown[1] == f"{bar} 50%  4,395,000 of 8,790,000 lines"
    assert "progress    4,395,000 of 8,790,000 lines" in shown
    assert bar not in "".join(read(replace(row, status=S.SUCCESS), 80, ascii=ascii))
    assert read(row, 45, ascii=ascii)[1].endswith(" 50%  4,395,000 of 8,790,000 lines"), "the bar is shorter"
    assert [cell_width(line) for line in read(row, 36, ascii=ascii)[1:3]] == [24, 33]
    # Some servers tell the total only in the detail.
    detail = TaskDetail(task=row, raw=b"", size=1)
    listed = change_task(row, progress_total=None, progress_unit="")
    assert read(listed, 80, ascii=ascii, detail=detail)[1] == f"{bar} 50%  4,395,000 of 8,790,000 lines"


def test_a_task_without_a_name_or_a_time_says_so() -> None:
    bare = task(7, name="", created=None)
    assert read(bare) == ["▶ running", "", "(no name)", "", "id          7", "type        gremlin"]


def test_a_failures_first_line_is_wrapped_into_six_lines_at_most() -> None:
    said = read(replace(ENDED, status=S.FAILED, raw_status="failed"), 30, error="a\x1b " + "words " * 60)
    assert said[:2] == ["✗ failed after 1m: a␛ words", "  words words words words"]
    assert said[5].endswith("…")
    assert said[6] == ""


@pytest.mark.parametrize(
    ("width", "bar"),
    [
        (200, f"11:58:55 ├{'─' * 19} 1m {'─' * 19}┤ 11:59:55"),
        (64, f"11:58:55 ├{'─' * 19} 1m {'─' * 19}┤ 11:59:55"),
        (63, f"11:58:55 ├{'─' * 18} 1m {'─' * 19}┤ 11:59:55"),
        (31, "11:58:55 ├── 1m ───┤ 11:59:55"),
        (30, "11:58:55 ├── 1m ──┤ 11:59:55"),
        (29, "11:58:55 ├ 1m ┤ 11:59:55"),
    ],
)
def test_the_life_is_a_bar_where_there_is_room(width: int, bar: str) -> None:
    assert read(ENDED, width)[4] == bar


def test_in_ascii_it_is_ascii() -> None:
    for shown in (RUNNING, change_task(ENDED, dependencies=("3",))):
        said = read(shown, 50, ascii=True)
        assert said[4].startswith("11:58:55 |-")
        assert said[4].endswith(("-> running", "-| 11:59:55"))
        assert "created     2026-11-23 11:58:55 - 1m ago" in said


def test_a_long_class_keeps_its_end_and_a_long_name_is_wrapped() -> None:
    detail = TaskDetail(task=ENDED, raw=b"", callable="org.apache.hugegraph.job.GremlinJob", size=1)
    said = read(replace(ENDED, name="count " * 9), 30, detail=detail)
    assert said[2:4] == ["count count count count count", "count count count count"]
    assert said[-2] == "callable    …ph.job.GremlinJob"


def test_the_files_of_a_job_stand_below_their_title() -> None:
    sheet = Sheet(title="Files", heads=("PATH", "STATUS"), rows=(("a.csv", "success"),))
    detail = TaskDetail(task=ENDED, raw=b"", sheets=(sheet,), size=1)
    assert read(ENDED, detail=detail)[-4:] == ["", "Files", "PATH   STATUS", "a.csv  success"]


@pytest.mark.parametrize(("place", "names"), [(None, ("3",)), (PLACE, ("9/3", "3"))])
def test_a_dependency_leads_to_its_task_in_the_same_place(
    place: Place | None, names: tuple[str, ...]
) -> None:
    task = change_task(ENDED, dependencies=("3",), place=place)
    (line,) = [
        line
        for line in overview_lines(OverviewState(task=task, now=NOON), 60)
        if line.plain.startswith("depends on")
    ]
    (meta,) = [span.style.meta for span in line.spans if getattr(span.style, "meta", None)]
    assert meta == {"@click": ("screen.go_to", names)}


def test_where_there_are_several_places_the_whole_name_of_this_one_is_told() -> None:
    assert read(change_task(ENDED, place=PLACE)).count("place       prod:DEFAULT/social, production") == 1
    assert not [line for line in read(ENDED) if line.startswith("place")]


@pytest.mark.parametrize(
    ("begin", "end", "bar"),
    [
        (NOON - 26 * HOUR, None, "11-22 10:00:00 ├─ 1d ─▶ running"),
        (NOON - 26 * HOUR, NOON - 25 * HOUR, "11-22 10:00:00 ├─ 1h ─┤ 11:00:00"),
        (NOON - 26 * HOUR, NOON - HOUR, "11-22 10:00:00 ├─ 1d 1h ─┤ 11-23 11:00:00"),
        (NOON - 330 * 24 * HOUR, None, "2025-12-28 12:00:00 ├─ 330d ─▶ running"),
    ],
)
def test_the_bar_names_another_day_than_todays(begin: int, end: int | None, bar: str) -> None:
    shown = replace(RUNNING, created=begin) if end is None else replace(ENDED, created=begin, updated=end)
    assert bar in [re.sub("─+", "─", line) for line in read(shown)]


def test_a_servers_text_is_harmless() -> None:
    bad = "a\x1b[2J\n\u202eb"
    said = read(
        change_task(ENDED, name=bad, type=bad, raw_status=bad, server=bad, decode_error=bad, id=bad), 200
    )
    assert not {"\x1b", "\n", "\u202e"} & set("".join(said))
    assert cell_width(said[0]) > 5


@pytest.mark.parametrize(("ascii", "bar"), [
    (False, "11:58:55 ├─────────── duration unknown ───────────┤ failed"),
    (True, "11:58:55 |----------- duration unknown -----------| failed"),
])  # fmt: skip
def test_of_a_task_whose_server_was_lost_no_duration_is_told(ascii: bool, bar: str) -> None:
    row = replace(ENDED, status=S.FAILED, raw_status="failed")
    detail = TaskDetail(task=row, raw=b"", lost=True)
    said = read(row, detail=detail, error="it left no result", ascii=ascii)
    assert said[0][2:] == "failed, after how long is not known: it left no result"
    assert said[4] == bar
