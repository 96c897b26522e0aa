"""Ports for servers that give theirs back while they restart, so that nobody else may get them meanwhile."""

from __future__ import annotations

import os
import re
import socket
from contextlib import suppress

FIRST, LAST = 20_000, 32_000
"""Below the range from which the system takes ports for outgoing connections and for port 0."""
SLICE = 500
"""How many of them a worker of pytest-xdist has for itself."""

_tried = iter(range(SLICE))


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens; never the same twice, nor one of another worker."""
    for number in _tried:
        # Another run of the tests has the same slice, and begins elsewhere in it.
        port = first_of(os.environ.get("PYTEST_XDIST_WORKER", "")) + (os.getpid() + number) % SLICE
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise RuntimeError(f"all {SLICE} ports of this worker were given out")


def first_of(worker: str) -> int:
    """The first port of a worker: `gw3` has the fourth slice, and whoever is no worker the first."""
    number = re.search(r"\d+$", worker)
    return FIRST + (int(number[0]) if number else 0) * SLICE % (LAST - FIRST)
