"""What the overview of a task reads like, line by line."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backend_adapters.model import ODD_ID, Sheet, Task, TaskDetail
from tests.unit.fakes import S, task
from tui.text import cell_width
from tui.widgets.overview import OverviewState, overview_lines

NOON = 1_795_435_200_000  # 2026-11-23 12:00:00 UTC
RUNNING = task(7, name="count", created=NOON - 65_000, updated=NOON - 5_000)
ENDED = replace(RUNNING, status=S.SUCCESS, raw_status="success")


def read(shown: Task, width: int = 60, **more) -> list[str]:
    made = overview_lines(OverviewState(task=shown, now=NOON, utc=True, **more), width)
    assert all(line.cell_length <= width for line in made)
    return [line.plain for line in made]


def test_a_running_task_reads_like_this() -> None:
    assert read(RUNNING) == [
        "count",
        "▶ running",
        "",
        "11:58:55 ├───────────────── 1m ──────────────────▶ running",
        "",
        "id          7",
        "type        gremlin",
        "created     2026-11-23 11:58:55 · 1m ago",
        "updated     2026-11-23 11:59:55 · 5s ago",
        "progress    –",
        "retries     0",
        "server      –",
        "description –",
        "depends on  –",
    ]


def test_a_task_whose_id_is_none_says_so_at_its_head_and_once() -> None:
    shown = read(replace(RUNNING, id="--yes", decode_error=ODD_ID), width=50)
    assert shown[1:4] == [
        "▶ running",
        "Its id could be taken for an option or a path, so",
        "nothing can be done with it.",
    ]
    assert "id          --yes" in shown
    assert "could be taken" not in " ".join(shown[4:])


def test_an_ended_one_with_all_that_is_known_reads_like_this() -> None:
    whole = replace(
        ENDED,
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
    assert read(whole, detail=detail) == [
        "count",
        "✓ success  retried 2×",
        "",
        "11:58:55 ├───────────────── 1m ─────────────────┤ 11:59:55",
        "",
        "id          7",
        "type        gremlin",
        "created     2026-11-23 11:58:55 · 1m ago",
        "updated     2026-11-23 11:59:55 · 5s ago",
        "graph       social",
        "progress    41123",
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
    detail = TaskDetail(task=ENDED, raw=b"", callable="a.b.Job", extra=(("files", "2"),), size=12)
    assert [line.split()[0] for line in read(ENDED, has_texts=False, detail=detail)[5:]] == [
        *("id", "type", "created", "updated"),
        *("files", "size"),
    ]


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"action": "cancelling 3s"}, "▶ running  graphtop: cancelling 3s"),
        ({"is_gone": True}, "▶ running  no longer on the server"),
        ({"stuck": True}, "▶ running  stuck"),
        ({"action": "deleting 1s", "is_gone": True, "stuck": True}, None),
    ],
)
def test_beside_the_status_stands_what_goes_on(more: dict[str, object], line: str | None) -> None:
    whole = "▶ running  graphtop: deleting 1s  no longer on the server  stuck"
    assert read(RUNNING, 80, **more)[1] == (line or whole)


@pytest.mark.parametrize(
    ("can_force_delete", "sentence"),
    [
        (False, "Stuck: running for over a minute. Its server may be gone."),
        (
            True,
            "Stuck: running for over a minute. Its server may be gone; force delete (F) removes the record.",
        ),
    ],
)
def test_what_stuck_means_is_a_sentence(can_force_delete: bool, sentence: str) -> None:
    assert read(RUNNING, 120, stuck=True, can_force_delete=can_force_delete)[2] == sentence


def test_a_task_without_a_name_or_a_time_says_so() -> None:
    bare = task(7, name="", created=None)
    assert read(bare)[:5] == ["(no name)", "▶ running", "", "id          7", "type        gremlin"]
    assert "created     –" in read(bare)


def test_a_failures_first_line_is_wrapped_into_six_lines_at_most() -> None:
    said = read(replace(ENDED, status=S.FAILED, raw_status="failed"), 30, error="a\x1b " + "words " * 60)
    assert said[2:9] == ["a␛ words words words words", *["words words words words words"] * 5, ""]


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
    assert read(ENDED, width)[3] == bar


def test_in_ascii_it_is_ascii() -> None:
    for shown in (RUNNING, replace(ENDED, dependencies=("3",))):
        said = read(shown, 50, ascii=True)
        assert said[3].startswith("11:58:55 |-")
        assert said[3].endswith(("-> running", "-| 11:59:55"))
        assert "created     2026-11-23 11:58:55 - 1m ago" in said


def test_a_long_class_keeps_its_end_and_a_long_name_its_beginning() -> None:
    detail = TaskDetail(task=ENDED, raw=b"", callable="org.apache.hugegraph.job.GremlinJob", size=1)
    said = read(replace(ENDED, name="count " * 9), 30, detail=detail)
    assert said[0] == "count count count count count…"
    assert said[-2] == "callable    …ph.job.GremlinJob"


def test_the_files_of_a_job_stand_below_their_title() -> None:
    sheet = Sheet(title="Files", heads=("PATH", "STATUS"), rows=(("a.csv", "success"),))
    detail = TaskDetail(task=ENDED, raw=b"", sheets=(sheet,), size=1)
    assert read(ENDED, detail=detail)[-4:] == ["", "Files", "PATH   STATUS", "a.csv  success"]


def test_a_dependency_leads_to_its_task() -> None:
    (line,) = [
        line
        for line in overview_lines(OverviewState(task=replace(ENDED, dependencies=("3",)), now=NOON), 60)
        if line.plain.startswith("depends on")
    ]
    (meta,) = [span.style.meta for span in line.spans if getattr(span.style, "meta", None)]
    assert meta == {"@click": ("screen.go_to", ("3",))}


def test_a_servers_text_is_harmless() -> None:
    bad = "a\x1b[2J\n\u202eb"
    said = read(replace(ENDED, name=bad, type=bad, raw_status=bad, server=bad, decode_error=bad, id=bad), 200)
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
    assert said[2:5] == ["it left no result", "", bar]
