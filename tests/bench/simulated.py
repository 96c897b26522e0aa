"""How soon a simulated server with a long history is there: `graphtop simulate` and tests wait for it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from backend_adapters.simulator import HugeGraphSettings, hugegraph_app
from backend_adapters.simulator.ges import GesSettings, ges_app
from backend_adapters.simulator.hugegraph.graph_load import GraphLoad
from tests.bench.figures import Figure, median, report

REPEATS = 5


def taken(made: Callable[[], object]) -> float:
    """Milliseconds of the processor to make a server."""
    gc.collect()
    began = time.process_time()
    made()
    return (time.process_time() - began) * 1000


def main() -> None:
    """Report both dialects, and many graphs."""
    tasks = HugeGraphSettings(history=100_000, unfinished=50, specials=False, pace=0)
    names = [f"graph_{number}" for number in range(500)]
    graphs = HugeGraphSettings(
        graphs=tuple(names), loads={name: GraphLoad(history=200) for name in names}, pace=0
    )
    jobs = GesSettings(history=10_000, unfinished=50, specials=False, pace=0)
    for what, made, limit in (
        ("a simulated HugeGraph with 100,000 tasks is there, CPU", lambda: hugegraph_app(tasks), 2000.0),
        (
            "a simulated HugeGraph with 500 graphs of 200 tasks is there, CPU",
            lambda: hugegraph_app(graphs),
            2000.0,
        ),
        ("a simulated GES with 10,000 jobs is there, CPU", lambda: ges_app(jobs), 250.0),
    ):
        times = [taken(made) for _ in range(REPEATS)]
        report(Figure(what=what, ours=median(times), unit="ms", goal=f"<= {limit:,.0f} ms", limit=limit))


if __name__ == "__main__":
    main()
