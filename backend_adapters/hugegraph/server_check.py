"""Finds out whether a server that failed over a request still answers others."""

from __future__ import annotations

from collections.abc import Container, Sequence

from backend_adapters.errors import BackendError
from backend_adapters.hugegraph.client import ABSENT_ID, HugeGraphClient
from backend_adapters.hugegraph.errors import (
    fewer_may_work,
)
from backend_adapters.transport.request_context import read_request_clock

_LATE = 20.0
"""Seconds after which a request failed late: servers and graphtop give up after 30."""

_SOON = 5.0
"""Seconds within which a server answers for no task at all, unless something asked before keeps it."""

_VERSION_WITHIN = 5.0
"""Seconds within which a server tells its version that only its tasks keep busy."""


async def check_alive(
    client: HugeGraphClient, error: BackendError, asked: Sequence[int] = (), exist: Container[int] = ()
) -> None:
    """Raise the error where it does not come from the tasks asked for: the server answers nothing else.

    Where it stopped answering about its tasks alone, one of the ids `asked` for may be the cause: they are
    deferred. Those in `exist` certainly exist.
    """
    if not fewer_may_work(error):
        raise error
    # Of many requests that fail at once one asks. The others know then, and their tasks are not suspected.
    async with client.responsiveness.checking:
        lately = client.responsiveness.answered_lately
        if not client.responsiveness.is_silent:
            if await _answers_soon(client, error.seconds):
                return
            client.responsiveness.note_silence(alive=await _answers_version(client))
    # Whatever it says of this request, it says the same of the shortest one there is.
    error.retryable = True
    if lately and client.responsiveness.is_stuck:
        client.batch.ask_few()
        if asked and not client.responsiveness.waiting_people:
            client.deferred.defer(asked, exist)
    raise error


async def _answers_soon(client: HugeGraphClient, failed_after: float) -> bool:
    """Whether the server answers about its tasks; where another request failed late, it must do so soon.

    Else it may answer only because it has worked off what kept it.
    """
    began = read_request_clock()
    try:
        await client.request_ids([ABSENT_ID])
    except BackendError:
        return False
    return failed_after < _LATE or read_request_clock() - began < _SOON


async def _answers_version(client: HugeGraphClient) -> bool:
    """Whether the server still tells its version."""
    try:
        return (await client.transport.get("versions", within=_VERSION_WITHIN)).is_success
    except BackendError:
        return False
