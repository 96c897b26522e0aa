"""The budget of requests that places share which are watched together, and the connections they share.

How many requests go out, and in which order: see `place_slots`. Who shares connections: see `shared_clients`.
"""

from __future__ import annotations

from backend_adapters.transport.place_slots import PlaceSlots, SharedSlots
from backend_adapters.transport.shared_clients import ClientShare, SharedClients
from backend_adapters.transport.target import Target


class RequestBudget:
    """What all places that are watched together share: their targets carry it."""

    def __init__(self) -> None:
        self._slots = SharedSlots()
        self._clients = SharedClients()

    def give_slots(self, target: Target) -> PlaceSlots:
        """The slots of one more place, for the requests to its server."""
        return PlaceSlots(self._slots, target.url)

    def share_clients(self, target: Target) -> ClientShare:
        """A share of the HTTP clients for a target's server and login, to be closed with the place."""
        return ClientShare(self._clients, target)

    @property
    def waiting_count(self) -> int:
        """How many requests wait for their turn."""
        return self._slots.waiting_count

    @property
    def under_way_count(self) -> int:
        """How many requests are under way."""
        return self._slots.under_way_count

    @property
    def pool_count(self) -> int:
        """How many pools of HTTP clients there are: one for each login to each server in use."""
        return self._clients.pool_count
