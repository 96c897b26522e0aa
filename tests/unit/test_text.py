"""The gate for server text: harmless, measured, masked."""

from __future__ import annotations

import json
import os
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from backend_adapters.model import TaskStatus
from tui import text
from tui.masking import MASK, mask

ANYTHING = st.text(st.characters(categories=("L", "M", "N", "P", "S", "Z", "C")), max_size=40)


def harmless(shown: str) -> bool:
    return not any(
        unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp") for c in shown
    )


def test_no_code_point_survives_that_could_drive_a_terminal():
    drawn = {character for code in range(0x110000) for character in text.safe(chr(code))}
    assert [ascii(character) for character in drawn if not harmless(character)] == []


@given(ANYTHING)
def test_safe_text_is_harmless_and_stays_as_it_is(sent: str):
    shown = text.safe(sent)
    assert harmless(shown)
    assert "\u200d" not in shown
    assert text.safe(shown) == shown


@given(ANYTHING)
def test_the_width_of_safe_text_is_the_sum_of_its_characters(sent: str):
    shown = text.safe(sent)
    assert text.cell_width(shown) == sum(cell_len(character) for character in shown) == cell_len(shown)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("plain", "plain"),
        ("图谱 task", "图谱 task"),
        ("a\nb\tc\r\x7f", "a␊b␉c␍␡"),
        ("\x1b]52;c;YQ==\x07", "␛]52;c;YQ==␇"),
        ("\x9b2J", "⟨U+009B⟩2J"),
        ("a\u202eb\u2066\u200f", "a⟨U+202E⟩b⟨U+2066⟩⟨U+200F⟩"),
        ("\u200b\ufeff\u00ad", "⟨U+200B⟩⟨U+FEFF⟩⟨U+00AD⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("👩\u200d👩\u200d👧", "👩👩👧"),
        ("❤\ufe0f 👍🏽", "❤ 👍"),
        ("ad\u200dmin", "ad⟨U+200D⟩min"),
        ("a\u3000b\u00a0c", "a  b c"),
        ("[bold]x[/]", "[bold]x[/]"),
    ],
)
def test_what_is_hidden_in_a_text_is_shown(sent: str, shown: str):
    assert text.safe(sent) == shown


def test_lines_are_split_where_a_reader_sees_an_end_of_line():
    assert text.safe_lines("one\r\ntwo\n\n\x1b three\n") == ["one", "two", "", "␛ three"]
    assert text.safe_lines("") == []


@given(ANYTHING, st.integers(0, 30), st.sampled_from(["left", "right"]), st.sampled_from(["head", "tail"]))
def test_fit_takes_exactly_its_cells(sent: str, width: int, align, keep):
    assert cell_len(text.fit(text.safe(sent), width, align=align, keep=keep)) == width


@pytest.mark.parametrize(
    ("sent", "width", "options", "shown"),
    [
        ("abc", 5, {}, "abc  "),
        ("abc", 5, {"align": "right"}, "  abc"),
        ("abcdef", 4, {}, "abc…"),
        ("abcdef", 4, {"ascii": True}, "abc~"),
        ("org.apache.Job", 6, {"keep": "tail"}, "…e.Job"),
        ("中文字符", 5, {}, "中文…"),
        ("中文字符", 4, {}, "中… "),
        ("中文字符", 4, {"keep": "tail"}, "…符 "),
        ("中文", 4, {}, "中文"),
        ("e\u0301e\u0301e\u0301", 2, {}, "e\u0301…"),
        ("abc", 1, {}, "…"),
        ("abc", 0, {}, ""),
    ],
)
def test_fit_pads_and_cuts_by_cells(sent: str, width: int, options, shown: str):
    assert text.fit(sent, width, **options) == shown


MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("ms", "coarse", "exact"),
    [
        (None, "–", "–"),
        (-5000, "0s", "0ms"),
        (999, "0s", "999ms"),
        (5_250, "5s", "5.2s"),
        (59_999, "59s", "59.9s"),
        (3 * MINUTE, "3m", "3m"),
        (MINUTE, "1m", "1m"),
        (11 * MINUTE + 999, "11m", "11m"),
        (2 * HOUR + 10 * MINUTE + 4_200, "2h10m", "2h 10m 4s"),
        (2 * HOUR + 4_000, "2h", "2h 0m 4s"),
        (2 * HOUR + 5 * MINUTE, "2h05m", "2h 5m"),
        (2 * HOUR, "2h", "2h"),
        (DAY + 3 * HOUR, "1d", "1d 3h"),
        (12 * DAY, "12d", "12d"),
    ],
)
def test_durations(ms, coarse: str, exact: str):
    assert text.duration(ms) == coarse
    assert text.duration_exact(ms) == exact


def test_age():
    assert text.age(1_000, 4_000) == "3s"
    assert text.age(None, 4_000) == "–"


NOON = 1_795_435_424_000  # 2026-11-23 12:03:44 UTC


def test_moments_in_utc():
    assert text.clock(NOON, utc=True) == "12:03:44"
    assert text.moment(NOON, utc=True) == "2026-11-23 12:03:44"
    assert text.moment(None, utc=True) == "–"
    assert text.moment_short(NOON, NOON + HOUR, utc=True) == "12:03:44"
    assert text.moment_short(NOON - DAY, NOON, utc=True) == "11-22 12:03"
    assert text.moment_short(NOON - 365 * DAY, NOON, utc=True) == "2025-11-23"


def test_moments_in_the_local_zone(monkeypatch: pytest.MonkeyPatch):
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert text.clock(NOON, utc=False) == "20:03:44"
    finally:
        monkeypatch.setenv("TZ", before) if before else monkeypatch.delenv("TZ")
        time.tzset()


def test_a_moment_that_no_calendar_holds_is_written_as_sent():
    assert text.moment(10**30, utc=True) == f"{10**30} ms"


def test_numbers():
    assert [text.count(n) for n in (0, 1204, 10_000, 1_234_567)] == ["0", "1204", "10,000", "1,234,567"]
    shown = [text.size(n) for n in (812, 4_200, 999_960, 25_300_000, 1_200_000_000)]
    assert shown == ["812 B", "4.2 kB", "1.0 MB", "25.3 MB", "1.2 GB"]


def test_each_status_has_a_sign_of_one_cell():
    for status in TaskStatus:
        assert cell_len(text.glyph(status, ascii=False)) == 1
        assert text.glyph(status, ascii=True).isascii()
        assert len(text.glyph(status, ascii=True)) == 1
    different = (
        *(TaskStatus.RUNNING, TaskStatus.SUCCESS, TaskStatus.FAILED, TaskStatus.CANCELLED),
        *(
            TaskStatus.QUEUED,
            TaskStatus.CANCELLING,
            TaskStatus.PARTIAL,
            TaskStatus.HANGING,
            TaskStatus.UNKNOWN,
        ),
    )
    for ascii_ in (False, True):
        assert len({text.glyph(status, ascii=ascii_) for status in different}) == len(different)


SECRET = "hunter2-Xy"


KEYS = (
    "password Passwd token auth_token X-Auth-Token secret client.secret ak SK obs_ak access_key secretKey "
    "Authorization api_key apiKey db.pwd credentials private_key"
)


@pytest.mark.parametrize("key", KEYS.split())
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_a_secret_is_hidden_however_deep_its_json_is_written_into_strings(key: str, depth: int):
    sent = json.dumps({"n": {key: SECRET, "plain": "seen"}, "list": [{key: SECRET}], "z": 1})
    for _ in range(depth):
        sent = json.dumps({"task_input": sent, "after": "seen too"})
    shown = mask(sent)
    assert SECRET not in shown
    for _ in range(depth):
        outer = json.loads(shown)
        assert outer["after"] == "seen too"
        shown = outer["task_input"]
    assert json.loads(shown) == {
        "n": {key: MASK, "plain": "seen"},
        "list": [{key: MASK}],
        "z": 1,
    }


@given(st.text(min_size=1, max_size=20), st.integers(0, 2))
def test_any_value_of_a_password_is_hidden(value: str, depth: int):
    value = "q" + value + SECRET
    sent = json.dumps({"password": value})
    for _ in range(depth):
        sent = json.dumps({"in": sent})
    shown = mask(sent)
    assert SECRET not in shown
    assert json.loads(shown)


@pytest.mark.parametrize(
    "value", [12345678, [SECRET, "hun]ter2-Xy"], {"a": [SECRET, {"b": "}" + SECRET}]}, 'quote"' + SECRET]
)
def test_a_secret_that_is_no_plain_string_is_hidden_whole(value):
    shown = mask(json.dumps({"token": value, "after": "seen"}))
    assert json.loads(shown) == {"token": MASK, "after": "seen"}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("password=hunter2 rest", "password=•••••• rest"),
        ("Authorization: Bearer abc.def", "Authorization: ••••••"),
        ("sent Bearer abcdefghij again", "sent Bearer •••••• again"),
        ("jdbc:mysql://root:hunter2@db:3306/x", "jdbc:mysql://root:••••••@db:3306/x"),
        ("g.V().has('password','hunter2').count()", "g.V().has('password','••••••').count()"),
        ('g.addV().property("api_key", "hunter2")', 'g.addV().property("api_key", "••••••")'),
        ("token = '''hunter2'''", "token = '''••••••'''"),
        ('{"password":"hunter2 and the answer is cut', '{"password":"••••••'),
        ('{"secret": nu', '{"secret": "••••••"'),
    ],
)
def test_secrets_in_text_that_is_not_json(sent: str, shown: str):
    assert mask(sent) == shown


@pytest.mark.parametrize(
    "sent",
    [
        "unexpected token: ) @ line 1, column 5",
        "org.x.TokenException: wrong",
        "    at com.x.Token.java:12",
        '["password","age"]',
        '{"password": null, "token": "", "secret": true}',
        "breakfast: eggs, task: 3, risk=4",
        "https://host:8080/path",
    ],
)
def test_what_is_no_secret_stays(sent: str):
    assert mask(sent) is sent
