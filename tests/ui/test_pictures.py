"""In a picture each character stands where a terminal draws it, however many cells it takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from io import StringIO
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len
from rich.console import Console
from textual.strip import Strip

from screenshots.cells import CELL_WIDTH, align_to_cells
from tests.ui.running_app import FrozenClock, run_app

LINE_HEIGHT, BASELINE = 24.4, 20
"""How far apart Rich draws two lines, and where the text of the first one stands."""

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
NAMES = (
    "nothing but ASCII",
    "東京の顧客グラフ（夜間）",
    "한국어 and ASCII",
    "🔥🔥 hotfix",
    "🇯🇵 a flag",
    f"{FAMILY} a family",
    "👍🏽 a skin tone",
    "cafe\u0301, a mark for each e\u0301",
    "❤\ufe0f ⊘ ✓ … Łódź <&>",
)

Line = dict[float, str]
"""What is drawn on one line, by the x of where each character begins."""


def clusters(text: str) -> dict[int, str]:
    """The characters of a text, each with the marks on it, by the cell that it begins in."""
    found: dict[int, str] = {}
    last = 0
    for index, character in enumerate(text):
        cell = cell_len(text[:index])
        last = cell if cell_len(text[: index + 1]) > cell else last
        found[last] = found.get(last, "") + character
    return found


def without_blanks(line: Line) -> Line:
    return {x: character for x, character in line.items() if character.strip()}


def seen(strips: Iterable[Strip]) -> list[Line]:
    """What a terminal draws on each line."""
    return [
        without_blanks({round(cell * CELL_WIDTH, 1): text for cell, text in clusters(strip.text).items()})
        for strip in strips
    ]


def texts(svg: str) -> list[ElementTree.Element]:
    """The elements of a picture that hold what the terminal shows; its title is not clipped to a line."""
    found = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return [element for element in found if "clip-path" in element.attrib]


def drawn(svg: str, lines: int) -> list[Line]:
    """What a picture shows on each line: the characters of an element share its width evenly."""
    found: dict[int, Line] = defaultdict(dict)
    for element in texts(svg):
        characters = list(clusters(element.text or "").values())
        width = float(element.get("textLength", CELL_WIDTH)) / len(characters)
        line = found[round((float(element.attrib["y"]) - BASELINE) / LINE_HEIGHT)]
        for index, character in enumerate(characters):
            line[round(float(element.attrib["x"]) + index * width, 1)] = character
    return [without_blanks(found[number]) for number in range(lines)]


async def test_the_columns_of_a_table_stand_below_their_titles() -> None:
    async with run_app(clock=FrozenClock()) as at:
        for name in NAMES:
            await at.submit(name)
        await at.press("r")
        await at.until(lambda: at.text().count("queued") == len(NAMES), "a row for each name")
        lines, strips = at.lines(), at.app.screen._compositor.render_strips()
        picture = drawn(align_to_cells(at.app.export_screenshot()), len(lines))
    assert picture == seen(strips)
    titles = next(number for number, line in enumerate(lines) if "NAME" in line)
    after_name = CELL_WIDTH * lines[titles].index("AGE")
    rows = picture[titles + 1 : titles + 1 + len(NAMES)]
    columns = [{x: character for x, character in row.items() if x >= after_name} for row in rows]
    assert "".join(columns[0].values()) == "0s–│"
    assert all(others == columns[0] for others in columns)


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        (f"ab{FAMILY}cd", [("ab", 0, 2), (FAMILY, 2, 2), ("cd", 4, 2)]),
        ("👍🏽❤\ufe0f!", [("👍🏽", 0, 2), ("❤\ufe0f", 2, 2), ("!", 4, 1)]),
        ("東e\u0301京", [("東", 0, 2), ("e\u0301", 2, None), ("京", 3, 2)]),
        ("⊘ <b> │──", [("⊘", 0, None), ("\xa0<b>\xa0", 1, 5), ("│──", 6, 3)]),
        ("\u0301x", [("\u0301", 0, None), ("x", 0, 1)]),
    ],
)
def test_a_character_that_is_not_one_cell_wide_is_drawn_alone(
    text: str, elements: list[tuple[str, int, int | None]]
) -> None:
    console = Console(width=20, file=StringIO(), force_terminal=True, record=True)
    console.print(text, markup=False, highlight=False, emoji=False)
    found = [
        (element.text, float(element.attrib["x"]), element.get("textLength"))
        for element in texts(align_to_cells(console.export_svg()))
        if (element.text or "").strip("\n")
    ]
    assert found == [
        (part, pytest.approx(cell * CELL_WIDTH), None if width is None else f"{width * CELL_WIDTH:g}")
        for part, cell, width in elements
    ]
