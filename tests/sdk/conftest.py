"""Huawei's official SDK, and a simulated project on a socket for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from backend_adapters.simulator.ges import GesSettings
from tests.support.faulty_ges import FaultyGes
from tests.support.simulated_servers import serve_in_loop

T = TypeVar("T")
_HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps these tests in one worker of xdist: one process imports the SDK."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.xdist_group("sdk"))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK writes into the home folder when it is imported, and asks proxies unless it is told not to."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp()))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


class ServedProject:
    """A simulated project on a socket, with a clock that stands still until a test moves it."""

    def __init__(self, settings: GesSettings, start: int) -> None:
        self.offset = 0
        self._start = start
        self.app = FaultyGes(settings, self.time)
        self.url = ""

    def time(self) -> int:
        """The project's time, epoch ms. It begins with the real one: the SDK signs by that."""
        return self._start + self.offset

    def client(self, version: str = "v1", ak: str = "demo-ak", sk: str = "demo-sk", token: str = "") -> Any:
        """The SDK's client for GES, signing with a key."""
        from huaweicloudsdkcore.auth.credentials import BasicCredentials

        if version == "v1":
            from huaweicloudsdkges.v1 import GesClient
        else:
            from huaweicloudsdkges.v2 import GesClient
        credentials = BasicCredentials(ak, sk, self.app.settings.project)
        if token:
            credentials = credentials.with_security_token(token)
        return GesClient.new_builder().with_credentials(credentials).with_endpoint(self.url).build()


@asynccontextmanager
async def serve_project(settings: GesSettings, start: int | None = None) -> AsyncIterator[ServedProject]:
    """Serve a project while the context lasts."""
    from backend_adapters.simulator import wall_clock

    made = ServedProject(settings, wall_clock() if start is None else start)
    async with serve_in_loop(made.app) as url:
        made.url = url
        yield made


async def ask(call: Callable[..., T], *arguments: Any) -> T:
    """Make a blocking call of the SDK while the server, in this loop, answers it."""
    return await asyncio.to_thread(call, *arguments)
