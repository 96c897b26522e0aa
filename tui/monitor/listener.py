"""What the engine tells its user interface."""

from __future__ import annotations

from collections.abc import Sequence

from backend_adapters.model import Place, TaskKey
from tui.monitor.filters import FilterError
from tui.monitor.health import Health
from tui.monitor.outcomes import Report
from tui.monitor.store import Change


class Listener:
    """What the engine reports to its user interface. Calls come on the event loop and must return quickly."""

    def rows_changed(self, changes: Sequence[Change]) -> None:
        """Tasks changed; the view already shows them.

        Where a place with very many rows goes, the view may show them a moment longer. Where such a place
        comes, only `shape_changed` tells of its rows.
        """

    def tasks_changed(self, changes: Sequence[Change]) -> None:
        """Tasks changed in a place that is watched, also where its rows are hidden."""

    def place_left(self, place: Place | None) -> None:
        """A place is watched no longer, while others are."""

    def shape_changed(self) -> None:
        """The view shows another order, filter or group, or was built anew as places came or went."""

    def filter_refused(self, error: FilterError) -> None:
        """A filter was rejected because it takes too long; the view stays as it was."""

    def overlays_changed(self) -> None:
        """What is shown besides the server's state changed: actions under way."""

    def health_changed(self, health: Health) -> None:
        """The state of the refresh changed, in one of the places."""

    def operation_ended(self, report: Report) -> None:
        """An action on a task has ended, or a force deleted task has reappeared."""

    def batch_ended(self, reports: Sequence[Report]) -> None:
        """All actions started together have ended; `operation_ended` has been called for each."""

    def ids_on_screen(self) -> Sequence[TaskKey]:
        """The keys of the rows on the screen."""
        return ()

    def on_internal_error(self, error: BaseException) -> None:
        """An error in graphtop itself that nothing else handles."""
