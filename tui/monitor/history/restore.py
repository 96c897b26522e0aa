"""Makes tasks and places of the model out of the history's, so that filters and tables take them."""

from __future__ import annotations

from backend_adapters.model import Place, Task, TaskExtras
from tui.monitor.history.records import HistoryPlace, HistoryTask


def restore_place(place: HistoryPlace, number: int) -> Place:
    """The place of the model that stands for one of the history's."""
    return Place(
        number=number,
        profile=place.profile,
        dialect=place.dialect,
        graph=place.graph,
        graphspace=place.graphspace,
        label=place.name,
    )


class TaskRestorer:
    """Makes tasks of what is kept; tasks of one place share what tells only of the place."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}
        self._extras: dict[str, TaskExtras] = {}

    def find_place(self, place: HistoryPlace) -> Place:
        """The place of the model, always the same one for the same place."""
        known = self._places.get(place.key)
        if known is None:
            known = self._places[place.key] = restore_place(place, len(self._places) + 1)
            self._extras[place.key] = TaskExtras(place=known)
        return known

    def restore_task(self, record: HistoryTask) -> Task:
        """The task as a list told it when it was seen last."""
        place = self.find_place(record.place)
        if record.headline is None:
            extras = self._extras[record.place.key]
        else:
            extras = TaskExtras(place=place, reason=record.headline)
        return Task(
            id=record.task_id,
            type=record.type,
            name=record.name,
            status=record.status,
            raw_status=record.raw_status,
            created=record.created,
            updated=record.updated,
            progress=record.progress,
            retries=record.retries,
            server=record.server,
            graph=record.graph,
            extras=extras,
        )
