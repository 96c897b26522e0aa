"""The jobs of one GES graph, from the graph's own host: `ges-graph`. Here some jobs can be stopped.

See PROTOCOL.md, section 3. The list has no filters, and only its records tell which job can be stopped.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend_adapters.backend import Answer
from backend_adapters.errors import LoginKind, NoSuchGraph, Unsupported
from backend_adapters.ges import messages
from backend_adapters.ges.adapter import GesBackend
from backend_adapters.ges.endpoints import Endpoint
from backend_adapters.ges.errors import error_from_ges, explain_reply, is_error, is_login_refused
from backend_adapters.model import ODD_ID, Ability, Action, Capabilities, Scope, TaskId, is_task_id
from backend_adapters.transport.error_body import Reply
from backend_adapters.transport.target import Target

CANCEL_CONFIRM_WITHIN = 30.0
"""Seconds after which a stop must show: running jobs stop with a delay."""

REFUSAL_CONFIRM_WITHIN = 3.0
"""Seconds to look again after a refusal."""

_REFUSAL_STATUSES = (200, 400, 404, 409, 500)
"""The statuses of a refused stop, such as 400 with GES.8303 and 500 with GES.8304."""


class GesGraphBackend(GesBackend):
    """The jobs of one graph; see `backend_adapters.backend.Backend`."""

    default_login: LoginKind = "token"
    extra_headers: Mapping[str, str] = {"X-Language": "en-us"}

    def make_endpoint(self, target: Target) -> Endpoint:
        """The endpoint of the target's graph."""
        return Endpoint("v1.0", target.project or "", graph=target.graph or "", own_host=True)

    def abilities(self) -> Capabilities:
        """What the engine can do: list jobs, and stop those that can be stopped."""
        return Capabilities(
            cancel=Ability(True),
            delete=messages.NO_GRAPH_DELETE,
            force_delete=messages.NO_GRAPH_DELETE,
            submit=messages.NO_GRAPH_SUBMIT,
            create=messages.NO_CREATE,
            noun="jobs",
        )

    async def scopes(self) -> tuple[Scope, ...]:
        """Only this graph: each has an address of its own."""
        self._check_target()
        return (Scope(graph=self._target.graph or ""),)

    async def act(self, action: Action, task_id: TaskId) -> Answer:
        """Ask once to stop a job, unless its record says that it can't be stopped; see `Backend.act`."""
        self._check_target()
        ability = self.abilities().ability_for(action)
        if not ability:
            raise Unsupported(ability.reason)
        if not is_task_id(task_id):
            raise Unsupported(f'Job "{task_id}": {ODD_ID} Nothing was sent.')
        task = self._refresh.positions.last_seen(task_id)
        if task is not None and task.stoppable is False:
            raise Unsupported(messages.NOT_STOPPABLE.format(id=task_id))
        return self._read_answer(await self._client.cancel_job(task_id))

    def _read_answer(self, reply: Reply) -> Answer:
        """The answer about the job. Raises BackendError for one about the login or the server."""
        if not is_error(reply):
            return Answer(reply.code, "", True, CANCEL_CONFIRM_WITHIN)
        if is_login_refused(reply):
            # The next request reads the credentials again; this one is never repeated.
            self.auth.forget_secret()
        elif reply.code in _REFUSAL_STATUSES and not reply.is_html and explain_reply(reply):
            plain = reply.code in (400, 404)
            return Answer(
                reply.code,
                explain_reply(reply),
                False,
                REFUSAL_CONFIRM_WITHIN if plain else CANCEL_CONFIRM_WITHIN,
            )
        raise error_from_ges(reply, self._client.where, self.auth)

    async def _check_graph(self, graph: str) -> None:
        """Nothing to check: an engine that answers is the graph, even without jobs."""

    def _retention_note(self) -> str:
        return ""

    def _check_target(self) -> None:
        super()._check_target()
        if not self._target.graph:
            raise NoSuchGraph(
                "Each GES graph has its own address, and no graph is set.",
                hint="Use --graph to name the graph that this address belongs to.",
            )
