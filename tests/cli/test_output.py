"""What commands print: tables that fit, formats that are a contract, and nothing that drives a terminal."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_adapters.model import Action, Place, Sheet, Task, TaskDetail
from tests.terminal.terminal_emulator import ROOT
from tests.unit.fakes import START, S, task
from tui import text
from tui.cli.commands import doctor, get, graphs, wait
from tui.cli.commands import watch as watch_tasks
from tui.cli.output import records as records_module
from tui.cli.output.formats import ALL_FORMATS
from tui.cli.output.printed_ids import choose_ids
from tui.cli.output.printer import OutputOptions, Printer
from tui.cli.output.records import (
    REPORT_LAYOUT,
    TaskRecord,
    absent_record,
    report_line,
    report_record,
    status_colour,
    task_layout,
)
from tui.cli.output.standard_error import report_error
from tui.cli.output.standard_output import StandardOutput
from tui.cli.output.table import Layout, Style, render_table
from tui.cli.output.terminal import UNLIMITED, uses_colour
from tui.cli.output.values import encode_json, escape_invisible, format_csv_line, list_csv_cells, mask_record
from tui.cli.registry import COMMANDS, parser_of
from tui.cli.work.waiter import WaitResult
from tui.fields import JSON_FIELDS, PLACE_FIELDS, format_iso_millis
from tui.monitor.outcomes import Outcome, Report

pytestmark = pytest.mark.usefixtures("long_lines")

HOSTILE = "\x1b]0;owned\x07\x1b[31mred\r\nnext\u202egnp.exe \u009b31m \x7f\t=1+1"

MISSING = "No task 7 in g on fake. It may have been deleted."


def layout(**more) -> Layout[TaskRecord]:
    return task_layout(**{"ascii": False, "graphs": False} | more)


LAYOUT = layout()
NOW = START + 65_000

detail_record = partial(records_module.detail_record, now=NOW)
change_record = partial(records_module.change_record, now=NOW)


NO_PLACE = dict.fromkeys(PLACE_FIELDS)


def task_record(one: Task) -> TaskRecord:
    return TaskRecord(task=one, now=NOW)


def printed(records, form: str, *, layout: Layout = LAYOUT, color: str = "never") -> str:
    stream = io.StringIO()
    chosen = OutputOptions(format=form, in_pipe="tsv", color=color)
    printer = Printer(layout, chosen, StandardOutput(stream))
    for record in records:
        printer.print_record(record)
    printer.finish()
    return stream.getvalue()


def test_the_fields_of_a_task_are_a_contract() -> None:
    one = task(
        42, S.FAILED, raw_status="FAILED", name="g.V()", updated=START + 1500, retries=2, server="server-1",
        dependencies=("7", "8"), progress=3, stoppable=False, graph="g", description="d", decode_error=None,
    )  # fmt: skip
    assert json.loads(printed([task_record(one)], "json")) == [
        {
            "id": "42",
            "status": "failed",
            "word": "FAILED",
            "type": "gremlin",
            "name": "g.V()",
            "created": "2027-01-15T08:00:00.000Z",
            "updated": "2027-01-15T08:00:01.500Z",
            "took_ms": 1500,
            "progress": 3,
            "retries": 2,
            "server": "server-1",
            "graph": "g",
            "description": "d",
            "dependencies": ["7", "8"],
            "stoppable": False,
            "fault": None,
            "running_ms": None,
            "reason": None,
            **NO_PLACE,
        }
    ]


@pytest.mark.parametrize(("status", "took", "running", "shown"), [
    (S.RUNNING, None, 65_000, "1m"),
    (S.CANCELLING, None, 65_000, "1m"),
    (S.QUEUED, None, None, "–"),
    (S.UNREADABLE, None, None, "–"),
    (S.SUCCESS, 9_000, None, "9s"),
])  # fmt: skip
def test_took_is_how_long_it_ran_in_all_or_so_far(status, took, running, shown) -> None:
    one = task_record(task(1, status, updated=START + 9_000))
    assert (one.values()["took_ms"], one.values()["running_ms"]) == (took, running)
    assert printed([one], "table").split()[-1] == shown
    cells = [
        cell.strip()
        for cell in get.format_detail(
            detail_record(TaskDetail(task=task(1, status), raw=b"")), Style()
        ).splitlines()
    ]
    assert ("running for  1m" in cells) is (running is not None)


def test_every_field_is_there_when_nothing_is_known() -> None:
    only = json.loads(printed([task_record(task(1, created=None))], "jsonl"))
    assert list(only) == [*JSON_FIELDS, *PLACE_FIELDS]
    assert only["created"] is only["updated"] is only["took_ms"] is only["progress"] is None
    assert only["dependencies"] == []


def test_the_fields_of_the_other_records_are_a_contract() -> None:
    common = list(JSON_FIELDS)
    detail = TaskDetail(
        task=task(1), raw=b"", input='{"password": "hunter2"}', result=b"[1]", callable="c",
        extra=(("a", "b"),), sheets=(Sheet(title="t", heads=("h",), rows=(("r",),)),),
    )  # fmt: skip
    told = json.loads(encode_json(mask_record(detail_record(detail))))
    assert list(told) == [
        *common,
        "callable",
        "fields",
        "sheets",
        "input",
        "result",
        "truncated",
        *PLACE_FIELDS,
    ]
    assert told["fields"] == [{"label": "a", "text": "b"}]
    assert "hunter2" not in str(told)
    assert (told["result"], told["truncated"]) == ("[1]", False)

    change = change_record(task(1), time=START, event="changed", before=task(1, S.QUEUED))
    told = json.loads(encode_json(change))
    assert list(told) == [*common, "time", "event", "before", *PLACE_FIELDS]
    assert (told["time"], told["event"], told["before"]) == ("2027-01-15T08:00:00.000Z", "changed", "queued")

    report = Report(action=Action.CANCEL, task=task(5), outcome=Outcome.CANCELLED, code=202, elapsed=1.25)
    assert json.loads(encode_json(report_record(report))) == {
        "id": "5",
        "action": "cancel",
        "ok": True,
        "outcome": "cancelled",
        "status": None,
        "words": "",
        "code": 202,
        "elapsed_ms": 1250,
        "type": "gremlin",
        "name": "job 5",
        **NO_PLACE,
    }


def test_texts_that_are_too_long_are_left_out_whole() -> None:
    told = detail_record(TaskDetail(task=task(1), raw=b"", input="{", result=b"[1,", truncated=True))
    assert (told.input, told.result, told.truncated) == (None, None, True)


def test_no_rows_are_an_empty_array_and_nothing_else() -> None:
    assert [printed([], form) for form in ("json", "jsonl", "csv", "id", "tsv", "table")] == [
        "[]\n", "", "", "", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize("form", ALL_FORMATS)
def test_hostile_names_are_harmless_in_every_format(form: str) -> None:
    record = task_record(task(1, name=HOSTILE, description=HOSTILE, raw_status=HOSTILE))
    said = printed([record, record], form)
    assert {c for c in said if unicodedata.category(c)[0] == "C"} <= {"\n", "\t"}
    assert (
        said.count("\n") == {"table": 3, "wide": 3, "tsv": 2, "json": 4, "jsonl": 2, "csv": 3, "id": 2}[form]
    )


def test_json_means_what_the_server_said() -> None:
    assert json.loads(printed([task_record(task(1, name=HOSTILE))], "jsonl"))["name"] == HOSTILE


@given(st.text(max_size=60))
def test_any_name_is_whole_in_json_and_harmless(name: str) -> None:
    said = escape_invisible(json.dumps({"name": name}, ensure_ascii=False))
    assert json.loads(said)["name"] == name
    assert all(c.isprintable() or unicodedata.category(c) == "Zs" for c in said)


@given(st.lists(st.text(max_size=20), max_size=4))
def test_any_csv_line_is_read_back_in_one_line(cells: list[str]) -> None:
    harmless = [text.sanitize(cell) for cell in cells]
    line = format_csv_line(harmless)
    assert line.count("\n") == 1
    assert next(csv.reader([line]), []) == harmless or harmless in ([], [""])


@pytest.mark.parametrize("before", ["", " ", "  ", "\t", "\r\n", "\u3000", "\xa0\t ", "\x00"])
@pytest.mark.parametrize(
    "formula", ["=1+1", "+cmd", "-2", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "﹦1", "₌1"]
)
def test_a_spreadsheet_takes_no_text_for_a_formula(before: str, formula: str) -> None:
    name = before + formula
    cells = list_csv_cells(task_record(task(1, name=name, dependencies=(name, "7"))))
    assert f"'{text.sanitize(name)}" in cells
    assert f"'{text.sanitize(name)} 7" in cells
    assert not {text.sanitize(name), f"{text.sanitize(name)} 7"} & set(cells)


@pytest.mark.parametrize("name", ["", " ", "a=1", "1+1", " a-b", "'=1", "图", "№1"])
def test_any_other_text_is_told_as_it_is(name: str) -> None:
    assert name in list_csv_cells(task_record(task(1, name=name)))


def test_a_table_takes_the_whole_line_and_no_more() -> None:
    names = ["short", "供应链的二级供应商" * 12, "x" * 300]
    records = [
        task_record(task(n, S.SUCCESS, updated=START + 5000, name=name)) for n, name in enumerate(names)
    ]
    lines = render_table(layout().columns, records, 80, Style())
    assert [text.cell_width(line) <= 80 for line in lines] == [True] * 4
    assert text.cell_width(lines[3]) == 80
    assert lines[0].split() == ["ID", "STATUS", "TYPE", "NAME", "AGE", "TOOK"]
    assert lines[1].split() == ["0", "✓", "success", "gremlin", "short", "1m", "5s"]
    assert "…" in lines[3]
    assert lines[1].endswith("  1m    5s")
    assert lines[3].endswith("…   1m    5s")


def test_people_read_a_short_name_and_programs_the_whole_one() -> None:
    record = task_record(task(1, type="rebuild_index", name="INDEX_LABEL:4:personByCity"))
    _, line = render_table(layout().columns, [record], 80, Style())
    assert line.split()[4] == "personByCity"
    assert record.values()["name"] == "INDEX_LABEL:4:personByCity"
    (name,) = [column for column in layout().columns if column.head == "NAME"]
    assert name.plain is not None
    assert name.plain(record) == "INDEX_LABEL:4:personByCity"


def test_an_id_without_an_end_leaves_the_others_room() -> None:
    records = [task_record(task(one, name="abcdefghijkl")) for one in ("7", "8" * 300)]
    lines = render_table(layout().columns, records, 100, Style())
    assert max(map(text.cell_width, lines)) <= 100
    assert lines[1].split()[0] == "7"
    assert lines[2].startswith("888")
    # A pipe has no end of a line.
    assert "8" * 300 in render_table(layout().columns, records, UNLIMITED, Style())[2]


def test_a_narrow_line_has_no_room_for_graph_and_type() -> None:
    records = [task_record(task("a" * 32, name="abcdefghijkl", graph="social"))]
    columns = layout(graphs=True).columns
    assert render_table(columns, records, 120, Style())[0].split()[2:5] == ["TYPE", "GRAPH", "NAME"]
    assert render_table(columns, records, 84, Style())[0].split()[2:4] == ["TYPE", "NAME"]
    narrow = render_table(columns, records, 74, Style())
    assert narrow[0].split() == ["ID", "STATUS", "NAME", "AGE", "TOOK"]
    assert "abcdefghijkl" in narrow[1]
    assert "GRAPH" in render_table(columns, records, 74, Style(), may_drop=False)[0]


def test_a_narrow_line_keeps_something_of_the_name() -> None:
    lines = render_table(layout().columns, [task_record(task(1, name="abcdefghijkl"))], 20, Style())
    assert "abcdefg…" in lines[1]


def test_colours_are_those_of_statuses_and_only_where_wanted() -> None:
    record = task_record(task(1, S.FAILED))
    assert "\x1b[31m✗ failed" in printed([record], "table", color="always")
    assert "\x1b" not in printed([record], "table")
    assert "\x1b" not in printed([record], "tsv", color="always")


@pytest.mark.parametrize(
    ("chosen", "terminal", "env", "coloured"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"TERM": "dumb"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {}, False),
    ],
)
def test_when_there_are_colours(monkeypatch, chosen, terminal, env, coloured) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    stream.isatty = lambda: terminal
    assert uses_colour(stream, chosen) is coloured


def test_a_terminal_without_unicode_gets_ascii() -> None:
    record = task_record(task(1, S.SUCCESS, created=None))
    said = printed([record], "table", layout=layout(ascii=True))
    assert said.splitlines()[1].isascii()
    assert report_line(absent_record("7", "cancel", MISSING), Style(ascii=True)).startswith("x 7 not found")


def test_graphs_are_shown_where_one_list_has_several() -> None:
    said = printed([task_record(task(1, graph="ledger"))], "table", layout=layout(graphs=True))
    assert "GRAPH" in said
    assert "ledger" in said


PROD = Place(number=1, profile="prod", dialect="hugegraph", graph="g", graphspace="DEFAULT")
CLOUD = Place(number=2, profile="cloud", dialect="ges")


@pytest.mark.parametrize(("place", "graph", "told"), [
    (PROD, None, ("prod:DEFAULT/g", "prod", "DEFAULT", "hugegraph", "g")),
    (CLOUD, "h", ("cloud", "cloud", None, "ges", "h")),
    (CLOUD, None, ("cloud", "cloud", None, "ges", None)),
])  # fmt: skip
def test_the_last_fields_tell_the_place_of_the_only_one_too(place, graph, told) -> None:
    names = [*PLACE_FIELDS, "graph"]
    only = TaskRecord(task=task(7, graph=graph), now=NOW, place=place).values()
    of_several = task_record(task(7, graph=graph, place=place)).values()
    assert tuple(map(only.get, names)) == tuple(map(of_several.get, names)) == told
    assert list(only)[-4:] == list(PLACE_FIELDS)
    assert (only["id"], of_several["id"]) == ("7", place.qualify_id("7"))


def test_ids_of_several_places_are_whole_in_every_format() -> None:
    one = task_record(task(7, S.SUCCESS, updated=START + 7, dependencies=("6",), place=PROD))
    several = layout(places=True)
    shown = [printed([one], form, layout=several) for form in ("table", "tsv", "id", "csv", "jsonl")]
    assert all("prod:DEFAULT/g/7" in said for said in shown)
    assert json.loads(shown[-1])["dependencies"] == ["prod:DEFAULT/g/6"]
    sheet = get.format_detail(detail_record(TaskDetail(task=one.task, raw=b"")), Style())
    assert sheet.startswith("id          prod:DEFAULT/g/7\n")
    assert "depends on  prod:DEFAULT/g/6\n" in sheet
    report = report_record(Report(action=Action.CANCEL, task=one.task, outcome=Outcome.CANCELLED))
    assert report_line(report, Style()) == "✓ prod:DEFAULT/g/7 cancelled"


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.toml"
    names = ("prod", "cloud", "cloud:x")
    config.write_text("".join(f'[profiles."{name}"]\nurl = "http://h"\n' for name in names))
    monkeypatch.setenv("GRAPHTOP_CONFIG", str(config))


@pytest.mark.parametrize("odd", ["cloud:ff80", "cloud:x:1", "prod:DEFAULT/g/12", "--all", "a/b", "../x"])
@pytest.mark.parametrize("kind", [LAYOUT, REPORT_LAYOUT, watch_tasks.CHANGE_LAYOUT, wait.WAIT_LAYOUT])
@pytest.mark.usefixtures("profiles")
def test_no_server_of_one_place_gives_other_commands_the_id_of_another_place(odd: str, kind, capsys) -> None:
    one = choose_ids(kind, places=False)
    assert not one.is_id(odd)
    assert one.is_id("dev:ff80")
    assert printed([task_record(task(odd))], "id", layout=layout()) == ""
    elsewhere = ", a path or that of another place." if ":" in odd and "/" not in odd else " or a path."
    assert f"Skipped 1 row with an id that could be an option{elsewhere}" in capsys.readouterr().err


@pytest.mark.parametrize("odd", ["x:y", "7:8:9"])
@pytest.mark.usefixtures("profiles")
def test_an_id_with_a_colon_is_printed_where_no_profile_is_in_it(odd: str, capsys) -> None:
    assert printed([task_record(task(odd))], "id", layout=layout()) == f"{odd}\n"
    behind = [task_record(task(odd, place=PROD))]
    assert printed(behind, "id", layout=layout(places=True)) == f"prod:DEFAULT/g/{odd}\n"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("place", "odd"), [(CLOUD, "x:y"), (CLOUD, "-y"), (PROD, "../x"), (PROD, "a b")])
@pytest.mark.usefixtures("profiles")
def test_an_odd_id_stays_odd_behind_its_place(place: Place, odd: str, capsys) -> None:
    assert printed([task_record(task(odd, place=place))], "id", layout=layout(places=True)) == ""
    assert "Skipped 1 row" in capsys.readouterr().err


def test_tsv_holds_exact_values_and_no_head() -> None:
    record = task_record(task(1, S.SUCCESS, updated=START + 5250, name="a\tb"))
    assert printed([record], "tsv") == "1\tsuccess\tgremlin\ta␉b\t2027-01-15T08:00:00.000Z\t5250\n"


def test_wide_has_all_columns_of_the_screen_and_more() -> None:
    one = task(
        1, S.RUNNING, updated=START + 1000, progress=3, retries=2, server="s-1", description="d", graph="g",
    )  # fmt: skip
    wide = layout(graphs=True)
    lines = printed([task_record(one), task_record(task(12, S.SUCCESS, created=None))], "wide", layout=wide)
    when = "2027-01-15T08:00:00.000Z  2027-01-15T08:00:01.000Z"
    none = f"–{' ' * 23}  –{' ' * 23}"
    assert lines.splitlines() == [
        f"ID  STATUS     TYPE     GRAPH  NAME      AGE  TOOK  CREATED{' ' * 17}  UPDATED{' ' * 17}"
        "  PROGRESS  RETRIES  SERVER  DESCRIPTION",
        f" 1  ▶ running  gremlin  g      job 1      1m    1m  {when}         3        2  s-1     d",
        f"12  ✓ success  gremlin  –      job 12      –     –  {none}         –        0  –       –",
    ]


def test_tsv_and_id_leave_the_further_columns_out() -> None:
    one = task_record(task(7, S.RUNNING, graph="g", name="n"))
    assert printed([one], "tsv", layout=layout(graphs=True)) == (
        "7\trunning\tgremlin\tg\tn\t2027-01-15T08:00:00.000Z\t\n"
    )
    assert printed([one, one], "id") == "7\n7\n"


def test_csv_has_a_head_once_and_values_for_machines() -> None:
    one = task_record(task(1, S.SUCCESS, updated=START + 7, dependencies=("2", "3"), stoppable=True))
    head, first, second = printed([one, one], "csv").splitlines()
    assert head == (
        "id,status,word,type,name,created,updated,took_ms,progress,retries,server,graph,description,"
        "dependencies,stoppable,fault,running_ms,reason,place,profile,graphspace,dialect"
    )
    assert first == second
    moments = "2027-01-15T08:00:00.000Z,2027-01-15T08:00:00.007Z"
    assert first == f"1,success,success,gremlin,job 1,{moments},7,,0,,,,2 3,true,,,,,,,"


@pytest.mark.parametrize(
    ("terminal", "in_pipe", "form"),
    [(True, "tsv", "table"), (False, "tsv", "tsv"), (False, "table", "table"), (True, "table", "table")],
)
def test_the_format_fits_where_the_output_goes(terminal: bool, in_pipe: str, form: str) -> None:
    stream = io.StringIO()
    stream.isatty = lambda: terminal
    chosen = OutputOptions(format=None, in_pipe=in_pipe, color="never")
    assert Printer(LAYOUT, chosen, StandardOutput(stream)).format == form


def test_the_width_is_the_terminals_and_a_pipe_has_none(monkeypatch) -> None:
    for name in ("COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    pipe, terminal = io.StringIO(), io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.__stdout__", None)
    assert (StandardOutput(pipe).width, StandardOutput(terminal).width) == (1_000_000, 80)
    monkeypatch.setenv("COLUMNS", "33")
    assert (StandardOutput(pipe).width, StandardOutput(terminal).width) == (33, 33)


def test_each_record_of_a_line_is_sent_at_once_and_those_of_a_table_at_the_end() -> None:
    for form, layout_, count in (("jsonl", REPORT_LAYOUT, 1), ("jsonl", LAYOUT, 0), ("table", LAYOUT, 0)):
        stream = io.StringIO()
        flushed: list[None] = []
        stream.flush = lambda flushed=flushed: flushed.append(None)
        printer = Printer(layout_, OutputOptions(format=form, color="never"), StandardOutput(stream))
        record = absent_record("1", "cancel", MISSING) if layout_ is REPORT_LAYOUT else task_record(task(1))
        printer.print_record(record)
        assert len(flushed) == count, form
        printer.finish()
        assert len(flushed) == count + 1


def test_a_table_is_printed_once() -> None:
    stream = io.StringIO()
    printer = Printer(LAYOUT, OutputOptions(format="table", color="never"), StandardOutput(stream))
    printer.print_record(task_record(task(1)))
    printer.finish()
    printer.finish()
    assert stream.getvalue().count("job 1") == 1


@pytest.mark.parametrize(
    ("width", "head", "words", "shown"),
    [
        (20, "12345678901", "abcdefghi", "abcdefghi"),
        (20, "12345678901", "abcdefghij", "abcdefgh…"),
        (20, "1234567890123", "abcdefgh", "abcdefgh"),
        (20, "1234567890123", "abcdefghi", "abcdefg…"),
        (1_000_000, "1", "abc  ", "abc"),
    ],
)
def test_words_get_what_is_left_of_the_line_and_eight_cells_at_least(width, head, words, shown) -> None:
    assert Style(width=width).fit_rest(head, words) == shown
    assert Style(width=width, ascii=True).fit_rest(head, words) == shown.replace("…", "~")


def test_words_are_painted_where_there_is_a_colour_for_them() -> None:
    assert Style(colour=True).paint("x", "31") == "\x1b[31mx\x1b[0m"
    assert Style(colour=True).paint("x", "") == Style().paint("x", "31") == "x"


def test_the_heads_of_a_table_are_dim_and_its_statuses_coloured() -> None:
    said = printed([task_record(task(1, S.RUNNING))], "table", color="always").splitlines()
    assert said[0].startswith("\x1b[2mID\x1b[0m  \x1b[2mSTATUS   \x1b[0m")
    assert "\x1b[1;34m▶ running\x1b[0m" in said[1]


@pytest.mark.parametrize(
    ("status", "colour"),
    [
        (S.RUNNING, "1;34"), (S.SUCCESS, "32"), (S.PARTIAL, "33"), (S.FAILED, "31"), (S.CANCELLED, "33"),
        (S.CANCELLING, "3;33"), (S.DELETING, "3;33"), (S.QUEUED, ""), (S.UNKNOWN, ""),
    ],
)  # fmt: skip
def test_each_status_has_its_colour(status: S, colour: str) -> None:
    assert status_colour(status) == colour


@pytest.mark.parametrize(
    ("text_", "shown"),
    [
        ("\x00\x1f", "\\u0000\\u001f"),
        ("\x7f\x9b", "\\u007f\\u009b"),
        ("\u202e\u200b", "\\u202e\\u200b"),
        ("\U000e0001", "\\udb40\\udc01"),
        ("a\u3000b\u00a0é供", "a\u3000b\u00a0é供"),
    ],
)
def test_what_can_not_be_seen_is_escaped_in_json(text_: str, shown: str) -> None:
    assert escape_invisible(json.dumps(text_, ensure_ascii=False)) == f'"{shown}"'


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        (MISSING, f"✗ 7 not found: {MISSING}"),
        ("", "✗ 7 not sent: Its record can't be read, so nothing was sent."),
    ],
)
def test_an_id_that_can_not_be_acted_on_says_why(missing: str, line: str) -> None:
    record = absent_record("7", "cancel", missing)
    assert report_line(record, Style()) == line
    assert json.loads(encode_json(record)) == {
        "id": "7",
        "action": "cancel",
        "ok": False,
        "outcome": "not found" if missing else "not sent",
        "status": None,
        "words": line.partition(": ")[2],
        "code": None,
        "elapsed_ms": 0,
        "type": None,
        "name": None,
        **NO_PLACE,
    }


@pytest.mark.parametrize(
    ("outcome", "elapsed", "words", "line"),
    [
        (Outcome.CANCELLED, 0.0994, "fine", "✓ 5 cancelled"),
        (Outcome.CANCELLED, 0.1, "fine", "✓ 5 cancelled (100ms)"),
        (Outcome.REFUSED, 4.25, "no\nway", "✗ 5 refused (4.2s): no␊way."),
        (Outcome.UNCONFIRMED, 0, "", "✗ 5 not confirmed"),
    ],
)
def test_the_line_of_an_end(outcome: Outcome, elapsed: float, words: str, line: str) -> None:
    report = Report(action=Action.CANCEL, task=task(5), outcome=outcome, elapsed=elapsed, words=words)
    record = report_record(report)
    good = outcome.is_success
    assert report_line(record, Style()) == line
    assert report_line(record, Style(ascii=True)) == line.replace("✓", "+").replace("✗", "x")
    assert report_line(record, Style(colour=True)).startswith(f"\x1b[{'32' if good else '31'}m{line[0]} 5 ")


def test_reports_have_their_columns_in_tsv() -> None:
    report = Report(
        action=Action.CANCEL, task=task(5), outcome=Outcome.REFUSED, words="password=x", last=task(5)
    )
    records = [report_record(report), absent_record("6", "cancel", MISSING)]
    assert printed(records, "tsv", layout=REPORT_LAYOUT) == (
        f"5\trefused\trunning\tpassword=••••••\n6\tnot found\t\t{MISSING}\n"
    )
    assert printed(records, "id", layout=REPORT_LAYOUT) == "5\n6\n"


def test_reports_come_as_lines_at_once() -> None:
    stream = io.StringIO()
    printer = Printer(
        REPORT_LAYOUT, OutputOptions(format=None, in_pipe="table", color="never"), StandardOutput(stream)
    )
    report = Report(action=Action.DELETE, task=task(5), outcome=Outcome.REFUSED, code=400, words="no\nway")
    printer.print_record(report_record(report))
    assert stream.getvalue() == "✗ 5 refused: no␊way.\n" or stream.getvalue() == "x 5 refused: no␊way.\n"


@pytest.mark.parametrize(
    ("ms", "written"),
    [
        (None, None),
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (START + 7, "2027-01-15T08:00:00.007Z"),
        (10**17, None),
    ],
)
def test_moments(ms, written) -> None:
    assert format_iso_millis(ms) == written


def test_a_line_on_a_terminal_is_cut_and_one_in_a_pipe_is_not() -> None:
    record = change_record(task(1, S.FAILED, name="供应链" * 40), time=START, event="changed", before=task(1))
    cut, whole = (
        watch_tasks.format_change_line(record, Style(width=80)),
        watch_tasks.format_change_line(record, Style()),
    )
    assert text.cell_width(cut) <= 80
    assert cut.endswith("…")
    assert "供应链" * 40 in whole
    assert watch_tasks.format_change_line(record, Style(colour=True, width=80)).count("\x1b[") == 2
    narrow = watch_tasks.format_change_line(record, Style(width=60))
    assert ("gremlin" in cut, "gremlin" in narrow, text.cell_width(narrow) <= 60) == (True, False, True)


def test_json_stays_json_where_the_output_is_not_unicode() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    printer = Printer(LAYOUT, OutputOptions(format="jsonl", color="never"), StandardOutput(stream))
    printer.print_record(task_record(task(1, name="é供\U0001f600")))
    printer.finish()
    assert json.loads(raw.getvalue())["name"] == "é供\U0001f600"


# --- the lines of single commands ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task_", "event", "tail"),
    [
        (task(7, S.RUNNING, name="n"), "seen", "7 ▶ running  gremlin  n"),
        (task(7, S.FAILED, updated=START + 4250, name="n"), "changed", "7 ✗ failed after 4.2s  gremlin  n"),
        (task(7, S.RUNNING, raw_status="RUNNING", name="n"), "gone", "7 gone  gremlin  n"),
        (task(7, name="n", decode_error="no\nstatus"), "seen", "7 ▶ running  gremlin  n (no␊status)"),
        (task(7, name="x" * 300), "new", f"7 ▶ running  gremlin  {'x' * 200}"),
    ],
)
def test_a_change_is_a_line(task_, event: str, tail: str) -> None:
    record = change_record(task_, time=START, event=event, before=None)
    assert watch_tasks.format_change_line(record, Style()) == f"2027-01-15T08:00:00.000Z {tail}"


@pytest.mark.parametrize(("event", "painted"), [("gone", "\x1b[2mgone"), ("changed", "\x1b[32m✓ success")])
def test_a_change_has_the_colour_of_its_status(event: str, painted: str) -> None:
    record = change_record(task(1, S.SUCCESS), time=START, event=event, before=task(1))
    assert painted in watch_tasks.format_change_line(record, Style(colour=True))


def test_changes_have_their_columns_in_tsv() -> None:
    ended = task(7, S.SUCCESS, updated=START + 5, name="n")
    change = change_record(ended, time=START + 9, event="changed", before=task(7))
    born = change_record(task(8, name="m"), time=START + 9, event="new", before=None)
    when = "2027-01-15T08:00:00.009Z"
    assert printed([change, born], "tsv", layout=watch_tasks.CHANGE_LAYOUT) == (
        f"{when}\t7\tchanged\trunning\tsuccess\tgremlin\tn\t5\n{when}\t8\tnew\t\trunning\tgremlin\tm\t\n"
    )
    assert printed([change], "id", layout=watch_tasks.CHANGE_LAYOUT) == "7\n"


def ended(code: int, now, *, gone: bool = False, after: float = 1.25) -> wait.WaitRecord:
    return mask_record(wait.make_wait_record(WaitResult("7", code, now, gone, after)))


DONE = task(7, S.SUCCESS, updated=START + 2250, name="password=hunter2")


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (ended(0, DONE), "7 ✓ success after 2.2s  password=••••••"),
        (ended(0, DONE, gone=True), "7 gone  password=••••••"),
        (ended(3, None), "7 not found; it may have been deleted"),
        (ended(0, None, gone=True), "7 gone"),
        (ended(6, task(7, name="n")), "7 timed out after 1.2s; still ▶ running  n"),
        (ended(1, task(7, S.FAILED, name="x" * 101)), f"7 ✗ failed  {'x' * 100}"),
    ],
)
def test_the_end_of_waiting_is_a_line(record: wait.WaitRecord, line: str) -> None:
    assert wait.format_wait_line(record, Style()) == line


def test_the_end_of_waiting_hides_a_secret_that_its_line_cuts() -> None:
    done = wait.make_wait_record(WaitResult("7", 1, task(7, S.FAILED, name=f"x://u:{'y' * 100}@h")))
    assert wait.format_wait_line(done, Style()) == "7 ✗ failed  x://u:••••••@h"


def test_the_end_of_waiting_has_the_colour_of_its_status() -> None:
    styled = [wait.format_wait_line(one, Style(colour=True)) for one in (ended(0, DONE), ended(3, None))]
    assert styled[0].startswith("7 \x1b[32m✓ success\x1b[0m after")
    assert styled[1] == "\x1b[31m7 not found; it may have been deleted\x1b[0m"
    assert "\x1b" not in wait.format_wait_line(ended(0, DONE, gone=True), Style(colour=True))


def test_what_came_of_waiting_is_a_contract() -> None:
    assert json.loads(encode_json(ended(0, DONE))) == {
        "id": "7",
        "ok": True,
        "status": "success",
        "gone": False,
        "timed_out": False,
        "waited_ms": 1250,
        "took_ms": 2250,
        "type": "gremlin",
        "name": "password=••••••",
        **NO_PLACE,
    }
    never = json.loads(encode_json(ended(3, None)))
    assert [never[name] for name in ("ok", "status", "gone", "timed_out", "took_ms", "type", "name")] == [
        False, None, False, False, None, None, None,
    ]  # fmt: skip
    late = ended(6, task(7))
    assert (late.ok, late.timed_out) == (False, True)
    said = printed(
        [ended(0, DONE), ended(3, None), ended(3, DONE, gone=True)], "tsv", layout=wait.WAIT_LAYOUT
    )
    assert said == "7\tsuccess\ttrue\t2250\n7\tnot found\tfalse\t\n7\tgone\tfalse\t2250\n"
    assert printed([never_record := ended(3, None)], "id", layout=wait.WAIT_LAYOUT) == f"{never_record.id}\n"


@pytest.mark.parametrize(
    ("ok", "do", "line"),
    [
        (True, "", "✓ dns      h is 10.0.0.1"),
        (False, "Check\nthe name.", "✗ dns      h is 10.0.0.1\n           → Check␊the name."),
        (None, "", "– dns      h is 10.0.0.1"),
    ],
)
def test_a_check_of_the_doctor_is_a_line(ok: bool | None, do: str, line: str) -> None:
    record = doctor.CheckResult(check="dns", ok=ok, says="h is 10.0.0.1", do=do)
    assert doctor.format_check_line(record, Style()) == line
    table_ = str.maketrans({"✓": "+", "✗": "x", "–": "-", "→": "->"})
    assert doctor.format_check_line(record, Style(ascii=True)) == line.translate(table_)
    colour = {True: "32", False: "31", None: "2"}[ok]
    assert doctor.format_check_line(record, Style(colour=True)).startswith(
        f"\x1b[{colour}m{line[0]}\x1b[0m dns"
    )
    form = {True: "true", False: "false", None: ""}[ok]
    tsv = printed([record], "tsv", layout=doctor.CHECK_LAYOUT)
    assert tsv == f"dns\t{form}\th is 10.0.0.1\t{do.replace(chr(10), '␊')}\n"
    assert printed([record], "id", layout=doctor.CHECK_LAYOUT) == "dns\n"


def test_graphs_are_a_table_with_a_star() -> None:
    rows = [
        graphs.GraphRecord(graph="g", graphspace="s", current=True),
        graphs.GraphRecord(graph="", graphspace=None, current=False),
    ]
    assert printed(rows, "table", layout=graphs.GRAPH_LAYOUT) == (
        "   GRAPHSPACE  GRAPH\n*  s           g\n   –           (all)\n"
    )
    assert printed(rows, "tsv", layout=graphs.GRAPH_LAYOUT) == "true\ts\tg\nfalse\t\t\n"
    assert printed(rows, "id", layout=graphs.GRAPH_LAYOUT) == "s/g\n\n"


def test_a_task_for_a_person_has_all_its_fields_tables_and_texts() -> None:
    one = task(
        7, S.FAILED, raw_status="FAILED", name="n", updated=START + 4250, progress=3, retries=2, server="s-1",
        graph="g", description="token=x", dependencies=("5", "6"), decode_error="odd",
    )  # fmt: skip
    tables = (
        Sheet(title="files", heads=("name", "rows"), rows=(("图.csv", "12"), ("b\n", ""))),
        Sheet(title="none", heads=("a",), rows=()),
    )
    detail = TaskDetail(
        task=one, raw=b"", input="a\r\nb\n", result="é".encode(), callable="c.Job",
        extra=(("label", "text"), ("no", "")), sheets=tables,
    )  # fmt: skip
    assert (
        get.format_detail(detail_record(detail), Style())
        == """\
id           7
status       ✗ FAILED
type         gremlin
name         n
created      2027-01-15T08:00:00.000Z
updated      2027-01-15T08:00:04.250Z
took         4.2s
progress     3
retries      2
server       s-1
graph        g
description  token=••••••
reason       é
depends on   5 6
callable     c.Job
problem      odd
label        text

files:
  name    rows
  图.csv  12
  b␊

none:
  a

input (5 B):
  a
  b

error (2 B):
  é
"""
    )


def test_a_task_for_a_person_leaves_out_what_is_not_known() -> None:
    detail = TaskDetail(task=task(7, S.SUCCESS, name="", created=None), raw=b"", result=b"1")
    said = get.format_detail(detail_record(detail), Style(colour=True))
    assert said == (
        "\x1b[2mid    \x1b[0m  7\n\x1b[2mstatus\x1b[0m  \x1b[32m✓ success\x1b[0m\n"
        "\x1b[2mtype  \x1b[0m  gremlin\n\nresult (1 B):\n  1\n"
    )


@pytest.mark.parametrize(
    ("count", "shown"),
    [(12, ["  11"]), (13, ["  11", "  … 1 more lines"]), (30, ["  11", "  … 18 more lines"])],
)
def test_of_a_long_text_twelve_lines_are_shown(count: int, shown: list[str]) -> None:
    words = "\n".join(map(str, range(count)))
    said = get.format_detail(
        detail_record(TaskDetail(task=task(7), raw=b"", input=words)), Style()
    ).splitlines()
    assert said[-len(shown) :] == shown
    assert len(said) == said.index("  0") + 11 + len(shown)


@pytest.mark.parametrize(("length", "shown"), [(500, "x" * 500), (501, "x" * 500 + "…")])
def test_of_a_long_line_five_hundred_characters_are_shown(length: int, shown: str) -> None:
    detail = TaskDetail(task=task(7), raw=b"", input="x" * length)
    assert get.format_detail(detail_record(detail), Style()).splitlines()[-1] == f"  {shown}"


def test_of_texts_that_are_too_long_it_is_said_where_they_are() -> None:
    detail = TaskDetail(task=task(7), raw=b"", input="x", result=b"y", truncated=True)
    said = get.format_detail(detail_record(detail), Style()).splitlines()
    assert said[-2:] == [
        "",
        "The texts are longer than 1 MB. Use `graphtop input` and `graphtop result` to get them.",
    ]


def test_of_a_task_whose_server_was_lost_no_duration_is_told() -> None:
    row = task(1, S.FAILED, updated=START + 16)
    told = detail_record(TaskDetail(task=row, raw=b"", lost=True))
    assert (told.values()["took_ms"], told.values()["fault"]) == (
        None,
        "No result: the server that ran it was probably lost.",
    )
    said = get.format_detail(told, Style())
    assert "server that ran it was probably lost" in said
    assert "took" not in said
    running = task(1, S.RUNNING, updated=START + 16)
    assert change_record(row, time=START, event="changed", before=running).values()["took_ms"] is None
    assert (
        change_record(row, time=START, event="changed", before=task(1, S.RUNNING)).values()["took_ms"] == 16
    )


def test_a_sentence_on_a_narrow_terminal_is_broken_between_words(
    monkeypatch, capsys, stderr_terminal
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    report_error("db.example:8080 refused the connection: nothing is listening on this port.")
    report_error("others can read /home/ann/secret, which holds a secret.")
    assert capsys.readouterr().err.splitlines() == [
        "graphtop: db.example:8080",
        "  refused the connection:",
        "  nothing is listening on this",
        "  port.",
        "graphtop: others can read",
        "  /home/ann/secret, which",
        "  holds a secret.",
    ]


def test_lines_for_a_person_are_broken_between_words() -> None:
    style = Style(width=40)
    check = doctor.CheckResult(
        check="tcp",
        ok=False,
        says="no connection to db.example, port 8080.",
        do="Check the port, and the firewall.",
    )
    assert doctor.format_check_line(check, style).splitlines() == [
        "✗ tcp      no connection to db.example,",
        "           port 8080.",
        "           → Check the port, and the",
        "             firewall.",
    ]
    report = Report(
        action=Action.DELETE, task=task(5), outcome=Outcome.REFUSED, words="Can't delete incomplete task '5'"
    )
    assert report_line(report_record(report), Style(width=30)).splitlines() == [
        "✗ 5 refused: Can't delete",
        "  incomplete task '5'.",
    ]


@pytest.mark.parametrize("command", ["", *COMMANDS])
@pytest.mark.parametrize("columns", [60, 80])
def test_a_help_is_broken_between_words(monkeypatch, command: str, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    whole = parser_of(command).format_help()
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = parser_of(command).format_help()
    # A pair of flags and an example are broken nowhere.
    free = ("  ", "usage: ")
    kept = [line for line in narrow.splitlines() if len(line) > columns and not line.startswith(free)]
    assert kept == []
    assert columns < 80 or max(map(len, narrow.splitlines())) <= columns
    assert set(narrow.split()) - set(whole.split()) == set(), "a word was broken"


def test_the_readme_lists_the_fields_of_json_in_their_order() -> None:
    readme = " ".join((ROOT / "README.md").read_text().split())
    assert f"`{' '.join(JSON_FIELDS)}`" in readme
    assert f"`{' '.join(PLACE_FIELDS)}`" in readme
