"""Draw the pictures of the README from the demo, with its clock standing still: `make screenshots`."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

os.environ.update(TZ="UTC", TERM="xterm-256color", COLORTERM="truecolor")
os.environ.pop("NO_COLOR", None)
time.tzset()

import httpx  # noqa: E402
from textual.pilot import Pilot  # noqa: E402

from backend_adapters.registry import Target  # noqa: E402
from backend_adapters.simulator import DEMO, hugegraph_app  # noqa: E402
from tui.app import Graphtop  # noqa: E402
from tui.config import Options  # noqa: E402
from tui.monitor.clock import Clock  # noqa: E402

HERE = Path(__file__).parent
BEGIN = 1_795_435_200_000
"""2026-11-23 12:00:00 UTC in epoch milliseconds."""
LIVED = 26_000
"""Milliseconds that the demo has lived when it is drawn: something runs, waits, ended and failed."""

PICTURES: dict[str, tuple[tuple[int, int], tuple[str, ...], Options]] = {
    "list": ((120, 34), (), Options()),
    "failure": ((120, 34), ("4", "enter", "o"), Options()),
    "input": ((120, 34), ("slash", *"warehouse", "enter", "i"), Options()),
    "filter": ((120, 34), ("slash", *"type=gremlin took>10s", "enter"), Options()),
    "cancel": ((100, 28), ("slash", *"personByCity", "enter", "C"), Options()),
    "production": ((100, 28), ("asterisk", "delete"), Options(production=True)),
    "light": ((120, 34), ("enter",), Options(theme="graphtop-light")),
    "small": ((80, 24), ("4", "enter"), Options()),
}
"""Name: (columns, lines), the keys pressed, how it is started."""


class Still(Clock):
    """A clock that moves only when it is told to."""

    moment = BEGIN

    def now(self) -> int:
        """The moment it stands at, epoch milliseconds."""
        return self.moment

    def monotonic(self) -> float:
        """Stands as well."""
        return self.moment / 1000


async def draw(name: str, size: tuple[int, int], keys: tuple[str, ...], options: Options) -> None:
    """Run the demo, press the keys, and write the picture."""
    clock = Still()
    server = hugegraph_app(DEMO, clock.now)
    clock.moment += LIVED
    target = Target(url="http://demo", profile="demo", http=httpx.ASGITransport(server))
    app = Graphtop(target, options, clock=clock)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        app.save_screenshot(f"{name}.svg", str(HERE))
    print(f"screenshots/{name}.svg")


async def settle(pilot: Pilot[None]) -> None:
    """Give the program the time to read and to draw."""
    for _ in range(8):
        await pilot.pause(0.06)


def main() -> None:
    """Draw them all."""
    for name, (size, keys, options) in PICTURES.items():
        asyncio.run(draw(name, size, keys, options))


if __name__ == "__main__":
    main()
