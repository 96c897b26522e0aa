"""The whole engine: the places that are watched, and what is done to their tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from backend_adapters.errors import BackendError
from backend_adapters.model import Ability, Action, Task, TaskId
from tui.monitor.outcomes import Outcome, Report
from tui.monitor.watched_place import WatchedPlace
from tui.monitor.watched_places import WatchedPlaces

PLACE_LEFT = "Its place is no longer watched; nothing was sent."


class Monitor(WatchedPlaces):
    """Watches a set of places and acts on them. Start it in a running event loop, and close it."""

    # From the start to the end.

    def start_watching(self) -> None:
        """Start the refresh and what reads in the background."""
        self._is_watching = True
        for place in self.places:
            place.start_watching()
        self._start_task(self.session_rows.run())
        for finder in self._finders:
            self._start_task(finder.run(self))

    async def finish_and_close(self) -> None:
        """Stop watching, follow the actions under way to their ends, then close."""
        self.session_rows.keep_now()
        try:
            for task in self._tasks - self._acts:
                task.cancel()
            await self._stop_places()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:
            await self.aclose()

    async def _stop_places(self) -> None:
        await asyncio.gather(*(place.stop_watching() for place in self.places))

    async def aclose(self) -> None:
        """Stop everything under way and close the connections."""
        self.session_rows.keep_now()
        for task in self._tasks:
            task.cancel()
        await self._stop_places()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._report_timer is not None:
            # Not before: what was still going on may have set it.
            self._report_timer.cancel()
        await asyncio.gather(*(place.aclose() for place in self.acting_places))
        await asyncio.gather(*(finder.aclose() for finder in self._finders))

    # Actions.

    def ability_for(self, action: Action) -> Ability:
        """Whether this can be done in any of the places, and why not."""
        abilities = [place.ability_for(action) for place in self.places]
        nowhere = abilities[0] if abilities else Ability(False, "No place is watched.")
        return next((ability for ability in abilities if ability), nowhere)

    def start_action(self, action: Action, shown: Sequence[Task]) -> None:
        """Carry out an action that a person has confirmed, on exactly these tasks."""
        self._keep_act(self._start_task(self._run_action(action, shown)))

    async def _run_action(self, action: Action, shown: Sequence[Task]) -> None:
        parts = self._split_by_place(shown)
        watched = {place.place for place, _ in parts}
        unsent = [self._report_left_place(action, task) for task in shown if task.place not in watched]
        done = await asyncio.gather(*(place.operations.run_action(action, tasks) for place, tasks in parts))
        self.listener.batch_ended([*(report for reports in done for report in reports), *unsent])
        for place, _ in parts:
            place.poller.poll_now()
        watching = zip(parts, done, strict=True)
        await asyncio.gather(*(one[0].operations.watch_for_reappearance(all_of) for one, all_of in watching))

    def _report_left_place(self, action: Action, task: Task) -> Report:
        """Report that nothing was sent, as a task's place was left between the question and the answer."""
        report = Report(action=action, task=task, outcome=Outcome.NOT_SENT, words=PLACE_LEFT, was_sent=False)
        self.listener.operation_ended(report)
        return report

    @property
    def acting_places(self) -> list[WatchedPlace]:
        """The places that are watched, and those left ones where actions are still under way."""
        return [*self.places, *self._left_places]

    @property
    def action_count(self) -> int:
        """How many tasks are being acted on."""
        return sum(place.operations.under_way for place in self.acting_places)

    def stop_sending(self) -> int:
        """Send no more requests anywhere, and count those that are not sent."""
        return sum(place.operations.stop_sending() for place in self.acting_places)

    @property
    def pending_creations(self) -> int:
        """How many jobs are being created: the server may have started them, but their ids are unknown."""
        return len(self._creations)

    def create_job(self, recipe: str, values: Mapping[str, str]) -> asyncio.Task[TaskId]:
        """Start creating a job, then poll for it; this goes on even if nobody awaits it.

        Its task raises BadValue and JournalError before anything is sent, or BackendError.
        """
        work = asyncio.create_task(self.only.create_job(recipe, values))
        for kept in (self._tasks, self._acts, self._creations):
            kept.add(work)
            work.add_done_callback(kept.discard)
        work.add_done_callback(self._report_failed_creation)
        return work

    def _report_failed_creation(self, work: asyncio.Task[TaskId]) -> None:
        """Report an error in graphtop itself; whoever awaits the job handles the server's refusal."""
        error = None if work.cancelled() else work.exception()
        if error is not None and not isinstance(error, BackendError):
            self.listener.on_internal_error(error)

    def drop_fetches(self) -> None:
        """Cancel what is being fetched of a task, wherever it is."""
        for place in self.places:
            place.details.drop_fetch()
