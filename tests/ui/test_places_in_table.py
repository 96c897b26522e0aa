"""The table where several places are watched: what its lines name, and that equal ids are different rows."""

from __future__ import annotations

import pytest

from backend_adapters.model import Place, Task
from tests.ui.task_table_app import NOW, TaskRows, TaskTableApp, lines, show, task
from tui.task_group import TaskGroup
from tui.text import cell_width
from tui.widgets.columns import RowOverlay
from tui.widgets.place_style import PLACE_LOOKS, place_look

PROD = Place(
    number=1,
    profile="prod",
    dialect="hugegraph",
    graph="supply_chain",
    graphspace="DEFAULT",
    label="prod:DEFAULT/supply_chain",
    production=True,
)
DEV = Place(number=2, profile="dev", dialect="hugegraph", graph="social", label="dev:social")
CLOUD = Place(number=3, profile="cloud", dialect="ges", label="cloud")


class PlacedRows(TaskRows):
    """Rows of several places, which are found by their keys."""

    def position(self, task_key: str, /) -> int | None:
        return next((row for row, one in enumerate(self) if one.key == task_key), None)


def placed(place: Place, number: int | str, **fields: object) -> Task:
    return task(number, place=place, **fields)  # type: ignore[arg-type]


def same_ids() -> PlacedRows:
    return PlacedRows(placed(place, number) for number in (2, 1) for place in (PROD, DEV))


async def test_a_column_names_the_place_and_each_row_of_production_has_its_sign() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(92, 8)) as pilot:
        app.table.show_places(True, production=True)
        show(
            app.table,
            PlacedRows([placed(PROD, 7), placed(DEV, 7), placed(CLOUD, "ff80", graph="movies")]),
        )
        await pilot.pause()
        assert [line.rstrip() for line in lines(app.table)[:4]] == [
            "  PLACE                         ID  STATUS       TYPE     NAME                  AGE   TOOK",
            "  ▲ prod:…/supply_chain          7  ✓ success    gremlin  job 7                  3m    12s",
            "    dev:social                   7  ✓ success    gremlin  job 7                  3m    12s",
            "    cloud:movies              ff80  ✓ success    gremlin  job ff80               3m    12s",
        ]
        app.table.show_places(False)
        assert "PLACE" not in lines(app.table)[0]
        assert "TYPE" in lines(app.table)[0]


async def test_without_production_no_room_is_left_for_its_sign_and_ascii_has_its_own() -> None:
    app = TaskTableApp(ascii=True)
    async with app.run_test(size=(100, 8)) as pilot:
        app.table.show_places(True)
        show(app.table, PlacedRows([placed(DEV, 7)]))
        await pilot.pause()
        assert lines(app.table)[1].startswith("  dev:social     7")
        show(app.table, PlacedRows([placed(PROD, 7)]))
        assert lines(app.table)[1].startswith("  ! prod:~/supply_chain")


@pytest.mark.parametrize(
    ("width", "heads", "place"),
    [
        (120, "PLACE ID STATUS TYPE NAME AGE TOOK", "▲ prod:…/supply_chain"),
        (72, "PLACE ID STATUS NAME AGE TOOK", "▲ prod:sup…y_chain"),
        (62, "PLACE ID STATUS NAME TOOK", "▲ prod:su…hain"),
        (50, "PLACE ID STATUS NAME", "▲ pr…hain"),
        (44, "PLACE ID STATUS NAME", "▲ p…hain"),
    ],
)
async def test_the_place_is_cut_in_its_middle_and_never_left_out(width: int, heads: str, place: str) -> None:
    app = TaskTableApp()
    async with app.run_test(size=(width, 8)) as pilot:
        app.table.show_places(True, production=True)
        show(app.table, PlacedRows([placed(PROD, 7), placed(DEV, 7)]))
        await pilot.pause()
        head, line = lines(app.table)[:2]
        assert head.split() == heads.split()
        assert line.startswith(f"  {place}  ")
        assert cell_width(line) == app.table.size.width - 1


async def test_equal_ids_of_two_places_are_two_rows_with_a_cursor_and_marks_of_their_own() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(100, 8)) as pilot:
        app.table.show_places(True)
        show(app.table, same_ids(), **{"2/2": RowOverlay("cancelling 12s")})
        await pilot.pause()
        assert ["cancelling" in line for line in lines(app.table)[1:5]] == [False, True, False, False]
        await pilot.press("down", "space")
        assert app.table.marks == ("2/2",)
        assert [line.startswith("▌") for line in lines(app.table)[1:5]] == [False, True, False, False]
        assert app.table.cursor_key == "1/1"
        assert app.table.cursor_task is not None
        assert (app.table.cursor_task.id, app.table.cursor_task.place) == ("1", PROD)
        await pilot.press("enter")
        assert ("opened", "1/1") in app.heard
        app.table.drop_marks(["1/2"])
        assert app.table.marks == ("2/2",)
        await pilot.press("asterisk")
        assert app.table.marks == ("2/2", "1/2", "1/1", "2/1")
        assert app.heard[-1] == ("marks", app.table.marks)


async def test_the_cursor_stays_on_its_task_when_another_place_has_the_same_id() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(100, 8)) as pilot:
        show(app.table, same_ids())
        await pilot.pause()
        assert app.table.place_cursor("2/1")
        show(app.table, PlacedRows([placed(CLOUD, 1), *reversed(same_ids())]))
        assert app.table.cursor_key == "2/1"
        show(app.table, PlacedRows([placed(CLOUD, 1), placed(PROD, 1)]))
        assert app.table.cursor_key == "1/1", "its task is gone: that of the same id is another one"
        assert not app.table.place_cursor("1")


async def test_old_rows_are_those_of_one_place_alone() -> None:
    app = TaskTableApp()
    async with app.run_test(size=(100, 8)) as pilot:
        app.table.show_rows(same_ids(), overlays={}, now_ms=NOW, old={"1/2", "1/1"})
        await pilot.pause()
        assert [line.startswith("┊") for line in lines(app.table)[1:5]] == [True, False] * 2
        await pilot.press("asterisk")
        assert app.table.marks == ("2/2", "2/1")


async def test_the_head_of_a_group_names_its_place() -> None:
    app = TaskTableApp()
    rows = PlacedRows([placed(PROD, 7), placed(DEV, 8), placed(DEV, 9)])
    rows.groups = tuple(
        TaskGroup(
            kind="place",
            key=f"={place.number}",
            count=count,
            label=place.label,
            newest=rows[at],
            first=NOW,
            last=NOW,
        )
        for place, count, at in ((PROD, 1, 0), (DEV, 2, 1))
    )
    async with app.run_test(size=(80, 8)) as pilot:
        show(app.table, rows)
        await pilot.pause()
        assert [line.split() for line in lines(app.table)[:3]] == [
            ["TASKS", "PLACE", "LAST", "FIRST"],
            ["▸", "1", "▲", "prod:DEFAULT/supply_chain", "0s"],
            ["▸", "2", "dev:social", "0s"],
        ]
        await pilot.press("down", "enter")
        assert "  8  " in lines(app.table)[3]
        assert "  9  " in lines(app.table)[4]


def colour_of(table: object, y: int, text: str) -> object:
    for segment in table.render_line(y)._segments:  # type: ignore[attr-defined]
        if text in segment.text:
            return segment.style.color
    raise AssertionError(text)


@pytest.mark.parametrize(
    "theme", ["graphtop-dark", "graphtop-light", "ansi-dark", "textual-light", "dracula"]
)
async def test_all_places_of_a_profile_have_one_colour_and_no_status_has_it(theme: str) -> None:
    app = TaskTableApp()
    other = Place(number=4, profile="dev", dialect="hugegraph", graph="movies", label="dev:movies")
    async with app.run_test(size=(100, 9)) as pilot:
        app.theme = theme
        app.table.show_places(True)
        rows = [placed(place, 1) for place in (CLOUD, DEV, other, PROD)]
        show(app.table, PlacedRows(rows))
        await pilot.pause()
        dev, movies, prod = (colour_of(app.table, y, "…" if y == 4 else ":") for y in (2, 3, 4))
        assert dev == movies
        assert dev != prod
        looks = ("running", "waiting", "success", "failed", "cancelled", "transient", "stuck")
        statuses = {app.table.get_component_rich_style(f"task-table--{look}").color for look in looks}
        colours = {app.table.get_component_rich_style(f"task-table--{look}").color for look in PLACE_LOOKS}
        assert len(colours) == len(PLACE_LOOKS)
        assert not colours & statuses
        sign = app.table.get_component_rich_style("task-table--production")
        assert sign.bold, "without colours, too, it stands out"
        assert sign.color == app.table.get_component_rich_style("task-table--failed").color


def test_the_usual_profiles_differ_in_colour_in_each_session() -> None:
    for names in ("prod staging dev test cloud", "production staging development", "prod stage qa"):
        assert len({place_look(name) for name in names.split()}) == len(names.split())
    assert place_look("prod") == "place-2"
