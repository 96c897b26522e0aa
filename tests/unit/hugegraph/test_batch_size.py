"""How many tasks are asked for after an answer: many light ones, of heavy ones as many as are still quick."""

from __future__ import annotations

from backend_adapters.hugegraph.batch_size import FIRST_BATCH, BatchSize


def test_light_tasks_are_soon_asked_for_in_large_numbers() -> None:
    batch = BatchSize()
    batch.note_answer(FIRST_BATCH, 0.02, 10_000)
    assert batch.size == 4 * FIRST_BATCH


def test_heavy_results_that_a_fast_server_gives_quickly_are_asked_for_in_no_larger_numbers() -> None:
    batch = BatchSize()
    batch.note_answer(7, 0.18, 7_000)
    assert batch.size == FIRST_BATCH, "28 results of 25 MB fill the server's memory"
    batch.note_answer(10, 0.1, 10_000)
    assert batch.size == 20, "as many as are still quick"
