"""The ways on from a list: to another graph, to the other list of the same graph, to a new job."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from backend_adapters.errors import BackendError
from backend_adapters.model import Place, Recipe, Scope, Sibling, TaskId
from tui import text
from tui.monitor.monitor import Monitor
from tui.monitor.place_labels import name_place
from tui.monitor.watched_place import WatchedPlace
from tui.screens.tasks.interfaces import TasksHost

if TYPE_CHECKING:
    from tui.screens.tasks.screen import TasksScreen

NO_PLACE = "No graph is there to be watched now. Press P to open another profile."
ONE_PLACE = "One place is watched. Press a to watch all graphs of this server, P to choose several profiles."


class Navigation:
    """The dialogs that lead away from the list of one monitor."""

    def __init__(self, screen: TasksScreen, host: TasksHost, monitor: Monitor, *, ascii: bool) -> None:
        self._screen = screen
        self._host = host
        self._monitor = monitor
        self._ascii = ascii
        self._siblings: tuple[Sibling, ...] = ()

    @property
    def _watched(self) -> WatchedPlace:
        """The place that is watched; of several the one of the task under the cursor, or the first."""
        if not self._monitor.is_joint:
            return self._monitor.only
        task = self._screen.panes.selected_task
        found = None if task is None else self._monitor.find_place(task)
        return found or self._monitor.places[0]

    @property
    def _current_scope(self) -> Scope:
        """The graph that is watched."""
        source = self._watched.backend.source
        return Scope(graph=source.graph, graphspace=source.graphspace)

    def _list_watched_scopes(self, watched: WatchedPlace) -> list[Scope]:
        """The graphs that are watched of the server of a place."""
        profile = watched.backend.source.profile
        sources = [one.backend.source for one in self._monitor.places]
        return [
            Scope(graph=one.graph, graphspace=one.graphspace) for one in sources if one.profile == profile
        ]

    @property
    def _has_several_servers(self) -> bool:
        """Whether the places that are watched belong to several profiles."""
        return len({one.backend.source.profile for one in self._monitor.places}) > 1

    # Another graph.

    def choose_graph(self) -> None:
        """Choose another graph of this server, or several."""
        # Imported here, as all dialogs are: the first rows do not wait for them.
        from tui.screens.dialogs.dialog import explain_error_in_dialog
        from tui.screens.dialogs.graph_picker import GraphPickerScreen

        if not self._monitor.places:
            # All graphs that a pattern means have been dropped.
            self._screen.show_message(NO_PLACE)
            return
        watched, current = self._watched, self._current_scope
        picker = GraphPickerScreen(
            current,
            self._count_known(),
            watched.backend.count_running,
            lambda: may_ask(watched),
            watched=self._list_watched_scopes(watched),
            others="none unfinished" if self._knows_all_graphs else "",
            server=watched.backend.source.profile if self._has_several_servers else "",
            ascii=self._ascii,
        )

        async def fill() -> None:
            try:
                scopes = await watched.backend.scopes()
            except BackendError as error:
                picker.show_failure(text.sanitize(explain_error_in_dialog(error)))
            else:
                picker.fill_scopes(scopes)

        def open_chosen(scopes: tuple[Scope, ...] | None) -> None:
            if scopes and (self._monitor.is_joint or scopes != (current,)):
                self._open_graphs(scopes, watched)

        self._screen.app.push_screen(picker, open_chosen)
        self._screen.run_worker(fill(), exclusive=True, group="scopes")

    def _open_graphs(self, scopes: tuple[Scope, ...], watched: WatchedPlace) -> None:
        """Watch these graphs of the server of a place."""
        from tui.screens.dialogs.graph_picker import ALL_GRAPHS

        if ALL_GRAPHS in scopes:
            self._host.watch_all_graphs(watched.place)
        elif len(scopes) > 1:
            self._host.watch_scopes(scopes, watched.place)
        else:
            self._host.switch_to(scopes[0], watched.backend.source.dialect, watched.place)

    def toggle_all_graphs(self) -> None:
        """Show all graphs of this server together, or go back to the place from which that was done."""
        if self._host.leave_all_graphs():
            return
        servers = [(one.backend.source.profile, one.backend.source.url) for one in self._monitor.places]
        if len(set(servers)) == 1 < len(servers):
            self._screen.show_message("These are graphs of one server. Press b to choose others, or all.")
        elif self._monitor.is_joint:
            self._screen.show_message(
                "To see all graphs of one of these servers, open a place with A, then press a."
            )
        elif not self._current_scope.graph and self._watched.health.info is not None:
            self._screen.show_message("This list already has the jobs of all graphs.")
        else:
            self._host.watch_all_graphs()

    def show_places(self, *, utc: bool) -> None:
        """Show the places that are watched together; from one that was opened alone go back to all."""
        from tui.screens.dialogs.places import PlacesScreen

        if not self._monitor.is_joint:
            if not self._host.watch_places_again():
                self._screen.show_message(ONE_PLACE)
            return
        task = self._screen.panes.selected_task
        current = None if task is None else task.place
        dialog = PlacesScreen(self._monitor, self._host, current=current, utc=utc, ascii=self._ascii)
        self._screen.app.push_screen(dialog, self._open_watched_place)

    def _open_watched_place(self, place: Place | None) -> None:
        if place is not None:
            self._host.open_watched_place(place)

    @property
    def _knows_all_graphs(self) -> bool:
        """Whether the jobs of a whole project are in memory, and all of them."""
        health = self._watched.health
        return not self._current_scope.graph and health.is_complete and health.error is None

    def _count_known(self) -> dict[Scope, str]:
        """What the tasks in memory tell of the graph that is watched, or of each graph of a project."""
        store, noun = self._watched.store, self._monitor.noun
        unfinished = [store.tasks[task_id] for task_id in store.unfinished]
        known = {}
        if not self._current_scope.graph:
            counts = Counter(task.graph for task in unfinished if task.graph)
            known = {Scope(graph=graph): f"{number} unfinished" for graph, number in counts.items()}
        more = "" if self._watched.health.is_complete else "+"
        all_tasks = f"{text.format_count(len(store.tasks))}{more} {noun}"
        if self._watched.health.error is not None:
            known[self._current_scope] = f"no answer; {all_tasks} before"
        else:
            known[self._current_scope] = f"{text.format_count(len(unfinished))} unfinished of {all_tasks}"
        return known

    # The other list of the same graph.

    @property
    def sibling(self) -> Sibling | None:
        """The other list that can be shown; None until the server was asked, and where it has none."""
        return next((sibling for sibling in self._siblings if sibling.ability), None)

    async def find_siblings(self) -> None:
        """Ask the server which other lists it has; after an error there are none."""
        try:
            self._siblings = await self._watched.backend.siblings()
        except BackendError:
            return
        self._screen.refresh_bindings()

    def show_sibling(self) -> None:
        """Show the other list, then both, then the first again; or say why there is no other."""
        if self._monitor.is_joint:
            if not self._host.show_first_list():
                self._screen.show_message(
                    "To switch one place between tasks and computer jobs, open it alone with A and enter,"
                    " then press L."
                )
            return
        sibling = self.sibling
        if sibling is not None:
            self._host.show_next_list(self._current_scope, sibling.dialect)
            return
        if self._watched.health.last_ok is None:
            self._screen.show_message("The server has not answered yet, so its other lists are not known.")
            return
        reasons = [sibling.ability.reason for sibling in self._siblings]
        self._screen.show_message(reasons[0] if reasons else "This server has no other list of jobs.")

    # A new job.

    def choose_recipe(self) -> None:
        """Choose what to create, then give its parameters."""
        from tui.screens.dialogs.choice_list import Choice
        from tui.screens.dialogs.picker import PickerScreen

        recipes = {recipe.name: recipe for recipe in self._watched.backend.recipes()}
        choices = [Choice(name, name, _list_parameters(recipe)) for name, recipe in recipes.items()]

        def create(name: str | None) -> None:
            if name is not None:
                self._open_form(recipes[name])

        self._screen.app.push_screen(PickerScreen("Create a job", choices, ascii=self._ascii), create)

    def _open_form(self, recipe: Recipe) -> None:
        from tui.screens.dialogs.create_job import CreateJobScreen

        place = name_place(self._watched.backend.source)

        async def send(values: Mapping[str, str]) -> TaskId:
            work = self._monitor.create_job(recipe.name, values)
            try:
                return await asyncio.shield(work)
            except asyncio.CancelledError:
                # The dialog has gone with its screen, and the job is created all the same.
                work.add_done_callback(lambda work: self._say_late(work, recipe, place))
                raise

        def say_created(task_id: TaskId | None) -> None:
            if task_id is not None:
                self._screen.show_message(f"Job {task_id} ({recipe.name}) was accepted.")

        self._screen.app.push_screen(CreateJobScreen(recipe, place, send, ascii=self._ascii), say_created)

    def _say_late(self, work: asyncio.Task[TaskId], recipe: Recipe, place: str) -> None:
        """Say what became of a job whose dialog is gone; say nothing when the program ends."""
        if work.cancelled():
            return
        error = work.exception()
        if error is None:
            self._screen.show_message(f"{place}: job {work.result()} ({recipe.name}) was accepted.")
        elif isinstance(error, BackendError):
            from tui.screens.dialogs.create_job import describe_refusal

            why = describe_refusal(error, in_dialog=False)
            self._screen.show_message(f"{place}, {recipe.name}: {why}", severity="error")


def may_ask(watched: WatchedPlace) -> bool:
    """Whether a server can bear a question that nobody needs answered: it answers, and is not busy."""
    return watched.health.error is None and not watched.backend.is_busy


def _list_parameters(recipe: Recipe) -> str:
    """The names of a recipe's parameters, the required ones first."""
    ordered = sorted(recipe.params, key=lambda param: not param.required)
    return ", ".join(param.name for param in ordered[:4]) + (", …" if len(ordered) > 4 else "")
