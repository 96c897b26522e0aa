"""What a cancelled worker held is given back at once, as the garbage collector may never look at it again."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest
from textual.app import ComposeResult
from textual.widget import Widget
from textual.worker import WorkerCancelled

from tui.textual_ext.base_app import BaseApp


class Text:
    """Stands for a long one."""


class TextApp(BaseApp):
    """An application with one widget."""

    def compose(self) -> ComposeResult:
        yield Widget()


@pytest.fixture
def _nothing_is_collected() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


async def read_one_text(begun: asyncio.Event, held: list[weakref.ref[Text]]) -> None:
    text = Text()
    held.append(weakref.ref(text))
    begun.set()
    await asyncio.Event().wait()


async def read_two_texts(begun: asyncio.Event, held: list[weakref.ref[Text]]) -> None:
    """Hold a text in this function, and another one in a function that it calls."""
    text = Text()
    held.append(weakref.ref(text))
    await read_one_text(begun, held)


@pytest.mark.usefixtures("_nothing_is_collected")
@pytest.mark.parametrize("way", ["cancelled", "replaced", "removed with its widget"])
async def test_a_cancelled_worker_holds_on_to_nothing(way: str) -> None:
    async with TextApp().run_test() as pilot:
        widget, begun, held = pilot.app.query_one(Widget), asyncio.Event(), list[weakref.ref[Text]]()
        worker = widget.run_worker(read_two_texts(begun, held), exclusive=True)
        await begun.wait()
        if way == "cancelled":
            worker.cancel()
        elif way == "replaced":
            widget.run_worker(asyncio.sleep(0), exclusive=True)
        else:
            await widget.remove()
        with pytest.raises(WorkerCancelled):
            await worker.wait()
        assert [one() for one in held] == [None, None]
