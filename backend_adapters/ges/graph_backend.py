"""The jobs of one GES graph, from the graph's own host: `ges-graph`. Here some jobs can be stopped.

Facts: GES, section 3. The list has no filters, and no other request tells whether a job can be stopped.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend_adapters.backend import Answer
from backend_adapters.errors import NoSuchGraph, Unsupported, Wants
from backend_adapters.ges import messages as words
from backend_adapters.ges.adapter import GesBackend
from backend_adapters.ges.endpoints import Plane, engine
from backend_adapters.ges.errors import fails, fault_of, refuses_login, words_of
from backend_adapters.model import ODD_ID, Ability, Action, Capabilities, Scope, TaskId, is_task_id
from backend_adapters.transport.error_body import Reply
from backend_adapters.transport.target import Target

PATIENT = 30.0
"""Seconds: running jobs stop with a delay."""

REFUSED = 3.0
"""Seconds to look again after a plain no."""

_SPOKEN = (200, 400, 404, 409, 500)
"""What the engine says no with (GES.8303 with 400, GES.8304 with 500)."""


class GesGraphBackend(GesBackend):
    """The jobs of one graph; `backend_adapters.backend.Backend` says what the methods promise."""

    usual: Wants = "token"
    headers: Mapping[str, str] = {"X-Language": "en-us"}

    def plane(self, target: Target) -> Plane:
        """The list of the target's graph."""
        return engine(target.project or "", target.graph or "")

    def abilities(self) -> Capabilities:
        """What the service plane can do: list, and stop what says that it can be stopped."""
        return Capabilities(
            cancel=Ability(True),
            delete=words.NO_GRAPH_DELETE,
            force_delete=words.NO_GRAPH_DELETE,
            submit=words.NO_GRAPH_SUBMIT,
            create=words.NO_CREATE,
            noun="jobs",
        )

    async def scopes(self) -> tuple[Scope, ...]:
        """The one graph: another one has another address."""
        self._check_target()
        return (Scope(graph=self._target.graph or ""),)

    async def act(self, action: Action, task_id: TaskId) -> Answer:
        """Ask once to stop a job, unless the server said that it can't be stopped; see `Backend.act`."""
        self._check_target()
        ability = self.abilities().ability_for(action)
        if not ability:
            raise Unsupported(ability.reason)
        if not is_task_id(task_id):
            raise Unsupported(f"'{task_id}': {ODD_ID} Nothing was sent.")
        task = self._refresh.ledger.task(task_id)
        if task is not None and task.stoppable is False:
            raise Unsupported(words.NOT_STOPPABLE.format(id=task_id))
        return self._answer(await self._link.cancel(task_id))

    def _answer(self, reply: Reply) -> Answer:
        """What was said; raises for answers that are about something else than the job."""
        if not fails(reply):
            return Answer(reply.code, "", True, PATIENT)
        if refuses_login(reply):
            # The next request asks the credentials afresh; this one is never sent a second time.
            self.login.forget()
        elif reply.code in _SPOKEN and not reply.is_html and words_of(reply):
            plain = reply.code in (400, 404)
            return Answer(reply.code, words_of(reply), False, REFUSED if plain else PATIENT)
        raise fault_of(reply, self._link.where, self.login)

    async def _check_graph(self, graph: str) -> None:
        """An empty list is a graph without jobs: the engine is the graph."""

    def _note(self) -> str:
        return ""

    def _check_target(self) -> None:
        super()._check_target()
        if not self._target.graph:
            raise NoSuchGraph(
                "Each GES graph has an address of its own, and no graph is named.",
                hint="Name the graph that this address belongs to.",
            )
