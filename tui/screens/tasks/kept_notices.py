"""What a person has asked to be told of, from one place to the next: nobody watches a place that is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from backend_adapters.model import Task, TaskId, is_different_task
from tui.monitor.end_watch import EndKind, TaskEnd
from tui.monitor.monitor import Monitor
from tui.monitor.view import Shape
from tui.monitor.watched_place import WatchedPlace


class LeftTask(Struct, frozen=True):
    """A task whose end was asked for, and whose place was left."""

    url: str
    dialect: str
    graph: str
    """With its graphspace."""
    task: Task
    """As it was seen last."""

    @property
    def task_id(self) -> TaskId:
        """The server's own id of it."""
        return self.task.id

    def is_of(self, place: WatchedPlace) -> bool:
        """Whether a place is the one that was left."""
        source = place.backend.source
        return (source.url, source.dialect, source.qualified_graph) == (self.url, self.dialect, self.graph)


class KeptNotices(Struct):
    """What goes on to be wanted when a place is left."""

    tasks: list[LeftTask] = []
    filters: list[Shape] = []

    def keep_tasks(self, monitor: Monitor, tasks: Iterable[Task]) -> None:
        """Keep tasks of a monitor that is left."""
        for task in tasks:
            if (place := monitor.find_place(task)) is not None:
                source = place.backend.source
                self.tasks.append(LeftTask(source.url, source.dialect, source.qualified_graph, task))

    def take_tasks(self, monitor: Monitor) -> Iterator[tuple[Task, TaskEnd | None]]:
        """Take those whose places are watched again: each as it is now, and what became of it meanwhile."""
        for place in monitor.places:
            for left in [one for one in self.tasks if one.is_of(place)]:
                now = place.store.tasks.get(left.task_id)
                if now is None and not place.health.is_complete:
                    # It may still come.
                    continue
                self.tasks.remove(left)
                yield (now or left.task), _judge_meanwhile(left.task, now)


def _judge_meanwhile(before: Task, now: Task | None) -> TaskEnd | None:
    if now is None:
        return TaskEnd(before, EndKind.GONE)
    if is_different_task(before, now):
        return TaskEnd(before, EndKind.REPLACED)
    return TaskEnd(now, EndKind.ENDED, now.duration) if now.status.is_finished else None
