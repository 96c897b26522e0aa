"""Draw the pictures of the README from the demo, with its clock standing still: `make screenshots`."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import NamedTuple

os.environ.update(TZ="UTC", TERM="xterm-256color", COLORTERM="truecolor")
os.environ.pop("NO_COLOR", None)
time.tzset()

import httpx  # noqa: E402

from backend_adapters.simulator import COMPUTER_DEMO, DEMO_HUGEGRAPH, hugegraph_app  # noqa: E402
from backend_adapters.simulator.ges import DEMO_GES, ges_app  # noqa: E402
from backend_adapters.transport.credentials import Credentials  # noqa: E402
from backend_adapters.transport.target import Target  # noqa: E402
from screenshots.cells import PictureApp  # noqa: E402
from tests.ui.joint_app import make_company  # noqa: E402
from tests.ui.running_app import wait_for_rest  # noqa: E402
from tui.config.options import ScreenOptions  # noqa: E402
from tui.monitor.clock import Clock  # noqa: E402

HERE = Path(__file__).parent
BEGIN = 1_795_435_200_000
"""2026-11-23 12:00:00 UTC in epoch milliseconds."""
LIVED = 26_000
"""Milliseconds that the demo has lived when it is drawn: something runs, waits, ended and failed."""


class Picture(NamedTuple):
    """What is drawn: the size in cells, the keys pressed, how it is started, and which server it shows.

    Without a dialect it shows all places of the made-up company.
    """

    size: tuple[int, int]
    keys: tuple[str, ...] = ()
    options: ScreenOptions = ScreenOptions()
    dialect: str = "hugegraph"


PICTURES = {
    "company": Picture((120, 34), dialect=""),
    "problem": Picture((120, 34), ("6", "G", "enter"), dialect=""),
    "timeline": Picture((120, 34), ("6", "G", "T"), dialect=""),
    "list": Picture((120, 34)),
    "failure": Picture((120, 34), ("4", "enter", "o")),
    "input": Picture((120, 34), ("slash", *"warehouse", "enter", "i")),
    "filter": Picture((120, 34), ("slash", *"type=gremlin took>10s", "enter")),
    "cancel": Picture((100, 28), ("slash", *"personByCity", "enter", "C")),
    "production": Picture((100, 28), ("asterisk", "delete"), ScreenOptions(production=True)),
    "light": Picture((120, 34), ("enter",), ScreenOptions(theme="graphtop-light")),
    "small": Picture((80, 24), ("4", "enter")),
    "ges": Picture((160, 34), ("slash", *"partial", "enter", "enter"), dialect="ges"),
    "computer": Picture((120, 34), ("slash", *"success", "enter", "i"), dialect="computerdis"),
}


class Still(Clock):
    """A clock that moves only when it is told to."""

    moment = BEGIN

    def now(self) -> int:
        """The moment it stands at, epoch milliseconds."""
        return self.moment

    def monotonic(self) -> float:
        """Stands as well."""
        return self.moment / 1000


def server(dialect: str, clock: Still) -> tuple[httpx.ASGITransport, Credentials]:
    """The demo's server for a dialect, and how to get in."""
    if dialect.startswith("ges"):
        token = DEMO_GES.tokens[0]
        return httpx.ASGITransport(ges_app(DEMO_GES, clock.now)), Credentials(token=lambda: token)
    settings = COMPUTER_DEMO if dialect == "computerdis" else DEMO_HUGEGRAPH
    return httpx.ASGITransport(hugegraph_app(settings, clock.now)), Credentials()


def start(picture: Picture) -> PictureApp:
    """The demo on one server, or on those of the made-up company."""
    clock = Still()
    if not picture.dialect:
        places = make_company(clock, picture.options)
        return PictureApp(None, picture.options, clock=clock, destinations=places)
    http, credentials = server(picture.dialect, clock)
    clock.moment += LIVED
    target = Target(
        url="http://demo",
        profile="demo",
        dialect=picture.dialect,
        project=DEMO_GES.project,
        credentials=credentials,
        http=http,
        now=lambda: clock.now() / 1000,
    )
    return PictureApp(target, picture.options, clock=clock)


async def draw(name: str, picture: Picture) -> None:
    """Run the demo, press the keys, and write the picture."""
    app = start(picture)
    async with app.run_test(size=picture.size) as pilot:
        await wait_for_rest(pilot)
        for key in picture.keys:
            await pilot.press(key)
            await wait_for_rest(pilot)
        app.save_screenshot(f"{name}.svg", str(HERE))
    print(f"screenshots/{name}.svg")


def main() -> None:
    """Draw them all."""
    for name, picture in PICTURES.items():
        asyncio.run(draw(name, picture))


if __name__ == "__main__":
    main()
