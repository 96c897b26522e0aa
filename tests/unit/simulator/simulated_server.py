"""A client of a simulated HugeGraph in the same process."""

from __future__ import annotations

import httpx

from backend_adapters.simulator import EMPTY_HUGEGRAPH, HugeGraphApp, HugeGraphSettings

NOW = 1_795_420_000_000
TASKS = "/graphspaces/DEFAULT/graphs/hugegraph/tasks"
JOBS = "/graphspaces/DEFAULT/graphs/hugegraph/jobs/gremlin"
LONG = "for(i in 0..<60){Thread.sleep(1000)}"


class SimulatedServer:
    """A server with a clock that stands still until a test moves it."""

    def __init__(
        self, settings: HugeGraphSettings = EMPTY_HUGEGRAPH, app: type[HugeGraphApp] = HugeGraphApp
    ) -> None:
        self.now = NOW
        self.app = app(settings, lambda: self.now)
        transport = httpx.ASGITransport(self.app)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://simulated", auth=settings.auth)

    async def get(self, path: str, **query: object) -> httpx.Response:
        return await self.http.get(path, params=query or None)  # type: ignore[arg-type]

    async def ids(self, **query: object) -> list[int]:
        return [task["id"] for task in (await self.get(TASKS, **query)).json()["tasks"]]

    async def task(self, number: int) -> dict[str, object]:
        return (await self.get(f"{TASKS}/{number}")).json()

    async def status(self, number: int) -> object:
        return (await self.task(number))["task_status"]

    async def submit(self, *scripts: str, path: str = JOBS) -> None:
        for script in scripts:
            answer = await self.http.post(path, json={"gremlin": script})
            assert answer.status_code == 201
            assert answer.json().keys() == {"task_id"}

    async def cancel(self, number: int) -> httpx.Response:
        return await self.http.put(f"{TASKS}/{number}?action=cancel")

    def pass_time(self, seconds: float) -> None:
        self.now += int(seconds * 1000)
