"""What a test can make go wrong at the simulated GES."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from backend_adapters.simulator.ges import DEMO_GES
from tests.support.faulty_ges import FaultyGes, GesFault, GesWrong

NOW = 1_795_420_000_000
V1 = "/v1.0/demo-project/graphs/jobs"
V2 = "/v2/demo-project/graphs/jobs"
ENGINE = "/ges/v1.0/demo-project/graphs/fraud_ring/jobs/status"


class Client:
    """A project at rest, asked with the demo's token."""

    def __init__(self) -> None:
        self.app = FaultyGes(replace(DEMO_GES, pace=0), lambda: NOW)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://simulated",
            headers={"X-Auth-Token": "demo-token"},
        )

    async def get(self, path: str = V1, **query: int) -> httpx.Response:
        return await self.http.get(path, params=query or None)

    async def wrongly(self, wrong: GesWrong, path: str = V1, **how: Any) -> httpx.Response:
        """One wrong answer; the next is right again."""
        self.app.faults.append(GesFault(wrong, **how))
        answer = await self.get(path)
        assert (await self.get(path)).status_code == 200
        return answer


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.mark.parametrize(
    ("wrong", "status", "body"),
    [
        (GesWrong.ERROR_IN_200, 200, {"errorCode": "GES.9999", "errorMessage": "Request processing failed."}),
        (GesWrong.FAILED, 400, {"errorCode": "GES.9999", "errorMessage": "Request processing failed."}),
        (GesWrong.FORM_2021, 400, {"errCode": "GES.0001", "externalMessage": "Parameter error."}),
        (
            GesWrong.ENGINE_DOWN,
            408,
            {"errorCode": "GES.7005", "errorMessage": "The graph engine is unavailable."},
        ),
    ],
)
async def test_errors_of_ges(client: Client, wrong: GesWrong, status: int, body: object) -> None:
    answer = await client.wrongly(wrong)
    assert (answer.status_code, answer.json()) == (status, body)


async def test_errors_of_the_others(client: Client) -> None:
    iam = await client.wrongly(GesWrong.IAM_FORM)
    assert (iam.status_code, iam.json()["error"]["code"]) == (401, 401)
    assert iam.json()["error"]["title"] == "Unauthorized"
    expired = await client.wrongly(GesWrong.EXPIRED)
    assert (expired.status_code, expired.json()["error_code"]) == (401, "APIGW.0307")
    assert expired.json()["request_id"] == expired.headers["x-request-id"]
    second = await client.wrongly(GesWrong.FAILED, V2)
    assert second.json() == {"error_code": "GES.9999", "error_msg": "Request processing failed."}


@pytest.mark.parametrize(("seconds", "header"), [(0, None), (3, "3")])
async def test_throttled(client: Client, seconds: int, header: str | None) -> None:
    answer = await client.wrongly(GesWrong.THROTTLED, seconds=seconds)
    assert (answer.status_code, answer.json()["error_code"]) == (429, "APIGW.0308")
    assert answer.headers.get("Retry-After") == header


@pytest.mark.parametrize(("wrong", "status"), [(GesWrong.HTML, 200), (GesWrong.BAD_GATEWAY, 502)])
async def test_html(client: Client, wrong: GesWrong, status: int) -> None:
    answer = await client.wrongly(wrong)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


async def test_a_late_answer_is_the_right_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("tests.support.faulty_ges.asyncio", SimpleNamespace(sleep=sleep))
    right = (await client.get()).json()
    assert (await client.wrongly(GesWrong.DELAY, seconds=2.5)).json() == right
    assert waited == [2.5]


async def test_a_redirect_to_another_host(client: Client) -> None:
    answer = await client.wrongly(GesWrong.REDIRECT)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("http://elsewhere.example/")


async def test_a_page_that_repeats(client: Client) -> None:
    first = await client.get(offset=0, limit=10)
    client.app.faults.append(GesFault(GesWrong.REPEATED, path="offset=10"))
    second = await client.get(offset=10, limit=10)
    assert second.json() == first.json()
    assert (await client.get(offset=10, limit=10)).json() != first.json()


@pytest.mark.parametrize(("path", "key"), [(V1, "jobCount"), (V2, "job_count"), (ENGINE, "jobCount")])
async def test_a_count_that_disagrees(client: Client, path: str, key: str) -> None:
    right = (await client.get(path)).json()[key]
    assert (await client.wrongly(GesWrong.COUNT, path)).json()[key] == right + 7


@pytest.mark.parametrize(("path", "key"), [(V1, "jobList"), (V2, "job_list"), (ENGINE, "jobs")])
async def test_no_list(client: Client, path: str, key: str) -> None:
    assert (await client.wrongly(GesWrong.NO_LIST, path)).json()[key] is None


@pytest.mark.parametrize("wrong", [GesWrong.MISSING, GesWrong.NULL, GesWrong.WRONG_TYPE])
async def test_fields_of_the_first_job(client: Client, wrong: GesWrong) -> None:
    right = (await client.get()).json()["jobList"]
    for field in right[0]:
        first, *others = (await client.wrongly(wrong, field=field)).json()["jobList"]
        assert others == right[1:]
        if wrong is GesWrong.MISSING:
            assert field not in first
        elif wrong is GesWrong.NULL:
            assert first[field] is None
        else:
            assert type(first[field]) is not type(right[0][field])
        assert {**first, field: None} == {**right[0], field: None}
    first = (await client.wrongly(wrong)).json()["jobList"][0]
    assert set(first.values()) <= {None} if wrong is GesWrong.NULL else first != right[0]
    assert bool(first) == (wrong is not GesWrong.MISSING)


async def test_a_status_that_nobody_knows(client: Client) -> None:
    rows = (await client.wrongly(GesWrong.UNKNOWN_STATUS)).json()["jobList"]
    assert [row["status"] for row in rows[:2]] == ["frozen", "running"]


async def test_an_empty_error_is_none(client: Client) -> None:
    right = (await client.get()).json()
    answer = (await client.wrongly(GesWrong.EMPTY_ERROR)).json()
    assert answer == right | {"errorCode": "", "errorMessage": ""}


async def test_bodies_that_are_cut(client: Client) -> None:
    assert (await client.wrongly(GesWrong.EMPTY)).content == b""
    whole = (await client.get()).content
    assert (await client.wrongly(GesWrong.CUT_JSON)).content == whole[: len(whole) // 2]
    for wrong in (GesWrong.CUT, GesWrong.LOST):
        client.app.faults.append(GesFault(wrong))
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get()


async def test_faults_choose_and_count(client: Client) -> None:
    client.app.faults += [
        GesFault(GesWrong.HTML, path="/v2/"),
        GesFault(GesWrong.BAD_GATEWAY, times=2),
        GesFault(GesWrong.HTML, when=lambda method, target: target.endswith("limit=3")),
    ]
    seen = [(await client.get()).status_code for _ in range(3)]
    assert seen == [502, 502, 200]
    assert (await client.get(limit=3)).headers["content-type"] == "text/html"
    assert (await client.get(V2)).headers["content-type"] == "text/html"
    assert client.app.requests[0] == f"GET {V1}"
    assert client.app.requests[3] == f"GET {V1}?limit=3"
