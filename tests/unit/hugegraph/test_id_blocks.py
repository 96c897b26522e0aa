"""Which ids are asked for where a cluster gives them out in blocks."""

from __future__ import annotations

from itertools import islice

import pytest

from backend_adapters.hugegraph.id_blocks import (
    IdBlocks,
    block_number,
    highest_id_per_block,
    last_id_of_block,
)
from backend_adapters.hugegraph.id_windows import widen_windows


@pytest.mark.parametrize(("number", "block"), [(1, 0), (9_999, 0), (10_000, 0), (10_001, 1), (20_000, 1)])
def test_a_block_has_ten_thousand_ids(number, block):
    assert (block_number(number), last_id_of_block(block)) == (block, (block + 1) * 10_000)


def test_the_top_of_a_block_is_its_highest_id_and_odd_ids_have_none():
    assert highest_id_per_block([3, 1, 10_001, 2, 10_000, 10_007]) == {0: 10_000, 1: 10_007}
    assert highest_id_per_block([0, -5, 2**50, 2**50 + 1]) == {}
    assert highest_id_per_block([2**50 - 1]) == {block_number(2**50 - 1): 2**50 - 1}


def test_windows_get_wider_up_to_the_end_of_the_block():
    some = list(islice(widen_windows(100, 20, 10_000), 6))
    assert [(near, numbers.start, len(numbers)) for near, numbers in some] == [
        (90, 101, 40), (120, 141, 80), (180, 221, 160), (300, 381, 320), (540, 701, 380), (890, 1081, 380),
    ]  # fmt: skip
    assert [list(numbers) for _, numbers in widen_windows(9_998, 20, 10_000)] == [[9_999, 10_000]]
    assert list(widen_windows(10_000, 20, 10_000)) == []


def risen(*edges: int) -> IdBlocks:
    """IdBlocks whose edges rose in this order."""
    blocks = IdBlocks()
    for edge in edges:
        blocks.raise_edge(block_number(edge), edge)
    return blocks


def test_an_edge_only_rises_unless_it_is_placed():
    blocks = risen(100, 50)
    assert blocks.edges == {0: 100}
    blocks.set_edge(0, 7)
    assert blocks.edges == {0: 7}


def test_few_blocks_have_wide_windows_that_end_with_the_block():
    windows = risen(9_990, 10_005, 30_000).windows_above_edges(300)
    assert windows == {0: range(9_991, 10_001), 1: range(10_006, 10_026)}


def test_with_little_room_windows_are_smaller():
    windows = risen(5, 10_005).windows_above_edges(10)
    assert windows == {0: range(6, 11), 1: range(10_006, 10_011)}


def test_the_five_blocks_that_rose_last_have_wide_windows_and_the_others_narrow_ones():
    blocks = risen(*(block * 10_000 + 5 for block in (6, 5, 4, 3, 2, 1, 0)))
    sizes = {block: len(window) for block, window in blocks.windows_above_edges(300).items()}
    assert sizes == {0: 20, 1: 20, 2: 20, 3: 20, 4: 20, 5: 2, 6: 2}
    blocks.raise_edge(6, 60_009)
    assert len(blocks.windows_above_edges(300)[6]) == 20
    assert len(blocks.windows_above_edges(300)[4]) == 2


def test_of_blocks_that_do_not_fit_each_has_its_turn():
    blocks = risen(*(block * 10_000 + 5 for block in range(12)))
    shown = [set(blocks.windows_above_edges(106)) for _ in range(3)]
    lively = {7, 8, 9, 10, 11}
    assert [len(one) for one in shown] == [8, 8, 8]
    assert set.union(*shown) == set(range(12))
    assert all(lively <= one for one in shown)


def test_single_ids_are_asked_for_far_above_the_liveliest_blocks():
    assert risen(100).sparse_probe_ids() == [140, 180, 260, 420, 740, 1_380, 2_660, 5_220]
    assert risen(9_900).sparse_probe_ids() == [9_940, 9_980]
    assert risen(10_000).sparse_probe_ids() == []
    assert len(risen(*(block * 10_000 + 5 for block in range(9))).sparse_probe_ids()) == 5 * 8


def test_the_first_ids_of_the_next_blocks_and_of_those_between_are_asked_for():
    starts = risen(5, 30_005).block_start_ids()
    assert starts[:6] == [40_001, 40_002, 40_008, 50_001, 50_002, 50_008]
    assert starts[45:48] == [190_001, 190_002, 190_008]
    low = [*range(1, 9), 16, 32, 64, 128]
    assert starts[48:-4] == [block * 10_000 + step for block in (2, 1) for step in low]
    assert starts[-4:] == [270_001, 350_001, 670_001, 1_310_001]
    assert IdBlocks().block_start_ids()[:3] == [1, 2, 8]
    many = risen(*(block * 10_000 + 5 for block in range(0, 60, 2))).block_start_ids()
    assert [number for number in many if number < 580_000] == [
        block * 10_000 + step for block in range(57, 41, -2) for step in low
    ]


def test_a_single_high_id_costs_no_walk_through_all_blocks_below_it():
    last = block_number(2**50 - 1)
    starts = risen(5, 2**50 - 1).block_start_ids()
    assert (last - 1) * 10_000 + 1 in starts
    assert len(starts) == 16 * 3 + 8 * 12 + 4
