"""The header and the status tabs: what they say, what they leave out, what they repaint."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from textual.app import App, ComposeResult
from textual.color import Color
from textual.driver import Driver
from textual.geometry import Region
from textual.theme import Theme

from tui.styles.themes import THEMES, VARIABLE_DEFAULTS, variable_defaults
from tui.text import cell_width
from tui.textual_ext.cell_app import CellApp
from tui.widgets.header_bar import ConnectionState, HeaderBar, HeaderState
from tui.widgets.line_widget import changed_cells, runs_width
from tui.widgets.status_tabs import StatusTab, StatusTabs, TabsState, sparkline

NOW = 1_795_420_000_000  # 2026-11-23 07:46:40 UTC
LIVE = HeaderState(
    profile="prod",
    place="DEFAULT/hugegraph",
    product="HugeGraph 1.7.0",
    connection=ConnectionState.LIVE,
    interval=2_000,
    latency=31,
    now=NOW,
    utc=True,
)
COUNTS = (("All", 1204), ("Active", 15), ("Waiting", 12), ("Success", 1180), ("Failed", 7), ("Cancelled", 0))
TABS = TabsState(
    tabs=tuple(StatusTab(str(key), *each, alarm=each[0] == "Failed") for key, each in enumerate(COUNTS)),
    per_minute=(1, 3, 0, 8),
    stuck=1,
)


class Painted(HeaderBar):
    """Notes the regions it asks to have repainted."""

    painted: list[Region]

    def refresh(self, *regions: Region, **options: bool) -> Painted:
        self.painted = [*getattr(self, "painted", []), *regions]
        return super().refresh(*regions, **options)


class Bars(App[None]):
    """The two lines alone."""

    CSS = "Screen { color: $status-running; background: $status-stuck 10%; }"

    def __init__(self, *, ascii: bool = False) -> None:
        super().__init__()
        self.where, self.tabs = Painted(ascii=ascii), StatusTabs(ascii=ascii)
        self.chosen: list[str] = []
        for theme in THEMES:
            self.register_theme(theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield self.where
        yield self.tabs

    def on_mount(self) -> None:
        self.theme = THEMES[0].name

    def on_status_tabs_tab_clicked(self, message: StatusTabs.TabClicked) -> None:
        self.chosen.append(message.group_key)


async def where(state: HeaderState, width: int, *, ascii: bool = False) -> str:
    app = Bars(ascii=ascii)
    async with app.run_test(size=(width, 4)) as pilot:
        app.where.show_state(state)
        await pilot.pause()
        strip = app.where.render_line(0)
        assert cell_width(strip.text) == strip.cell_length == width
        return strip.text


async def tabs(state: TabsState, width: int, *, ascii: bool = False) -> str:
    app = Bars(ascii=ascii)
    async with app.run_test(size=(width, 4)) as pilot:
        app.tabs.show_state(state)
        await pilot.pause()
        strip = app.tabs.render_line(0)
        assert cell_width(strip.text) == strip.cell_length == width
        return strip.text


# --- the header --------------------------------------------------------------------------------------


async def test_the_header_says_where_and_how_alive() -> None:
    line = await where(LIVE, 100)
    assert line.startswith(" graphtop  prod · DEFAULT/hugegraph · HugeGraph 1.7.0  ")
    assert line.endswith("  ● live 2s   31ms  07:46:40Z ")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"connection": ConnectionState.PAUSED, "since": NOW - 219_000}, "‖ paused · data from 07:43:01"),
        ({"connection": ConnectionState.STALE, "since": NOW - 330_000}, "! stale · data from 07:41:10"),
        ({"interval": 10_000, "unfocused": True}, "● live 10s (unfocused)"),
        ({"connection": ConnectionState.OFFLINE, "retry_in": 8_000}, "✗ offline · retry in 8s"),
        ({"connection": ConnectionState.OFFLINE, "retry_in": 1_000}, "✗ offline · retry in 1s"),
        ({"connection": ConnectionState.OFFLINE, "retry_in": 999}, "✗ offline · retrying"),
        ({"connection": ConnectionState.OFFLINE}, "✗ offline  07"),
        ({"connection": ConnectionState.STOPPED, "since": NOW}, "✗ stopped  07"),
        ({"connection": ConnectionState.PAUSED}, "‖ paused  07"),
        ({"interval": None, "unfocused": True}, "● live   "),
        ({"interval": 500}, "● live 0.5s   "),
        ({"latency": 999}, " 999ms "),
        ({"latency": 1_000}, " 1.0s "),
        ({"connection": ConnectionState.CONNECTING}, "◌ connecting…"),
        ({"reading": 45_200}, "reading history 45,200  ● live 2s"),
        ({"latency": 1_240}, "1.2s"),
        ({"clock_skew": 172_800_000}, "  server clock 2d ahead  ● live 2s"),
        ({"clock_skew": -60_000}, "  server clock 1m behind  ● live 2s"),
        ({"clock_skew": 59_999}, "1.7.0       "),
        ({"history_fails": True}, "  history not kept  ● live 2s"),
        ({"production": True}, " PRODUCTION "),
        ({"in_clear": True}, " PLAIN HTTP "),
        ({"read_only": True}, "read-only"),
    ],
)
async def test_each_state_has_its_words(changes: dict[str, object], words: str) -> None:
    assert words in await where(structs.replace(LIVE, **changes), 140)


async def test_what_matters_least_goes_first() -> None:
    full = structs.replace(
        LIVE, production=True, read_only=True, connection=ConnectionState.OFFLINE, retry_in=8_000
    )
    for width in (120, 80, 60, 44):
        line = await where(full, width)
        assert "PRODUCTION" in line
        assert "hugegraph" in line
        assert "offline" in line
    assert "DEFAULT/hugegraph" in await where(LIVE, 60)
    assert "● live 2s" in await where(LIVE, 60)
    assert "HugeGraph" not in await where(LIVE, 60)
    assert "…" in await where(structs.replace(LIVE, place="space/" + "graph" * 20), 60)


WIDTHS = (
    (44, "PRODUCTION DEFAULT/hugegraph ✗ offline"),
    (55, "PRODUCTION DEFAULT/hugegraph read-only ✗ offline"),
    (69, "PRODUCTION DEFAULT/hugegraph read-only ✗ offline · retry in 8s"),
    (76, "PRODUCTION prod · DEFAULT/hugegraph read-only ✗ offline · retry in 8s"),
    (98, "PRODUCTION prod · DEFAULT/hugegraph read-only reading history 1234 ✗ offline · retry in 8s"),
    (
        109,
        "PRODUCTION prod · DEFAULT/hugegraph read-only reading history 1234 ✗ offline · retry in 8s "
        "07:46:40Z",
    ),
)


async def test_each_part_of_the_header_comes_as_soon_as_there_is_room_for_it() -> None:
    full = structs.replace(
        LIVE,
        production=True,
        read_only=True,
        connection=ConnectionState.OFFLINE,
        retry_in=8_000,
        reading=1_234,
    )
    words = [" ".join((await where(full, width)).split()) for width, _ in WIDTHS]
    assert words == [expected for _, expected in WIDTHS]
    less = [" ".join((await where(full, width - 1)).split()) for width, _ in WIDTHS]
    assert less == ["PRODUCTION …FAULT/hugegraph ✗ offline", *words[:-1]]
    assert (await where(full, 119)).startswith(
        " graphtop   PRODUCTION   prod · DEFAULT/hugegraph  read-only  "
    )
    assert (await where(full, 137)).startswith(
        " graphtop   PRODUCTION   prod · DEFAULT/hugegraph · HugeGraph "
    )
    assert "graphtop" not in await where(full, 118)
    assert "HugeGraph" not in await where(full, 136)


async def test_several_troubles_of_places_are_told_each_or_counted_together_where_room_is_short() -> None:
    several = structs.replace(
        LIVE,
        profile="",
        product=None,
        place="9 places",
        silent_places=3,
        troubles=("1 does not answer", "2 need a login"),
        production=True,
    )
    for width in (80, 120):
        assert "PRODUCTION   9 places · 1 does not answer · 2 need a login" in await where(several, width)
    assert "9 places · 3 not live " in await where(several, 56)
    one = structs.replace(several, silent_places=1, troubles=("1 needs a login",))
    assert "9 places · 1 needs a login" in await where(one, 56)


async def test_what_is_not_checked_is_said_in_words_at_every_width() -> None:
    loose = structs.replace(LIVE, insecure=True, production=True, read_only=True)
    for width in (50, 60, 80, 120):
        line = await where(loose, width)
        assert " INSECURE " in line, width
        assert " PRODUCTION " in line, width
        clear = await where(structs.replace(loose, in_clear=True), width)
        assert (" PLAIN HTTP " in clear, " PRODUCTION " in clear, "INSECURE" in clear) == (True, True, False)
    assert "INSECURE" not in await where(LIVE, 120)


async def test_the_header_in_ascii_is_ascii() -> None:
    for link in ConnectionState:
        state = structs.replace(LIVE, connection=link, since=NOW, retry_in=1_000, place="p" * 90)
        assert (await where(state, 70, ascii=True)).isascii()


async def test_names_of_a_server_are_harmless_and_wide_ones_fit() -> None:
    line = await where(structs.replace(LIVE, place="图谱/历史" * 9, product="\x1b[2J", profile="a\nb"), 90)
    assert "\x1b" not in line
    assert "\n" not in line


async def test_a_tick_of_the_clock_repaints_the_digits_that_changed() -> None:
    app = Bars()
    async with app.run_test(size=(100, 4)) as pilot:
        app.where.show_state(LIVE)
        await pilot.pause()
        app.where.painted = []
        app.where.show_state(structs.replace(LIVE))
        assert app.where.painted == []
        app.where.show_state(structs.replace(LIVE, now=NOW + 1_000))
        assert app.where.painted == [Region(97, 0, 1, 1)]


# --- the tabs ----------------------------------------------------------------------------------------


async def test_the_tabs_say_counts_speed_and_what_is_stuck() -> None:
    line = await tabs(TABS, 120)
    assert line.startswith(
        " 0 All 1204   1 Active 15   2 Waiting 12   3 Success 1180   4 Failed 7   5 Cancelled 0 "
    )
    assert line.endswith(" ▂▄▁█ 8 ended/min   ⚠ 1 stuck ")
    unread = await tabs(structs.replace(TABS, unreadable=3), 130)
    assert unread.endswith("8 ended/min   ⚠ 1 stuck   ⚠ 3 unreadable ")


async def test_narrow_tabs_replace_words_by_glyphs_and_keep_their_counts() -> None:
    assert "1 Active 15  2 Waiting 12  3 ✓ 1180  4 ✗ 7  5 ⊘ 0" in await tabs(TABS, 80)
    narrow = await tabs(TABS, 60)
    assert " ".join(narrow.split()) == "0 All 1204 1 ▶ 15 2 ◦ 12 3 ✓ 1180 4 ✗ 7 5 ⊘ 0 ⚠ 1 stuck"
    calm = structs.replace(TABS, stuck=0, per_minute=())
    line = " ".join((await tabs(calm, 60)).split())
    assert line == "0 All 1204 1 ▶ 15 2 ◦ 12 3 ✓ 1180 4 ✗ 7 5 ⊘ 0"


ROOM = (
    (45, " All 1204 ▶ 15 ◦ 12 ✓ 1180 ✗ 7 ⊘ 0 "),
    (46, " All 1204 ▶ 15 ◦ 12 ✓ 1180 ✗ 7 ⊘ 0  ⚠ 1 stuck "),
    (58, " 0 All 1204 1 ▶ 15 2 ◦ 12 3 ✓ 1180 4 ✗ 7 5 ⊘ 0  ⚠ 1 stuck "),
    (75, " 0 All 1204  1 Active 15  2 Waiting 12  3 ✓ 1180  4 ✗ 7  5 ⊘ 0   ⚠ 1 stuck "),
    (94, " 0 All 1204  1 Active 15  2 Waiting 12  3 Success 1180  4 Failed 7  5 Cancelled 0   ⚠ 1 stuck "),
)


async def test_the_tabs_are_as_roomy_as_the_line_lets_them() -> None:
    lines = [(await tabs(TABS, width)).rstrip() for width, _ in ROOM]
    assert lines == [line.rstrip() for _, line in ROOM]
    less = [" ".join((await tabs(TABS, width - 1)).split()) for width, _ in ROOM[1:]]
    assert less == [" ".join(line.split()) for line in lines[:-1]]
    assert "8 ended/min" in await tabs(TABS, 108)
    assert "8 ended/min" not in await tabs(TABS, 107)
    assert "▂▄▁█" in await tabs(TABS, 113)
    assert "▂▄▁█" not in await tabs(TABS, 112)
    many = structs.replace(
        TABS, stuck=0, per_minute=(), tabs=(StatusTab("0", "All", 9_999), StatusTab("1", "X", 10_000))
    )
    assert (await tabs(many, 17)).split() == ["All", "9999", "X", "10k"]


async def test_counts_of_a_list_that_is_not_whole_say_that_there_may_be_more() -> None:
    some = tuple(structs.replace(tab, more=True) for tab in TABS.tabs)
    line = " ".join((await tabs(structs.replace(TABS, tabs=some), 120)).split())
    assert line.startswith(
        "0 All 1204+ 1 Active 15+ 2 Waiting 12+ 3 Success 1180+ 4 Failed 7+ 5 Cancelled 0+"
    )
    unknown = structs.replace(TABS, tabs=(StatusTab("0", "All", more=True),))
    assert "+" not in await tabs(unknown, 120)


async def test_unknown_counts_are_left_out_and_ascii_is_ascii() -> None:
    state = structs.replace(TABS, tabs=(StatusTab("0", "All"), StatusTab("1", "Active", 100_000)))
    line = await tabs(state, 80, ascii=True)
    assert line.isascii()
    assert line.startswith(" 0 All   1 Active 100,000 ")


async def test_the_current_tab_stands_out_without_colour_too() -> None:
    app = Bars()
    async with app.run_test(size=(120, 4)) as pilot:
        app.tabs.show_state(structs.replace(TABS, current="3"))
        await pilot.pause()
        loud = [
            segment.text
            for segment in app.tabs.render_line(0)
            if segment.style is not None and segment.style.bold and segment.style.underline
        ]
        assert loud == ["3 Success 1180"]


async def test_failures_are_loud_and_zeros_quiet() -> None:
    app = Bars()
    async with app.run_test(size=(120, 4)) as pilot:

        def look(text: str) -> object:
            return next(s.style for s in app.tabs.render_line(0) if s.text.strip() == text)

        app.tabs.show_state(TABS)
        await pilot.pause()
        assert look("7") == app.tabs.get_component_rich_style("status-tabs--alarm")
        assert look("5 Cancelled 0") == app.tabs.get_component_rich_style("status-tabs--dim")


async def test_a_click_chooses_the_tab_under_the_pointer() -> None:
    app = Bars()
    async with app.run_test(size=(120, 4)) as pilot:
        app.tabs.show_state(TABS)
        await pilot.pause()
        for word in ("Success", "Cancelled", "stuck"):
            await pilot.click(app.tabs, offset=(app.tabs.render_line(0).text.index(word), 0))
        assert app.chosen == ["3", "5"]


def test_a_sparkline_is_scaled_to_its_largest_and_shows_every_one_above_zero() -> None:
    assert sparkline((0, 1, 4, 8), ascii=False) == "▁▂▅█"
    assert sparkline((0, 0), ascii=False) == "▁▁"
    assert sparkline((1, 1000), ascii=False) == "▂█"
    assert sparkline((0, 9), ascii=True).isascii()


# --- repainting --------------------------------------------------------------------------------------

RUNS = st.lists(st.tuples(st.text("ab é図🚮", max_size=4), st.sampled_from("xy")), max_size=5)


@given(RUNS, RUNS)
def test_nothing_outside_the_changed_cells_differs(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    span = changed_cells(before, after)
    old, new = _spread(before), _spread(after)
    if span is None:
        assert old == new
    else:
        assert 0 <= span[0] < span[1] <= max(runs_width(before), runs_width(after))
        assert old[: span[0]] == new[: span[0]]
        assert old[span[1] :] == new[span[1] :]


def _spread(runs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(char, look) for text, look in runs for char in text for _ in range(cell_width(char))]


class Wire(Driver):
    """A terminal that keeps what it gets."""

    sent: list[str] = []

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        Wire.sent.append(data)

    def start_application_mode(self) -> None: ...

    def disable_input(self) -> None: ...

    def stop_application_mode(self) -> None: ...


class WireBars(CellApp, Bars):
    def __init__(self) -> None:
        super().__init__()
        self.driver_class = Wire


async def test_a_tick_of_the_clock_costs_few_bytes_on_the_wire() -> None:
    app = WireBars()
    async with app.run_test(size=(100, 4), headless=False) as pilot:
        app.where.show_state(LIVE)
        await pilot.pause()
        Wire.sent.clear()
        app.where.show_state(structs.replace(LIVE, now=NOW + 1_000))
        await pilot.pause()
        sent = "".join(Wire.sent)
        # From the first cell, where the cursor was left, to the last digit.
        assert sent.endswith("1"), sent
        assert len(sent) <= 20, sent


# --- themes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["graphtop-dark", "graphtop-light", "nord", "ansi-dark", "textual-light"])
async def test_the_bars_work_in_every_theme(theme: str) -> None:
    app = Bars()
    async with app.run_test(size=(100, 4)) as pilot:
        app.where.show_state(structs.replace(LIVE, production=True))
        app.tabs.show_state(TABS)
        app.theme = theme
        await pilot.pause()
        assert "PRODUCTION" in app.where.render_line(0).text
        assert all(name in app.theme_variables for name in VARIABLE_DEFAULTS)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_texts_have_contrast(theme: Theme) -> None:
    least = {"text": 7.0, "text-muted": 4.5, "text-disabled": 3.0, "text-error": 4.5, "status-success": 3.5}
    for name, ratio in least.items():
        assert contrast(str(theme.background), theme.variables[name]) >= ratio, name


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of luminances."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = Color.parse(colour).normalized
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
