"""graphtop with one part that raises: `python -m tests.terminal.broken_program PART demo`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from itertools import count
from typing import NoReturn

WORDS = "a\x1b[2J\x1b]52;c;cm0gLXJm\x07\x9b5mb\u202e[/x][@click=app.quit]\ud800"
"""What the exception says: as a server's words do that found their way into one."""

PARTS = {
    "compose": "tui.screens.tasks.screen.TasksScreen.compose",
    "mount": "tui.screens.tasks.screen.TasksScreen.on_mount",
    "timer": "tui.screens.tasks.presenter.TasksPresenter.draw_tick",
    "key": "tui.screens.tasks.screen.TasksScreen.action_show_help",
    "message": "tui.screens.tasks.screen.TasksScreen.on_resize",
    "draw": "tui.widgets.task_list.TaskList.render_line",
    "monitor": "tui.screens.tasks.presenter.TasksPresenter.rows_changed",
    "poll": "tui.monitor.store.Store.__len__",
    "worker": "tui.screens.tasks.detail_controller.DetailController._show_texts",
    "input thread": "tui.textual_ext.input_decoder.InputDecoder.decode",
    "output thread": "tui.textual_ext.terminal_output.TerminalOutput._write_pieces",
}
"""Where it can break, and what raises there."""


class Broken(Exception):
    """Raised on purpose."""


def raising(*_: object, **__: object) -> NoReturn:
    """Raise."""
    raise Broken(WORDS)


async def raising_later(*_: object, **__: object) -> NoReturn:
    """Raise in a coroutine."""
    await asyncio.sleep(0)
    raise Broken(WORDS)


def once(works: Callable[..., object]) -> Callable[..., object]:
    """Raise at the fifth call only: what never worked has nothing to leave as it was."""
    calls = count(1)

    def called(*arguments: object) -> object:
        return raising() if next(calls) == 5 else works(*arguments)

    return called


def main() -> None:
    """Break the part that is named first, and run graphtop with the other arguments."""
    from importlib import import_module

    part = sys.argv.pop(1)
    path, _, name = PARTS[part].rpartition(".")
    module, _, kind = path.rpartition(".")
    owner = getattr(import_module(module), kind)
    raises = raising_later if part == "worker" else raising
    setattr(owner, name, once(getattr(owner, name)) if part == "output thread" else raises)
    from tui.__main__ import main as run

    run()


if __name__ == "__main__":
    main()
