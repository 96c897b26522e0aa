"""`graphtop simulate`: the demo's server on a port, for any client of HugeGraph's REST API."""

from __future__ import annotations

import argparse
import dataclasses


def run(arguments: list[str]) -> int:
    """Serve until interrupted; returns the exit code."""
    parser = argparse.ArgumentParser(prog="graphtop simulate", description=__doc__, allow_abbrev=False)
    parser.add_argument("--port", type=int, default=8080, help="where to listen (8080)")
    parser.add_argument("--host", default="127.0.0.1", help="on which address (127.0.0.1)")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another world (7)")
    parser.add_argument("--version", default="1.7.0", choices=("1.5.0", "1.7.0"), help="act as this version")
    parser.add_argument("--scheduler", default="local", choices=("local", "distributed"))
    parser.add_argument("--backend", default="rocksdb", choices=("rocksdb", "memory"))
    parser.add_argument("--tasks", type=int, default=360, metavar="N", help="finished tasks at the start")
    parser.add_argument("--unfinished", type=int, default=0, metavar="N", help="unfinished ones besides")
    chosen = parser.parse_args(arguments)
    from backend_adapters.simulator import DEMO, hugegraph_app
    from backend_adapters.simulator.serve import serve

    # Graphspaces came with 1.7.0: an older server has the graphs of one space only.
    old = chosen.version < "1.7.0"
    settings = dataclasses.replace(
        DEMO,
        version=chosen.version,
        scheduler=chosen.scheduler,
        backend=chosen.backend,
        seed=chosen.seed,
        history=chosen.tasks,
        unfinished=chosen.unfinished,
        graphs=DEMO.graphs[:2] if old else DEMO.graphs,
        graphspaces=() if old else DEMO.graphspaces,
    )
    serve(hugegraph_app(settings), chosen.host, chosen.port)
    return 0
