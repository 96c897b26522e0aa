"""What it costs to open, scroll and search 25 MB of JSON, against what else there is, in one run.

The baselines get a tenth of the text where they would
take minutes; their figures are for what they got, so the ratio is on the low side.
"""

from __future__ import annotations

import asyncio
import json
import time
import tracemalloc
from collections.abc import Callable

from textual.app import App, ComposeResult
from textual.widgets import TextArea

from backend_adapters.redaction import mask_secrets
from tests.bench.figures import Figure, report
from tests.bench.servers import vertices
from tui.monitor.document.lines import Document
from tui.monitor.document.loading import load_document, read_document
from tui.widgets.text_view import TextView

REPEATS = 3


def best(work: Callable[[], object]) -> float:
    """The shortest of some runs, in ms."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return min(times)


def peak(work: Callable[[], object]) -> float:
    """The memory allocated at the most, in MB."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


async def stall(source: str) -> tuple[float, Document]:
    """The longest that loading keeps the event loop, in ms."""
    worst, last = 0.0, time.perf_counter()

    async def watch() -> None:
        nonlocal worst, last
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            worst, last = max(worst, now - last), now

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0)
    document = await load_document(source, "result")
    await asyncio.sleep(0)
    watching.cancel()
    return worst * 1000, document


class Ours(App[None]):
    """Our view alone."""

    def compose(self) -> ComposeResult:
        yield TextView()


class Theirs(App[None]):
    """Textual's own editor, read only."""

    def compose(self) -> ComposeResult:
        yield TextArea(read_only=True)


async def drawn(document: Document) -> tuple[float, float]:
    """Until our view has drawn a document, and a page down on it, in ms."""
    app = Ours()
    async with app.run_test(size=(120, 40)) as pilot:
        view = app.query_one(TextView)
        view.focus()
        start = time.perf_counter()
        view.show_document(document)
        await pilot.pause()
        first = time.perf_counter()
        await pilot.press("pagedown")
        await pilot.pause()
        return (first - start) * 1000, (time.perf_counter() - first) * 1000


async def drawn_by_textual(text: str) -> tuple[float, float]:
    """The same for a TextArea, which is given the indented text."""
    app = Theirs()
    async with app.run_test(size=(120, 40)) as pilot:
        view = app.query_one(TextArea)
        view.focus()
        start = time.perf_counter()
        view.load_text(text)
        await pilot.pause()
        first = time.perf_counter()
        await pilot.press("pagedown")
        await pilot.pause()
        return (first - start) * 1000, (time.perf_counter() - first) * 1000


def row(title: str, ours: float, baseline: float) -> Figure:
    """A row of the table, from a title like `what / baseline, unit`."""
    names, _, unit = title.rpartition(", ")
    what, _, against = names.partition(" / ")
    return Figure(what=what, ours=ours, unit=unit, baseline=baseline, against=against)


def _loading(whole: str) -> tuple[list[Figure], Document]:
    waited, document = asyncio.run(stall(whole))
    python = best(lambda: json.dumps(json.loads(whole), indent=2, ensure_ascii=False).split("\n"))
    rows = [
        row(
            "25 MB: load, secrets hidden / json.loads + dumps, ms",
            best(lambda: read_document(whole, "result")),
            python,
        ),
        row("25 MB: loop kept while loading / json.loads, ms", waited, best(lambda: json.loads(whole))),
        row(
            "25 MB: memory while loading / json.loads, MB",
            peak(lambda: read_document(whole, "result")),
            peak(lambda: json.loads(whole)),
        ),
    ]
    return rows, document


def rows() -> list[Figure]:
    """Measure all figures."""
    whole, tenth = vertices(25), vertices(2.5)
    table, document = _loading(whole)
    small = json.dumps(json.loads(tenth), indent=2, ensure_ascii=False)
    last = json.loads(whole)[-1]["id"]
    text = document.content.decode()
    first, page = asyncio.run(drawn(document))
    their_first, their_page = asyncio.run(drawn_by_textual(small))
    one_line = read_document(json.dumps("x, y z" * 4_000_000), "result")
    return [
        *table,
        row("show 25 MB / TextArea with 2.5 MB, ms", first, their_first),
        row("page down in 25 MB / TextArea with 2.5 MB, ms", page, their_page),
        row(
            "page down in one line of 24 MB / same TextArea, ms", asyncio.run(drawn(one_line))[1], their_page
        ),
        row(
            "find the last word of 25 MB / str.lower().find, ms",
            best(lambda: asyncio.run(document.find(last, 0))),
            best(lambda: text.lower().find(last.lower())),
        ),
        row(
            "40 lines in the middle / splitlines, ms",
            best(lambda: [document.line(len(document) // 2 + n) for n in range(40)]),
            best(lambda: text.splitlines()[len(document) // 2 :][:40]),
        ),
        row(
            "hide secrets in 25 MB / json.loads, ms",
            best(lambda: mask_secrets(whole)),
            best(lambda: json.loads(whole)),
        ),
    ]


if __name__ == "__main__":
    report(*rows())
