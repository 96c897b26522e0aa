"""GraphsAPI: graphs that are created and dropped while the server runs.

The answers were measured on servers 1.5.0 and 1.7.0, the latter with and without PD and logins. A real server
waits 10 s for tasks to end before it refuses to drop their graph; this one refuses at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from backend_adapters.simulator.hugegraph import wire
from backend_adapters.simulator.hugegraph.records import ENDED_STATUSES, GraphTasks
from backend_adapters.simulator.hugegraph.settings import DEFAULT_SPACE
from backend_adapters.simulator.hugegraph.world import HugeGraphWorld

CONFIRM_DROP = "I'm sure to drop the graph"
"""What `confirm_message` must say to drop a graph."""

_REQUIRED = ("backend", "serializer", "store")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}")
_FACTORY = "org.apache.hugegraph.auth.HugeFactoryAuthProxy"
_CREATE = "org.apache.hugegraph.api.profile.GraphsAPI.create(GraphsAPI.java:202)"
_DROP = "org.apache.hugegraph.api.profile.GraphsAPI.drop(GraphsAPI.java:148)"


class GraphsApi:
    """The requests that create and drop graphs."""

    def __init__(self, world: HugeGraphWorld) -> None:
        self.world = world
        self.settings = world.settings

    def create_graph(
        self, space: str, name: str, config: Mapping[str, object] | None, *, logged_in: bool
    ) -> dict[str, object]:
        """`POST /graphspaces/{gs}/graphs/{name}`: to be sent with 201. 1.7 can't do it without logins."""
        space = self._check_space(space)
        if config is None:
            raise wire.illegal_argument("Config parameters cannot be null")
        for option in _REQUIRED:
            if not config.get(option):
                raise wire.illegal_argument(f"Required parameter '{option}' is missing or empty")
        if self.settings.release[:2] == (1, 7) and not logged_in:
            raise wire.null_pointer(
                'Cannot invoke "org.apache.hugegraph.auth.HugeGraphAuthProxy$Context.user()" because the '
                'return value of "org.apache.hugegraph.auth.HugeGraphAuthProxy.getContext()" is null',
                _CREATE,
            )
        self._add_graph(space, name, str(config["store"]))
        return {
            "name": name,
            "nickname": str(config.get("nickname") or name),
            "backend": str(config["backend"]),
            "description": str(config.get("description") or ""),
        }

    def create_from_properties(self, name: str, text: str) -> dict[str, object]:
        """`POST /graphs/{name}` before 1.7, whose body is a properties file: to be sent with 200."""
        config = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        self._add_graph(DEFAULT_SPACE, name, config.get("store", name))
        return {"name": name, "backend": config.get("backend", self.settings.backend)}

    def _add_graph(self, space: str, name: str, store: str) -> None:
        if any(store == graph for _, graph in self.world.graphs):
            raise wire.illegal_argument(f"The value '{store}' of option 'store' conflicts with existed graph")
        if (space, name) in self.world.graphs:
            raise wire.illegal_argument(f"The graph name '{name}' has existed")
        if not _NAME.fullmatch(name):
            raise wire.JavaError(
                500,
                "java.lang.RuntimeException",
                f"GraphFactory could not instantiate this Graph implementation [class {_FACTORY}]",
                "java.lang.reflect.InvocationTargetException",
            )
        self.world.create_graph(space, name)

    def drop_graph(self, space: str, name: str, message: str | None) -> None:
        """`DELETE /graphspaces/{gs}/graphs/{name}`: to be answered with 204."""
        space = self._check_space(space)
        if message != CONFIRM_DROP:
            raise wire.illegal_argument(f"Please take the message: {CONFIRM_DROP}")
        graph_tasks = self.world.graphs.get((space, name))
        if graph_tasks is None:
            raise wire.illegal_argument(f"The graph '{name}' doesn't exist", _DROP)
        if len(self.world.graphs) == 1:
            raise wire.illegal_argument(f"The graph '{name}' is the only one, not allowed to delete", _DROP)
        if unfinished := _count_unfinished(graph_tasks):
            raise wire.JavaError(
                400,
                "org.apache.hugegraph.HugeException",
                "Failed to wait all tasks to complete",
                "java.util.concurrent.TimeoutException: "
                f"There are still {unfinished} incomplete tasks after 10 seconds",
                (_DROP,),
            )
        self.world.drop_graph(graph_tasks)

    def _check_space(self, space: str) -> str:
        """The graphspace in which a request works: without PD it is DEFAULT, whatever the path says."""
        if not self.settings.has_pd:
            return DEFAULT_SPACE
        if space not in self.settings.known_spaces:
            raise wire.illegal_argument(f"The graph space '{space}' does not exist")
        return space


def _count_unfinished(graph_tasks: GraphTasks) -> int:
    return len(graph_tasks) - sum(len(graph_tasks.select_tasks(status, 0, None)) for status in ENDED_STATUSES)
