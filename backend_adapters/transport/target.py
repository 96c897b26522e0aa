"""What an adapter is opened with: where the server is, and how to talk to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct, field
from msgspec.structs import force_setattr

from backend_adapters.remembered_place import RememberedPlace
from backend_adapters.transport.credentials import Credentials
from backend_adapters.transport.url import host_and_port, normalize_url

if TYPE_CHECKING:
    import httpx

    from backend_adapters.transport.request_budget import RequestBudget

PathStyle: TypeAlias = Literal["auto", "classic", "graphspace"]
"""`/graphs/{g}` (classic), `/graphspaces/{gs}/graphs/{g}` (graphspace), or found out (auto)."""


class Timeouts(Struct, frozen=True):
    """Seconds to wait for a connection, and for the next bytes of an answer."""

    connect: float = 5.0
    read: float = 30.0


class Tls(Struct, frozen=True, kw_only=True):
    """How an https server is checked, and the certificate that it is shown."""

    ca_file: str | None = None
    """A file of certificates to trust, in place of the usual ones."""
    client_cert: str | None = None
    client_key: str | None = None
    """The key of the client certificate, where it is not in the same file."""
    insecure: bool = False
    """The server's certificate is not checked at all."""


class Target(Struct, frozen=True, kw_only=True):
    """One place to look at: a server, a dialect, perhaps a graph, and how to log in.

    User and password in the URL are taken out at once: they would end up in messages and in `ps`.
    Raises Unreachable when the URL is none.
    """

    url: str
    profile: str = ""
    """A name for people; host and port where none is given."""
    dialect: str = "auto"
    graph: str | None = None
    graphspace: str | None = None
    paths: PathStyle = "auto"
    project: str | None = None
    """The project of a cloud account, where the dialect has projects (GES)."""
    since: str | None = None
    """Only jobs that began on this day or later, `2026-11-23`, where the server can filter by day."""
    until: str | None = None
    """Only jobs up to this day, inclusive."""
    credentials: Credentials = field(default_factory=Credentials)
    timeouts: Timeouts = Timeouts()
    tls: Tls = Tls()
    http: httpx.AsyncBaseTransport | None = None
    """Instead of the network: `httpx.ASGITransport(app)`, for tests."""
    now: Callable[[], float] = time.time
    """This machine's time in epoch seconds, to compare with the server's."""
    remembered: RememberedPlace | None = None
    """What is remembered of the place; None for one that is not known."""
    demo: int | None = None
    """The seed of a simulated server within this process, to talk to instead of the network."""
    budget: RequestBudget | None = None
    """The requests that it shares with other places, where several are watched; None for a place alone."""

    def __post_init__(self) -> None:
        url = normalize_url(self.url)
        force_setattr(self, "url", url)
        force_setattr(self, "profile", self.profile or host_and_port(url))
