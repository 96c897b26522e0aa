"""Ports for the tests' servers: each one's own."""

from __future__ import annotations

import socket

import pytest

from tests.support import ports
from tests.support.ports import FIRST, LAST, SLICE, first_of, free_port


def test_no_port_is_given_twice() -> None:
    given = [free_port() for _ in range(20)]
    assert len(set(given)) == 20


def test_a_port_on_which_somebody_listens_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_tried", iter(range(SLICE)))
    taken = free_port()
    monkeypatch.setattr(ports, "_tried", iter(range(SLICE)))
    with socket.create_server(("127.0.0.1", taken)):
        assert free_port() != taken


@pytest.mark.parametrize(("worker", "first"), [("", FIRST), ("gw0", FIRST), ("gw3", FIRST + 3 * SLICE)])
def test_each_worker_has_its_own_ports(worker: str, first: int) -> None:
    assert first_of(worker) == first


def test_a_worker_with_a_high_number_has_some_too() -> None:
    assert FIRST <= first_of("gw999") <= LAST - SLICE
