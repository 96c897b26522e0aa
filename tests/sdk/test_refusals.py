"""What Huawei's SDK 3.1.219 makes of the simulated project's refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend_adapters.simulator import wall_clock
from backend_adapters.simulator.ges import EMPTY_GES
from tests.sdk.conftest import ServedProject, ask, serve_project
from tests.support.faulty_ges import GesFault, GesWrong

MINUTES = 60_000


async def refusal(call: Any, request: Any) -> Any:
    """The SDK's exception."""
    from huaweicloudsdkcore.exceptions.exceptions import SdkException

    with pytest.raises(SdkException) as caught:
        await ask(call, request)
    return caught.value


async def listing(server: ServedProject, **how: str) -> Any:
    """The SDK's exception from listing."""
    from huaweicloudsdkges.v1 import ListJobsRequest

    return await refusal(server.client(**how).list_jobs, ListJobsRequest())


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (
            {"sk": "wrong"},
            "verify aksk signature fail, canonicalRequest:GET|/v1.0/demo-project/graphs/jobs/||",
        ),
        ({"ak": "nobody"}, "ak nobody not exist"),
        ({"token": "stale"}, "ak demo-ak not exist"),
    ],
    ids=["secret", "key", "security token"],
)
async def test_wrong_keys(how: dict[str, str], words: str) -> None:
    async with serve_project(EMPTY_GES) as server:
        said = await listing(server, **how)
        assert (said.status_code, said.error_code) == (401, "APIGW.0301")
        assert said.error_msg.startswith(f"Incorrect IAM authentication information: {words}")
        assert len(said.request_id) == 32


@pytest.mark.parametrize("off", [-16 * MINUTES, 16 * MINUTES])
async def test_a_clock_that_is_off(off: int) -> None:
    async with serve_project(EMPTY_GES, wall_clock() + off) as server:
        said = await listing(server)
        assert (said.status_code, said.error_code) == (401, "APIGW.0301")
        assert "signature expired, signature time:" in said.error_msg


async def test_a_clock_that_is_a_little_off() -> None:
    from huaweicloudsdkges.v1 import ListJobsRequest

    async with serve_project(EMPTY_GES, wall_clock() + 14 * MINUTES) as server:
        assert (await ask(server.client().list_jobs, ListJobsRequest())).status_code == 200


async def test_another_project() -> None:
    async with serve_project(EMPTY_GES) as server:
        client = server.client()
        client.get_credentials().project_id = "somebody-elses"
        from huaweicloudsdkges.v1 import ListJobsRequest

        said = await refusal(client.list_jobs, ListJobsRequest())
        assert (said.status_code, said.error_code) == (403, "APIGW.0310")


async def test_the_throttle() -> None:
    from huaweicloudsdkges.v1 import ListJobsRequest

    async with serve_project(replace(EMPTY_GES, throttle=2)) as server:
        call = server.client().list_jobs
        for _ in range(2):
            assert (await ask(call, ListJobsRequest())).status_code == 200
        said = await refusal(call, ListJobsRequest())
        assert "429" in str(said)
        server.offset = 61_000
        assert (await ask(call, ListJobsRequest())).status_code == 200


async def test_not_found() -> None:
    import huaweicloudsdkges.v1 as v1
    import huaweicloudsdkges.v2 as v2

    async with serve_project(EMPTY_GES) as server:
        graph = server.app.world.graphs[0].id
        said = await refusal(
            server.client("v2").show_job2, v2.ShowJob2Request(graph_id=graph, job_id="0" * 32)
        )
        assert (said.status_code, said.error_code) == (400, "GES.8301")
        assert said.error_msg == f"can not find job, jobId is {'0' * 32}"
        # The SDK does not know the keys of v1's errors: the code is the status, the message the whole body.
        said = await refusal(server.client().show_job, v1.ShowJobRequest(graph_id=graph, job_id="0" * 32))
        assert said.status_code == 400
        assert '"errorCode":"GES.8301"' in said.error_msg
        said = await refusal(server.client("v2").show_job2, v2.ShowJob2Request(graph_id="none", job_id="1"))
        assert said.error_code == "GES.7000"


async def test_parameters_that_are_wrong() -> None:
    from huaweicloudsdkges.v2 import ListJobs2Request

    async with serve_project(EMPTY_GES) as server:
        for query in ({"limit": "0"}, {"offset": "-1"}, {"status": "pending"}, {"start_time": "x"}):
            said = await refusal(server.client("v2").list_jobs2, ListJobs2Request(**query))
            assert (said.status_code, said.error_code) == (400, "GES.0001")


async def test_errors_that_come_as_200() -> None:
    from huaweicloudsdkges.v1 import ListJobsRequest

    async with serve_project(EMPTY_GES) as server:
        server.app.faults.append(GesFault(GesWrong.ERROR_IN_200))
        answer = await ask(server.client().list_jobs, ListJobsRequest())
        assert (answer.status_code, answer.error_code, answer.job_list) == (200, "GES.9999", None)
