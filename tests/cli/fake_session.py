"""A command's session on a fake server, with a clock that a test moves."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile
from typing import TextIO, TypeVar

from msgspec import Struct

from backend_adapters.model import Task
from backend_adapters.transport.target import Target
from tests.unit.fakes import FakeBackend, FakeClock, FakeServer
from tui.cli.run_command import read_options
from tui.cli.work.session import Session
from tui.config.profiles import Config
from tui.config.resolved import resolve_settings
from tui.connection.resolve import ResolvedConnection

S = TypeVar("S", bound=Struct)


def make_connection(target: Target | None = None, **flags) -> ResolvedConnection:
    """A connection for a session, with the settings that these flags give."""
    settings = resolve_settings(Config(path=Path("/etc/graphtop/config.toml")), flags=flags)
    return ResolvedConnection(target=target or Target(url="http://fake"), settings=settings)


class FakeSession:
    def __init__(self, *rows: Task, server: FakeServer | None = None, **flags) -> None:
        self.clock = FakeClock()
        self.backend = FakeBackend(self.clock, rows, server)
        self.session = Session(make_connection(**flags), self.backend, self.clock)

    def asked(self, call: str) -> Sequence[object]:
        """What the server was asked with this call."""
        return [about for name, about in self.backend.calls if name == call]


def options_of(kind: type[S], **arguments) -> S:
    """The options of a command that was given these arguments: confirmed beforehand, and without colours."""
    usual = {"in_pipe": "table", "color": "never", "yes": True}
    return read_options(kind, argparse.Namespace(**usual | arguments))


@contextmanager
def standard_input(data: bytes) -> Iterator[TextIO]:
    """What stands for the standard input of a command within this process: a file, as `< FILE` gives it."""
    with TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        yield TextIOWrapper(file, encoding="utf-8")
