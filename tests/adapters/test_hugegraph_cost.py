"""What a poll costs does not depend on how many finished tasks there are."""

from __future__ import annotations

from tests.bench.wire import FEW, POLLS, polled, world

MANY = 20 * FEW


async def test_a_poll_asks_and_gets_the_same_with_a_thousand_and_with_twenty_thousand():
    few, many = await polled(world(FEW, MANY)), await polled(world(MANY, MANY))
    assert few == many
    requests, asked, answered = many
    assert requests == POLLS, "one request a poll"
    assert asked < 1_500 * POLLS
    assert answered < 1_500 * POLLS
