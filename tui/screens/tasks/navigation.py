"""Where else one can go from a list: another graph, the other list of the same graph, a new job."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from textual.notifications import SeverityLevel

from backend_adapters.errors import BackendError
from backend_adapters.model import Recipe, Scope, Sibling, TaskId
from backend_adapters.sentences import join_sentences
from tui import text
from tui.monitor.monitor import Monitor
from tui.screens.dialogs.create_job import CreateScreen, refusal
from tui.screens.dialogs.picker import Choice, PickScreen

if TYPE_CHECKING:
    from textual.screen import Screen

Switch = Callable[[Scope, str], None]
"""Shows another place, in the dialect that is named."""


class Say(Protocol):
    """Says a sentence to the person."""

    def __call__(self, sentence: str, *, severity: SeverityLevel = "information") -> None:
        """Say it."""


class Elsewhere:
    """The dialogs that lead away from one monitor's list."""

    def __init__(
        self, screen: Screen[None], monitor: Monitor, switch: Switch, say: Say, *, ascii: bool
    ) -> None:
        self._screen = screen
        self._monitor = monitor
        self._switch = switch
        self._say = say
        self._ascii = ascii
        self._siblings: tuple[Sibling, ...] = ()

    @property
    def here(self) -> Scope:
        """The place that is watched."""
        source = self._monitor.backend.source
        return Scope(graph=source.graph, graphspace=source.graphspace)

    # Another graph.

    def choose_graph(self) -> None:
        """Choose another graph of this server."""
        picker = PickScreen[Scope]("Switch graph", current=self.here, ascii=self._ascii)

        def picked(scope: Scope | None) -> None:
            if scope is not None and scope != self.here:
                self._switch(scope, self._monitor.backend.source.dialect)

        async def fill() -> None:
            try:
                scopes = await self._monitor.scopes()
            except BackendError as error:
                picker.fail(text.sanitize(join_sentences(str(error), error.hint)))
            else:
                picker.fill([Choice(scope, scope.qualified_graph or "all graphs") for scope in scopes])

        self._screen.app.push_screen(picker, picked)
        self._screen.run_worker(fill(), exclusive=True, group="scopes")

    # The other list of the same graph.

    @property
    def sibling(self) -> Sibling | None:
        """The other list that can be shown, once it is known."""
        return next((sibling for sibling in self._siblings if sibling.ability), None)

    async def find_siblings(self) -> None:
        """Ask the server once which other lists it has; an error leaves it at none."""
        try:
            self._siblings = await self._monitor.siblings()
        except BackendError:
            return
        self._screen.refresh_bindings()

    def go_to_sibling(self) -> None:
        """Show the other list, or say why there is none."""
        sibling = self.sibling
        if sibling is not None:
            self._switch(self.here, sibling.dialect)
            return
        reasons = [sibling.ability.reason for sibling in self._siblings]
        self._say(reasons[0] if reasons else "There is no other list beside this one.")

    # A new job.

    def choose_recipe(self) -> None:
        """Choose what to create, then give its parameters."""
        recipes = {recipe.name: recipe for recipe in self._monitor.backend.recipes()}
        choices = [Choice(name, name, _parameters(recipe)) for name, recipe in recipes.items()]

        def picked(name: str | None) -> None:
            if name is not None:
                self._create(recipes[name])

        self._screen.app.push_screen(PickScreen("Create a job", choices, ascii=self._ascii), picked)

    def _create(self, recipe: Recipe) -> None:
        source = self._monitor.backend.source
        place = f"{source.profile} · {source.qualified_graph}"

        async def send(values: Mapping[str, str]) -> TaskId:
            work = self._monitor.create(recipe.name, values)
            try:
                return await asyncio.shield(work)
            except asyncio.CancelledError:
                # The dialog has gone with its screen, and the job is created all the same.
                work.add_done_callback(lambda work: self._tell_late(work, recipe, place))
                raise

        def done(task_id: TaskId | None) -> None:
            if task_id is not None:
                self._say(f"The server accepted job {task_id}, {recipe.name}.")

        self._screen.app.push_screen(CreateScreen(recipe, place, send, ascii=self._ascii), done)

    def _tell_late(self, work: asyncio.Task[TaskId], recipe: Recipe, place: str) -> None:
        """Say what became of a job whose dialog is gone; nothing where the program ends."""
        if work.cancelled():
            return
        error = work.exception()
        if error is None:
            self._say(f"{place}: the server accepted job {work.result()}, {recipe.name}.")
        elif isinstance(error, BackendError):
            self._say(f"{place}, {recipe.name}: {refusal(error)}", severity="error")


def _parameters(recipe: Recipe) -> str:
    """The names of a recipe's parameters, the required ones first."""
    ordered = sorted(recipe.params, key=lambda param: not param.required)
    return ", ".join(param.name for param in ordered[:4]) + (", …" if len(ordered) > 4 else "")
