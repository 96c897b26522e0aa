"""The columns of the task table: what stands in a cell, which columns there are, and how wide each is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from backend_adapters.model import Task, change_task
from tests.unit.fakes import S, task
from tui.field_rules import CellContext
from tui.fields import COLUMNS, DROP_ORDER
from tui.widgets.columns import (
    NAME_MIN_WIDTH,
    SLOT_GAP,
    Cell,
    RowOverlay,
    Slot,
    arrange_columns,
    cell_runs,
    grow_widths,
    head_slots,
    match_slots,
    place_cells,
    row_cells,
    select_columns,
)

NOON = 1_795_435_200_000  # 2026-11-23 12:00:00 UTC
NOW = CellContext(now=NOON)
WHOLE = task(
    7,
    name="count",
    progress=41_123,
    retries=2,
    server="server-1",
    graph="social",
    created=NOON - 65_000,
    updated=NOON - 5_000,
)
ALL = tuple(COLUMNS)
WITHOUT_REASON = tuple(key for key in ALL if key != "reason")


def texts(shown, telling: CellContext = NOW, overlay: RowOverlay | None = None) -> dict[str, str]:
    return {key: cell.text for key, cell in zip(ALL, row_cells(shown, overlay, ALL, telling), strict=True)}


# --- cells -------------------------------------------------------------------------------------------


def test_the_name_is_the_one_that_a_person_would_say() -> None:
    assert texts(task(7, name="// nightly recompute"))["name"] == "nightly recompute"
    assert texts(task(7, type="algorithm", name="algorithm:louvain"))["name"] == "louvain"


def test_each_cell_says_its_field() -> None:
    assert texts(WHOLE, CellContext(now=NOON, times="utc")) == {
        "place": "–",
        "id": "7",
        "status": "▶ running",
        "type": "gremlin",
        "name": "count",
        "reason": "",
        "progress": "41,123",
        "retries": "2",
        "server": "server-1",
        "graph": "social",
        "created": "11:58:55",
        "updated": "11:59:55",
        "age": "11:58:55",
        "took": "1m",
        "eta": "–",
    }
    assert texts(WHOLE)["age"] == "1m"


def test_when_a_task_ends_is_told_where_it_is_known() -> None:
    (cell,) = row_cells(WHOLE, RowOverlay(eta="~12m"), ("eta",), NOW)
    assert (cell.text, cell.style) == ("~12m", "text")


def test_what_is_not_known_is_a_quiet_dash() -> None:
    bare = task(7, name="", type="", created=None, progress=0, retries=0)
    assert set(texts(bare).values()) == {"7", "▶ running", "–", ""}
    looks = dict(zip(ALL, (cell.style for cell in row_cells(bare, None, ALL, NOW)), strict=True))
    assert {key for key, look in looks.items() if look == "dim"} == set(ALL) - {"id", "status", "reason"}


@pytest.mark.parametrize(
    ("status", "took"),
    [(S.RUNNING, "1m"), (S.QUEUED, "–"), (S.NEW, "–"), (S.SUCCESS, "1m"), (S.CANCELLING, "1m")],
)
def test_a_task_that_waits_has_taken_nothing_yet(status: S, took: str) -> None:
    shown = task(7, status, created=NOON - 65_000, updated=NOON)
    assert texts(shown)["took"] == took


@pytest.mark.parametrize(("status", "body"), [(S.RUNNING, "text"), (S.SUCCESS, "done"), (S.FAILED, "done")])
def test_what_has_ended_is_quieter(status: S, body: str) -> None:
    row_id, row_status, row_name = row_cells(task(7, status), None, ("id", "status", "name"), NOW)
    assert (row_id.style, row_name.style) == (body, body)
    assert row_status.style == status.value


LOOKS = {
    "waiting": "new scheduling scheduled queued restoring hanging",
    "running": "running",
    "transient": "cancelling deleting",
    "success": "success",
    "failed": "failed",
    "cancelled": "partial cancelled",
    "unknown": "unknown",
    "stuck": "unreadable",
}


def test_every_status_has_its_look_and_its_word() -> None:
    assert sorted(" ".join(LOOKS.values()).split()) == sorted(status.value for status in S)
    for look, words in LOOKS.items():
        for word in words.split():
            (cell,) = row_cells(
                task(7, S(word), raw_status="x" if word != "unknown" else ""), None, ("status",), NOW
            )
            assert (cell.text.split()[1], cell.style) == (word, look)
    (cell,) = row_cells(task(7, S.UNKNOWN, raw_status="frozen"), None, ("status",), NOW)
    assert cell.text == "? frozen"


@pytest.mark.parametrize(
    ("overlay", "ascii_", "cell"),
    [
        (RowOverlay("cancelling 3s"), False, Cell("◌ cancelling 3s", "transient")),
        (RowOverlay("cancelling 3s"), True, Cell("~ cancelling 3s", "transient")),
        (RowOverlay("cancelling 9m", style="stuck"), False, Cell("! cancelling 9m", "stuck")),
        (RowOverlay("a\x1b"), False, Cell("◌ a␛", "transient")),
        (RowOverlay(note="why"), False, Cell("▶ running", "running")),
        (None, True, Cell("> running", "running")),
    ],
)
def test_what_is_done_to_a_task_stands_in_place_of_its_status(
    overlay: RowOverlay | None, ascii_: bool, cell: Cell
) -> None:
    assert row_cells(WHOLE, overlay, ("status",), CellContext(now=NOON, ascii=ascii_)) == (cell,)


@pytest.mark.parametrize(
    ("fault", "note", "said"), [(None, "", ""), (None, "why\x1b", "why␛"), ("no name", "why", "no name")]
)
def test_behind_the_name_stands_what_could_not_be_read_or_why_it_failed(
    fault: str | None, note: str, said: str
) -> None:
    for name in ("count", ""):
        (cell,) = row_cells(task(7, name=name, decode_error=fault), RowOverlay(note=note), ("name",), NOW)
        assert (cell.text, cell.note) == (name or "–", said)


def test_what_a_server_says_is_harmless_in_every_cell() -> None:
    bad = "a\x1b\n\u202e"
    shown = task(bad, name=bad, type=bad, raw_status=bad, server=bad, graph=bad)
    assert not {"\x1b", "\n", "\u202e"} & set("".join(texts(shown).values()))


# --- which columns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ({"wide": False, "graphs": False}, "id status type name age took"),
        ({"wide": False, "graphs": True}, "id status graph name age took"),
        ({"wide": False, "graphs": False, "moments": True}, "id status type name age took"),
        ({"wide": False, "graphs": False, "estimates": True}, "id status type name age took eta"),
        (
            {"wide": True, "graphs": True},
            "id status type name progress retries server graph created updated age took eta",
        ),
        (
            {"wide": True, "graphs": False},
            "id status type name progress retries server created updated age took eta",
        ),
        ({"wide": False, "graphs": False, "reasons": True}, "id status type name reason age took"),
        (
            {"wide": True, "graphs": False, "moments": True, "reasons": True},
            "id status type name reason progress retries server age updated took eta",
        ),
        (
            {"wide": True, "graphs": False, "moments": True},
            "id status type name progress retries server age updated took eta",
        ),
    ],
)
def test_the_columns_are_the_usual_ones_or_all(options: dict[str, bool], keys: str) -> None:
    assert select_columns(**options) == tuple(keys.split())


def test_each_column_is_headed_by_its_name() -> None:
    assert {key: column.title for key, column in COLUMNS.items()} == {key: key.upper() for key in ALL}


def test_a_column_grows_with_its_cells_and_never_shrinks() -> None:
    widths = {"id": 5}
    rows = [(Cell("1234", ""), Cell("gremlin", "")), (Cell("123456", ""), Cell("图谱", ""))]
    grow_widths(widths, ("id", "type"), rows)
    assert widths == {"id": 6, "type": 7}
    grow_widths(widths, ("id", "type"), [(Cell("1", ""), Cell("x", ""))])
    assert widths == {"id": 6, "type": 7}


LEAST = {
    "id": (4, 12),
    "status": (11, 20),
    "type": (7, 18),
    "progress": (8, 15),
    "retries": (7, 7),
    "server": (6, 16),
    "graph": (5, 18),
    "created": (8, 11),
    "updated": (8, 11),
    "age": (4, 11),
    "took": (5, 6),
}


@pytest.mark.parametrize("key", list(LEAST))
def test_a_column_is_as_wide_as_its_cells_between_its_bounds(key: str) -> None:
    least, most = LEAST[key]
    for asked, width in ((0, least), (least, least), (least + 1, min(least + 1, most)), (99, most)):
        (slot,) = [slot for slot in arrange_columns(200, (key, "name"), {key: asked}) if slot.key == key]
        assert (slot.x, slot.width) == (2, width)
        assert slot.column.right is (
            key in {"id", "progress", "retries", "created", "updated", "age", "took"}
        )


def test_the_name_takes_what_the_others_leave() -> None:
    slots = arrange_columns(80, ("id", "status", "name", "took"), {})
    assert [(slot.key, slot.x, slot.width) for slot in slots] == [
        ("id", 2, 4),
        ("status", 8, 11),
        ("name", 21, 51),
        ("took", 74, 5),
    ]


def test_columns_give_way_in_their_order_just_when_the_name_has_no_room() -> None:
    narrowest: dict[str, int] = {}
    for width in range(200, 20, -1):
        for slot in arrange_columns(width, WITHOUT_REASON, {}):
            narrowest[slot.key] = width
    order = sorted((key for key in ALL if key in DROP_ORDER), key=narrowest.__getitem__, reverse=True)
    assert order == list(DROP_ORDER)
    for number, key in enumerate(DROP_ORDER):
        kept = [one for one in WITHOUT_REASON if one not in DROP_ORDER[:number]]
        width = narrowest[key]
        (name,) = [slot for slot in arrange_columns(width, kept, {}) if slot.key == "name"]
        assert name.width == NAME_MIN_WIDTH == 16
    assert arrange_columns(8, ("id", "name"), {})[1].width == 1


WIDE = ("id", "status", "type", "name", "reason", "age", "took")
OF_GRAPHS = ("id", "status", "graph", "name", "reason", "age", "took")
WHY = "NotFoundException: Vertex '1:marko-49' does not exist"
SHORT_WHY = WHY.replace("Exception", "")
FAILED = task(7, S.FAILED, name="drop orphans of import 15500", reason=WHY, created=NOON, updated=NOON)


def drawn(row: Task, width: int, keys: tuple[str, ...] = WIDE, overlay: RowOverlay | None = None) -> str:
    """The line of a task as it is drawn, without what is right of the name and the reason."""
    slots = arrange_columns(width, keys, {})
    line = [" "] * width
    for slot, cell in place_cells(match_slots(keys, slots), row_cells(row, overlay, keys, NOW)):
        if slot.key not in ("id", "age", "took"):
            text = "".join(text for text, _ in cell_runs(cell, slot, ascii=False))
            assert len(text) == slot.width
            assert not "".join(line[slot.x : slot.x + slot.width]).strip(), "nothing is drawn over another"
            line[slot.x : slot.x + slot.width] = text
    return "".join(line).strip()


@pytest.mark.parametrize(
    ("width", "keys", "said"),
    [
        (
            120,
            WIDE,
            f"✗ failed     gremlin  {FAILED.name}    {SHORT_WHY}",
        ),
        (86, WIDE, "✗ failed     gremlin  drop orphans of…  NotFound: Vertex '1:mar…"),
        (85, WIDE, "✗ NotFound: Vertex '1:marko-49' does…  drop orphans of import …"),
        (60, WIDE, "✗ NotFound: Vertex '1…  drop orphans …"),
        (40, WIDE, "✗ NotFound: Verte…  drop orpha…"),
        (
            120,
            OF_GRAPHS,
            f"✗ failed     –      {FAILED.name}     {SHORT_WHY}",
        ),
        (60, OF_GRAPHS, "✗ failed     –      NotFound: Vertex …"),
    ],
)
def test_a_reason_has_a_column_where_there_is_room_else_the_place_of_what_says_less(
    width: int, keys: tuple[str, ...], said: str
) -> None:
    assert drawn(FAILED, width, keys) == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("HugeException: The computer job exit with code 1", "✗ The computer job ex…"),
        ("RuntimeException: the quick brown fox", "✗ the quick brown fox"),
        ("Exception: no space is left on the device", "✗ no space is left on…"),
        ("HugeTaskException: a task that is not found", "✗ HugeTask: a task th…"),
    ],
)
def test_the_name_that_any_exception_could_have_makes_room(reason: str, said: str) -> None:
    assert drawn(change_task(FAILED, reason=reason), 60).partition("  drop")[0].rstrip() == said


@pytest.mark.parametrize("width", [120, 85, 60, 40])
def test_without_a_reason_the_name_has_all_the_room(width: int) -> None:
    usual = tuple(key for key in WIDE if key != "reason")
    for row in (change_task(FAILED, reason=None), change_task(FAILED, reason=""), task(7)):
        assert drawn(row, width) == drawn(row, width, usual)


@pytest.mark.parametrize(
    ("width", "heads"), [(120, WIDE), (85, WIDE[:4] + WIDE[5:]), (50, ("id", "status", "name", "took"))]
)
def test_a_reason_has_a_head_where_it_has_a_column(width: int, heads: tuple[str, ...]) -> None:
    slots = head_slots(arrange_columns(width, WIDE, {}))
    assert tuple(slot.key for slot in slots) == heads
    ends = [slot.x + slot.width for slot in slots]
    assert all(end < slot.x for end, slot in zip(ends, slots[1:], strict=False))


@pytest.mark.parametrize("width", [120, 85, 70, 50])
def test_where_each_row_has_a_reason_the_heads_stand_over_reasons_and_names(width: int) -> None:
    slots = arrange_columns(width, WIDE, {})
    start = next(slot.x for slot in slots if slot.key == "status")
    heads = {slot.key: slot.x - start for slot in head_slots(slots, all_reasons=True)}
    line = drawn(FAILED, width)
    assert line[heads["reason"] :].removeprefix("✗ ").startswith(SHORT_WHY[:6])
    assert line[heads["name"] :].startswith(FAILED.name[:6])


@pytest.mark.parametrize("width", [62, 60])
def test_where_each_reason_has_the_place_of_the_name_the_head_says_so(width: int) -> None:
    slots = arrange_columns(width, OF_GRAPHS, {})
    heads = {slot.key: slot.x for slot in head_slots(slots, all_reasons=True)}
    assert "name" not in heads
    assert heads["reason"] == next(slot.x for slot in slots if slot.key == "name")
    assert "reason" not in {slot.key for slot in head_slots(slots)}


def test_what_is_done_to_a_failed_task_is_worth_more_than_its_reason() -> None:
    said = drawn(FAILED, 60, overlay=RowOverlay("deleting 2s"))
    assert said.startswith("◌ deleting…  gremlin")


# --- how a cell is written ---------------------------------------------------------------------------


def written(cell: Cell, key: str, width: int, *, ascii: bool = False) -> list[tuple[str, str]]:
    return list(cell_runs(cell, Slot(key, COLUMNS[key], 0, width), ascii=ascii))


@pytest.mark.parametrize(
    ("key", "text", "width", "said"),
    [
        ("id", "7", 4, "   7"),
        ("id", "0123456789", 6, "…56789"),
        ("type", "gremlin", 9, "gremlin  "),
        ("type", "gremlin", 5, "grem…"),
        ("took", "12s", 5, "  12s"),
    ],
)
def test_numbers_stand_right_and_a_long_id_keeps_its_end(key: str, text: str, width: int, said: str) -> None:
    assert written(Cell(text, "text"), key, width) == [(said, "text")]
    assert written(Cell(text, "text"), key, width, ascii=True) == [(said.replace("…", "~"), "text")]


@pytest.mark.parametrize(
    ("name", "note", "width", "said"),
    [
        ("count", "", 8, [("count   ", "text")]),
        ("count", "it is long enough", 19, [("count  ", "text"), ("it is long …", "dim")]),
        ("count", "it is long enough", 18, [("count             ", "text")]),
        ("count", "short", 12, [("count  ", "text"), ("short", "dim")]),
        ("count", "short", 11, [("count      ", "text")]),
        ("count", "short", 14, [("count  ", "text"), ("short  ", "dim")]),
        ("org.apache.Job", "", 8, [("…che.Job", "text")]),
        ("org.apache.Job", "", 14, [("org.apache.Job", "text")]),
        ("org apache Job", "", 8, [("org apa…", "text")]),
        ("a.b", "", 2, [("a…", "text")]),
    ],
)
def test_a_note_needs_room_to_tell_something_and_a_path_keeps_its_end(
    name: str, note: str, width: int, said: list[tuple[str, str]]
) -> None:
    assert written(Cell(name, "text", note), "name", width) == said


def test_of_a_task_whose_server_was_lost_no_duration_is_told() -> None:
    row = task(1, S.FAILED, created=NOON - 65_000, updated=NOON - 64_000)
    assert texts(row)["took"] == "1s"
    assert texts(row, overlay=RowOverlay(note="lost", end_unknown=True))["took"] == "–"


# --- how far a task is -------------------------------------------------------------------------------

IMPORT = task(7, name="ImportGraph", progress=4_395_000, progress_total=8_790_000, progress_unit="lines")


def name_text(shown, width: int, *, ascii: bool = False) -> str:
    (cell,) = row_cells(shown, None, ("name",), NOW)
    return "".join(text for text, _ in cell_runs(cell, Slot("name", COLUMNS["name"], 2, width), ascii=ascii))


@pytest.mark.parametrize(
    ("width", "ascii", "shown"),
    [
        (40, False, "ImportGraph              ━━━━━─────  50%"),
        (40, True, "ImportGraph              [####----]  50%"),
        (24, False, "ImportGraph  ━━━───  50%"),
        (20, False, "ImportGraph      50%"),
        (16, False, "ImportGra…   50%"),
        (12, False, "ImportGraph "),
    ],
)
def test_how_far_a_task_is_stands_at_the_end_of_its_name(width: int, ascii: bool, shown: str) -> None:
    assert name_text(IMPORT, width, ascii=ascii) == shown


def test_a_name_gives_way_to_the_percentage_and_not_to_nothing() -> None:
    assert name_text(replace(IMPORT, name="import of everything"), 18) == "import of e…   50%"
    for other in (
        replace(IMPORT, status=S.SUCCESS),
        change_task(IMPORT, progress_total=None),
        replace(IMPORT, progress=None),
    ):
        assert "%" not in name_text(other, 40)


def test_in_a_column_of_its_own_it_is_the_same_bar() -> None:
    assert texts(IMPORT)["progress"] == "━━━━━─────  50%"


# --- columns that say the same in every row ----------------------------------------------------------


def test_a_hidden_column_gives_its_room_away_unless_all_are_shown() -> None:
    assert "type" in select_columns(wide=False, graphs=False)
    assert "type" not in select_columns(wide=False, graphs=False, hidden={"type"})
    assert "graph" not in select_columns(wide=False, graphs=True, hidden={"graph"})
    assert "type" in select_columns(wide=True, graphs=False, hidden={"type"})


def test_a_graph_is_cut_before_it_is_left_out() -> None:
    widths = {"id": 12, "graph": 16, "age": 5, "took": 5}
    keys = ("id", "status", "graph", "name", "age", "took")
    found = {
        room: {slot.key: slot.width for slot in arrange_columns(room, keys, widths)} for room in (90, 74, 60)
    }
    assert found[90]["graph"] == 16
    assert (found[74]["graph"], found[74]["name"]) == (12, 16)
    assert "graph" not in found[60]
    assert "age" in found[60]


def test_beside_the_column_of_reasons_the_bar_stays_at_its_name_and_the_times_where_they_are() -> None:
    keys = select_columns(wide=False, graphs=True, reasons=True)
    slots = arrange_columns(116, keys, {"id": 12, "graph": 16})
    starts = {}
    for shown in (IMPORT, change_task(IMPORT, progress_total=None)):
        placed = place_cells(slots, row_cells(shown, None, keys, NOW))
        starts[shown.progress_total] = {slot.key: slot.x for slot, _ in placed if slot.key in ("age", "took")}
        ends = [slot.x + slot.width + SLOT_GAP for slot, _ in placed]
        assert ends[:-1] == [slot.x for slot, _ in placed][1:], "no gap and no overlap"
    assert starts[8_790_000] == starts[None]
