"""The bytes of notices: whatever a server sends, nothing ends them early and nothing drives the terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.notices.sequences import (
    MAX_NOTICE_CELLS,
    MAX_TITLE_CELLS,
    clean_notice,
    format_notice,
    format_progress,
    format_title,
)
from tui.notices.terminals import NoticeMethod
from tui.text import cell_width

HOSTILE = "a\x1b\\b\x07c\x9cd\x9d52;c;x\x07e\n\r\u202ef;g\x00\ud800\u2028"
_BODIES = {
    "osc9": re.compile(r"\x1b\]9;graphtop: ([^\x00-\x1f\x7f-\x9f]*)\x1b\\"),
    "osc777": re.compile(r"\x1b\]777;notify;graphtop;([^\x00-\x1f\x7f-\x9f;]*)\x1b\\"),
    "osc99": re.compile(
        r"\x1b\]99;i=graphtop:d=0;graphtop\x1b\\\x1b\]99;i=graphtop:p=body;([^\x00-\x1f\x7f-\x9f]*)\x1b\\"
    ),
}


@pytest.mark.parametrize("method", ["osc9", "osc777", "osc99"])
@given(text=st.one_of(st.text(), st.just(HOSTILE), st.text().map(lambda words: f"{HOSTILE}{words}" * 30)))
def test_a_notice_is_one_sequence_whatever_its_text(method: NoticeMethod, text: str) -> None:
    found = _BODIES[method].fullmatch(format_notice(method, text))
    assert found is not None
    assert cell_width(found[1]) <= MAX_NOTICE_CELLS
    found[1].encode()


def test_a_bell_says_nothing() -> None:
    assert format_notice("bell", HOSTILE) == "\a"


def test_secrets_are_masked() -> None:
    said = format_notice("osc9", "cannot reach http://admin:hunter2@host/x")
    assert "hunter2" not in said
    assert "cannot reach" in said


def test_a_text_that_reads_like_another_command_is_none() -> None:
    assert format_notice("osc9", "4;1;50").startswith("\x1b]9;graphtop: 4")


@given(text=st.text())
def test_a_title_is_short_and_harmless(text: str) -> None:
    found = re.fullmatch(r"\x1b\]0;([^\x00-\x1f\x7f-\x9f]*)\x07", format_title(text))
    assert found is not None
    assert cell_width(found[1]) <= MAX_TITLE_CELLS


def test_a_clean_text_stays_as_it_is() -> None:
    assert clean_notice("283 (供应链): success after 38m") == "283 (供应链): success after 38m"


def test_progress_is_a_number_or_only_that_something_goes_on() -> None:
    assert format_progress(40) == "\x1b]9;4;1;40\x1b\\"
    assert format_progress(140, has_failed=True, end="\a") == "\x1b]9;4;2;100\a"
    assert format_progress(None) == "\x1b]9;4;3;0\x1b\\"
