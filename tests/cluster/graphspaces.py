"""Creates and drops graphspaces and their graphs on a real cluster, which takes a PD and logins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.live.recorded_places import drop_graph
from tests.live.seeded_tasks import Jobs
from tests.live.server import HugeGraphServer
from tests.support.patience import PATIENCE
from tests.terminal.configured_home import configure

WITH_LOGINS = "1.7.0 with logins"
"""Without a PD there is no graphspace but DEFAULT, and without logins none can be created."""
_LIMITS = {"cpu_limit": 1, "memory_limit": 1, "storage_limit": 1, "max_graph_number": 10}


def create_in_graphspace(client: httpx.Client, graphspace: str, graph: str) -> None:
    """Create a graph, and its graphspace where that is not DEFAULT."""
    if graphspace != "DEFAULT":
        made = client.post("/graphspaces", json={"name": graphspace} | _LIMITS)
        assert made.status_code == 201, made.text
    settings = {
        "gremlin.graph": "org.apache.hugegraph.HugeFactory",
        "backend": "hstore",
        "serializer": "binary",
        "store": graph,
        "nickname": graph,
        "task.scheduler_type": "distributed",
        "task.schedule_period": 1,
    }
    made = client.post(f"/graphspaces/{graphspace}/graphs/{graph}", json=settings)
    assert made.status_code == 201, made.text


def drop_graphspace(client: httpx.Client, graphspace: str) -> None:
    """Drop a graphspace with its graphs; all their tasks have ended, else half of it would stay for good."""
    # It waits for running tasks of other graphs, too.
    dropped = client.delete(f"/graphspaces/{graphspace}", timeout=PATIENCE)
    assert dropped.status_code == 204, dropped.text


@contextmanager
def jobs_of_new_graph(server: HugeGraphServer, graph: str) -> Iterator[Jobs]:
    """The tasks of a new graph in DEFAULT: the one of the server's own configuration is in no list."""
    with Jobs(server, graph) as jobs:
        create_in_graphspace(jobs.http, "DEFAULT", graph)
        try:
            yield jobs
        finally:
            if server.running:
                jobs.clear()
                drop_graph(jobs.http, graph)


def write_profile(home: Path, server: HugeGraphServer) -> None:
    """Write a profile `real` with all graphs of a server."""
    user, password = server.auth or ("", "")
    secret = home / "secret"
    secret.touch(0o600)
    secret.write_text(password)
    configure(
        home,
        f'[profiles.real]\nurl = "{server.url}"\nuser = "{user}"\npassword_file = "{secret}"\n'
        'graphs = ["*"]\n',
    )
