"""A job that takes all of the server's memory: nothing is said of it that is not so, and the others go on."""

from __future__ import annotations

import asyncio

import pytest

from backend_adapters.model import Action
from tests.heavy.conftest import running
from tests.heavy.large_results import VERSIONS, out_of_memory
from tests.live.recorded_monitor import record_monitor
from tests.live.seeded_tasks import QUICK, Jobs
from tui.monitor.health import Phase
from tui.monitor.outcomes import Outcome

HUGE = "'a' * 300000000"
"""A result that does not fit into 768 MB while it is made."""

POLLS = 5
"""Polls after which the server has written down what became of it, if it ever will."""


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_job_that_takes_all_memory_hides_no_other(version: str) -> None:
    with running(version) as server, Jobs(server) as jobs:
        ended = await asyncio.to_thread(jobs.submit_many, 5)
        huge = await asyncio.to_thread(jobs.submit, HUGE)
        async with record_monitor(server) as watch:
            await watch.live()
            await watch.until(lambda: out_of_memory(server))
            for _ in range(POLLS):
                await watch.polled()
            # The five were submitted at once: a later one can have been given a lower id.
            assert watch.ids == watch.expected_order()
            assert (watch.ids[0], set(watch.ids)) == (huge, {huge, *ended})
            word = watch.word(huge)
            report = await watch.act_on(Action.DELETE, huge)
            if word == "failed":
                assert report.outcome is Outcome.DELETED
            else:
                # Its worker died before it could write that down.
                assert word == "running"
                assert report.outcome is Outcome.REFUSED
                assert "Can't delete incomplete task" in report.words
            new = await asyncio.to_thread(jobs.submit, QUICK)
            await watch.shows(new, "success")
            assert watch.health.phase is Phase.LIVE
            assert set(watch.ids) - {huge} == {*ended, new}
