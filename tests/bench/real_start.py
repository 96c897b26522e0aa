"""From the start of the process to the first rows of a real HugeGraph 1.7.0, near and over a far line."""

from __future__ import annotations

import sys
from functools import partial
from urllib.parse import urlsplit

from tests.bench.depth import ROUND_TRIP, make_far_figure, remember
from tests.bench.figures import Figure, interleaved, median, report
from tests.bench.raw_terminal import BARE, GRAPHTOP
from tests.bench.servers import compiled, serving
from tests.bench.start import rows_after
from tests.live.jars import JarsUnavailable
from tests.live.seeded_tasks import QUICK, Jobs
from tests.live.server import HugeGraphServer, ServerFailed

REPEATS = 9
TASKS = 40


def measure_starts(url: str) -> None:
    """Start the bare program and graphtop in turns: near and far, as a known server and as a new one."""
    place = urlsplit(url)
    line = ("tests.bench.delay_proxy", str(place.hostname), str(place.port), str(ROUND_TRIP))
    with serving(*line) as (far, _):
        commands = (
            BARE,
            (*GRAPHTOP, url),
            (*GRAPHTOP, far),
            (*GRAPHTOP, far, "--no-cache"),
        )
        for one in (url, far):
            remember(one)
        times = interleaved([partial(rows_after, *command) for command in commands], REPEATS)
    bare, near, known, new = map(median, times)
    against = "Textual with a table and a footer"
    report(
        Figure(
            what="start to the first frame with rows: a real HugeGraph 1.7.0",
            ours=near,
            unit="ms",
            goal="<= 1.25 x",
            limit=1.25,
            baseline=bare,
            against=against,
            by_ratio=True,
        ),
        *(
            make_far_figure(
                f"the same over a line of {ROUND_TRIP} ms per round trip: {name} server",
                time,
                bare,
                limit,
                "one round trip opens the connection",
            )
            for name, time, limit in (("a new", new, 4.0), ("a known", known, 2.0))
        ),
    )


def main() -> None:
    """Measure, or say why there is no server."""
    compiled()
    try:
        server = HugeGraphServer()
        server.start()
    except (ServerFailed, JarsUnavailable) as error:
        print(f"no real server here: {error}", file=sys.stderr)
        return
    try:
        with Jobs(server) as jobs:
            for number in [jobs.submit(QUICK) for _ in range(TASKS)]:
                jobs.wait(number, "success")
        measure_starts(server.url)
    finally:
        server.close()


if __name__ == "__main__":
    main()
