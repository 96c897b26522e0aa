"""How the help is laid out: blocks in columns, each line in its place."""

from __future__ import annotations

import pytest

from backend_adapters.model import TaskStatus
from tui.monitor.filters import compile_filter
from tui.screens.dialogs.help import FILTER_LEGEND, PLACES_FILTER, HelpBlock, HelpScreen, layout_columns
from tui.screens.tasks.key_bindings import KeyCommand
from tui.text import cell_width


def block(title: str, number: int = 1, left: int = 2, text: str = "does it") -> HelpBlock:
    return HelpBlock(title, tuple((f"k{n}", "$text-primary", text) for n in range(number)), left)


def read(blocks: list[HelpBlock], width: int) -> list[str]:
    lines = layout_columns(blocks, width).plain.split("\n")
    assert all(cell_width(line) <= width for line in lines)
    return [line.rstrip() for line in lines]


@pytest.mark.parametrize(
    ("width", "number"), [(30, 1), (91, 1), (92, 2), (139, 2), (140, 3), (188, 3), (400, 3)]
)
def test_there_are_as_many_columns_as_read_well_but_no_more_than_three(width: int, number: int) -> None:
    titles = read([block(title) for title in "ABCDEF"], width)[0].split()
    assert len(titles) == number


def test_blocks_stand_below_each_other_with_a_blank_line_between() -> None:
    assert read([block("Move", 2), block("Show")], 40) == [
        "Move",
        "k0  does it",
        "k1  does it",
        "",
        "Show",
        "k0  does it",
    ]


def test_columns_are_of_equal_width_and_filled_in_order_to_the_least_height() -> None:
    gap = " " * (48 - len("k0  does it"))
    assert read([block("A", 2), block("B"), block("C", 3)], 92) == [
        f"A{' ' * 47}C",
        f"k0  does it{gap}k0  does it",
        f"k1  does it{gap}k1  does it",
        f"{' ' * 48}k2  does it",
        "B",
        "k0  does it",
    ]


def test_what_is_long_is_wrapped_beside_its_key_and_a_long_key_is_cut() -> None:
    assert read([block("A", 1, 2, "one two three four five six seven eight nine")], 30) == [
        "A",
        "k0  one two three four five",
        "    six seven eight nine",
    ]
    long = HelpBlock("A", (("x" * 40, "", "does it"),), 40)
    assert read([long], 30) == ["A", f"{'x' * 14}…  does it"]


def test_without_blocks_there_is_nothing() -> None:
    assert read([], 100) == [""]


def shown(screen: HelpScreen) -> dict[str, list[tuple[str, str]]]:
    return {one.title: [(left.strip(), right) for left, _, right in one.lines] for one in screen._blocks}


def test_keys_are_grouped_in_their_order_and_the_signs_and_filters_follow() -> None:
    keys = [
        KeyCommand("Move", "j\x1b", "down"),
        KeyCommand("Show", "enter", "open"),
        KeyCommand("Move", "k", "up\x07"),
    ]
    blocks = shown(HelpScreen(keys))
    assert list(blocks) == ["Move", "Show", "Statuses", "Filter ( / )"]
    assert blocks["Move"] == [("j␛", "down"), ("k", "up␇")]
    assert blocks["Show"] == [("enter", "open")]
    assert blocks["Filter ( / )"] == [
        ("rebuild", "name, type, id or status contains it"),
        ('"two words"', "the same, for text with spaces"),
        ("!rebuild", "doesn't contain it"),
        ("/^g\\.V.*/", "matches a regular expression"),
        ("status=failed", "also type= graph= server= id= name="),
        ("type=a,b  !=a", "one of these; not this one"),
        ("age>1h", "also took< retries>= progress="),
        ("slow", "contains it, or is slow; also stuck problem"),
    ]
    assert blocks["Statuses"] == [
        ("▶", "running"),
        ("·", "new, scheduling"),
        ("◦", "scheduled, queued, restoring"),
        ("‖", "hanging: waiting for its dependencies"),
        ("◌", "cancelling, deleting"),
        ("✓", "success"),
        ("◐", "partly succeeded"),
        ("✗", "failed"),
        ("⊘", "cancelled"),
        ("▒", "unreadable: the server can't read it"),
        ("?", "a status unknown to graphtop"),
        ("!", "stuck for over a minute; left of a row: it needs a person"),
    ]
    assert {one.left for one in HelpScreen(keys)._blocks[:2]} == {5}, "keys stand in one column"
    assert HelpScreen(keys)._blocks[-2].left == 1
    assert HelpScreen(keys)._blocks[-1].left == max(cell_width(example) for example, _ in FILTER_LEGEND)
    assert all(left.isascii() for left, _ in shown(HelpScreen(keys, ascii=True))["Statuses"])


def test_every_filter_of_the_help_is_one() -> None:
    assert all(compile_filter(example) for example, _ in FILTER_LEGEND)
    fields = ("status", "type", "graph", "server", "id", "name")
    assert all(compile_filter(f"{field}=x") for field in fields)
    assert all(compile_filter(f"took<1h retries>=1 progress=1 {field}!=x") for field in fields)


def test_what_is_there_for_several_places_alone_is_told_only_there() -> None:
    several, one = shown(HelpScreen([], places=True)), shown(HelpScreen([]))
    assert several["Statuses"] == [*one["Statuses"], ("▲", "before a place: it is production")]
    assert several["Filter ( / )"] == [*one["Filter ( / )"], PLACES_FILTER]
    assert shown(HelpScreen([], ascii=True, places=True))["Statuses"][-1][0] == "!"
    assert compile_filter(PLACES_FILTER[0])


def test_each_sign_has_the_colour_of_its_status() -> None:
    colours = {text: colour for _, colour, text in HelpScreen([])._blocks[0].lines}
    assert colours["failed"] == "$status-failed"
    assert colours["success"] == "$status-success"
    assert colours["cancelling, deleting"] == "$status-transient"
    assert len(TaskStatus) > len(colours) - 1
