"""What a filter says of all tasks of a kind at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.fakes import START, task
from tui.monitor.filters import compile_filter
from tui.monitor.history.kind_filter import KindFilter
from tui.monitor.history.kinds import make_pattern


def judge(words: str, name: str, **more) -> bool | None:
    return KindFilter(compile_filter(words)).judge(task(1, name=make_pattern(name), **more), START)


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("", True),
        ("type=gremlin", True),
        ("type=other", False),
        ("!type=other", True),
        ("name=import", True),
        ("name=IMPORT", True),
        ("!name=import", False),
        ("name!=import", False),
        ("!name!=import", True),
        ("name=import,rebuild", True),
        ("name=rebuild", False),
        ("!name=rebuild", True),
        ('name="import day"', True),
        ("name=12", None),
        ("name=day-1", None),
        ("name=day-x", False),
        ("name=import name=12", None),
        ("name=rebuild name=12", False),
        ("import", None),
        ("status=failed", None),
        ("type=gremlin status=failed", None),
        ("type=other status=failed", False),
        ("/import/", None),
    ],
)
def test_a_kind_passes_with_all_its_tasks_or_with_none_or_that_depends(words: str, verdict) -> None:
    assert judge(words, "import day-12") is verdict


def test_of_a_long_name_the_pattern_says_too_little() -> None:
    assert judge("name=end", f"{'x' * 400} end") is None
    assert judge("name=xx", f"{'x' * 400} end") is True


NAMES = st.text(alphabet="ab1 #gX-0", max_size=60)


@given(NAMES, st.text(alphabet="ab1gX-0", min_size=1, max_size=6), st.sampled_from(["", "!"]))
def test_what_it_says_is_so_for_each_name(name: str, word: str, sign: str) -> None:
    wanted = compile_filter(f"{sign}name={word}")
    verdict = KindFilter(wanted).judge(task(1, name=make_pattern(name)), START)
    if verdict is not None:
        assert wanted(task(1, name=name), START) is verdict
