"""What an hour of a session leaves in memory: 100 tasks a minute come, end and go, and keys are pressed."""

from __future__ import annotations

import asyncio
import tracemalloc

from tests.bench.figures import Figure, report
from tests.support.long_session import kept_bytes, run_session

TASKS_A_MINUTE = 100
WARM_UP, MEASURED = 1, 1
"""Hours: the first one fills what is bounded."""
HOURLY_KEYS = (
    *("enter", "o", "v", "escape", "B", "enter", "escape", "escape", "slash", "j", "enter", "escape"),
    *("M", "escape", "question_mark", "escape", "colon", "escape"),
)
"""Detail and its tabs, groups, a filter, messages, help and the palette."""


async def kept_per_hour() -> float:
    """Kilobytes that are there after an hour and were not before it."""
    async with run_session(tasks_a_minute=TASKS_A_MINUTE) as session:

        async def live(hours: int) -> int:
            for _ in range(hours):
                await session.live(60)
                await session.press(*HOURLY_KEYS)
            return kept_bytes()

        tracemalloc.start()
        before = await live(WARM_UP)
        return (await live(MEASURED) - before) / MEASURED / 1000


def main() -> None:
    """Report it."""
    report(
        Figure(
            what=f"kept per hour of a session with {TASKS_A_MINUTE} tasks a minute, and of 18 keys",
            ours=asyncio.run(kept_per_hour()),
            unit="kB",
            goal="bounded (<= 128 kB)",
            limit=128.0,
        )
    )


if __name__ == "__main__":
    main()
