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
from backend_adapters.redaction import mask_secrets
from backend_adapters.secret_finder import MASK
from tui import text

ANYTHING = st.text(st.characters(categories=("L", "M", "N", "P", "S", "Z", "C")), max_size=40)


HARMFUL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""The kinds of characters that are not drawn but do something, or that nobody knows."""


def harmless(shown: str) -> bool:
    return all(unicodedata.category(c) not in HARMFUL for c in shown)


def test_no_code_point_survives_that_could_drive_a_terminal():
    drawn: set[str] = set()
    for start in range(0, 0x110000, 0x1000):
        drawn.update(text.sanitize(" ".join(map(chr, range(start, start + 0x1000)))))
    assert harmless("".join(drawn)), [ascii(character) for character in drawn if not harmless(character)]


@given(ANYTHING)
def test_safe_text_is_harmless_and_stays_as_it_is(sent: str):
    shown = text.sanitize(sent)
    assert harmless(shown)
    assert "\u200d" not in shown
    assert text.sanitize(shown) == shown


@given(ANYTHING)
def test_the_width_of_safe_text_is_the_sum_of_its_characters(sent: str):
    shown = text.sanitize(sent)
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
    assert text.sanitize(sent) == shown


def test_lines_are_split_where_a_reader_sees_an_end_of_line():
    assert text.sanitize_lines("one\r\ntwo\n\n\x1b three\n") == ["one", "two", "", "␛ three"]
    assert text.sanitize_lines("") == []


@given(ANYTHING, st.integers(0, 30), st.sampled_from(["left", "right"]), st.sampled_from(["head", "tail"]))
def test_fit_takes_exactly_its_cells(sent: str, width: int, align, keep):
    assert cell_len(text.fit_cells(text.sanitize(sent), width, align=align, keep=keep)) == width


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
        ("abc", -1, {}, ""),
        ("abcdef", 4, {"keep": "tail"}, "…def"),
        ("abcdef", 4, {"keep": "tail", "ascii": True}, "~def"),
        ("中文字符", 4, {"align": "right"}, " 中…"),
        ("中文字符", 3, {}, "中…"),
        ("x中文", 3, {"keep": "tail"}, "…文"),
        ("ae\u0301e\u0301", 2, {"keep": "tail"}, "…e\u0301"),
    ],
)
def test_fit_pads_and_cuts_by_cells(sent: str, width: int, options, shown: str):
    assert text.fit_cells(sent, width, **options) == shown


MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("ms", "coarse", "exact"),
    [
        (None, "–", "–"),
        (-5000, "0s", "0ms"),
        (999, "0s", "999ms"),
        (1000, "1s", "1.0s"),
        (60_000 - 1, "59s", "59.9s"),
        (HOUR - 1, "59m", "59m 59s"),
        (HOUR, "1h", "1h"),
        (DAY - 1, "23h59m", "23h 59m 59s"),
        (DAY, "1d", "1d"),
        (2 * DAY - 1, "1d", "1d 23h 59m 59s"),
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
    assert text.format_duration(ms) == coarse
    assert text.format_exact_duration(ms) == exact


def test_age():
    assert text.format_age(1_000, 4_000) == "3s"
    assert text.format_age(None, 4_000) == "–"
    ages = [text.format_age(0, now, is_calm=True) for now in (-1, 4_999, 5_000, 59_999, 60_000, 119_999)]
    assert ages == ["0s", "0s", "5s", "55s", "1m", "1m"]


NOON = 1_795_435_424_000  # 2026-11-23 12:03:44 UTC


def test_moments_in_utc():
    assert text.format_time_of_day(NOON, utc=True) == "12:03:44"
    assert text.format_timestamp(NOON, utc=True) == "2026-11-23 12:03:44"
    assert text.format_timestamp(None, utc=True) == "–"
    assert text.format_short_timestamp(NOON, NOON + HOUR, utc=True) == "12:03:44"
    assert text.format_short_timestamp(NOON - DAY, NOON, utc=True) == "11-22 12:03"
    assert text.format_short_timestamp(NOON - 365 * DAY, NOON, utc=True) == "2025-11-23"


def test_moments_in_the_local_zone(monkeypatch: pytest.MonkeyPatch):
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert text.format_time_of_day(NOON, utc=False) == "20:03:44"
    finally:
        monkeypatch.setenv("TZ", before) if before else monkeypatch.delenv("TZ")
        time.tzset()


def test_a_moment_that_no_calendar_holds_is_written_as_sent():
    assert text.format_timestamp(10**30, utc=True) == f"{10**30} ms"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"), (1204, "1204"), (9_999, "9999"), (10_000, "10,000"), (1_234_567, "1,234,567"),
        (-9_999, "-9999"), (-10_000, "-10,000"),
    ],
)  # fmt: skip
def test_counts(number: int, shown: str):
    assert text.format_count(number) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, ""), (1, "1"), (3, "1, 2, 3"), (4, "1, 2, 3 and 1 more"), (2_003, "1, 2, 3 and 2,000 more")],
)
def test_some_names_of_a_list(number: int, shown: str):
    assert text.join_some([str(one) for one in range(1, number + 1)], 3) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (4_200, "4.2 kB"), (999_949, "999.9 kB"),
        (999_950, "1.0 MB"), (25_300_000, "25.3 MB"), (999_949_999, "999.9 MB"), (999_950_000, "1.0 GB"),
        (1_200_000_000, "1.2 GB"),
    ],
)  # fmt: skip
def test_sizes(number: int, shown: str):
    assert text.format_size(number) == shown


def test_a_moment_of_today_of_this_year_and_before():
    new_year = 1_798_761_600_000  # 2027-01-01 00:00:00 UTC
    assert text.format_short_timestamp(None, NOON, utc=True) == "–"
    assert text.format_short_timestamp(new_year, new_year + DAY - 1, utc=True) == "00:00:00"
    assert text.format_short_timestamp(new_year, new_year + DAY, utc=True) == "01-01 00:00"
    assert text.format_short_timestamp(new_year - 1, new_year, utc=True) == "2026-12-31"


LIMITS = {"a line": text.LINE_LIMIT, "a label": text.LABEL_LIMIT, "a paste": text.PASTE_LIMIT}


def test_what_is_longer_than_a_line_is_cut():
    assert LIMITS == {"a line": 10_000, "a label": 2_000, "a paste": 10_000}
    assert text.sanitize("x" * 10_000) == "x" * 10_000
    assert text.sanitize("x" * 10_001) == "x" * 9_999 + "…"
    assert text.sanitize_label("x" * 2_000) == "x" * 2_000
    assert text.sanitize_label("x" * 2_001) == "x" * 1_999 + "…"
    assert text.sanitize_label("a\npassword=hunter2") == "a␊password=••••••"


@pytest.mark.parametrize(
    ("pasted", "taken"),
    [
        ("status=failed", "status=failed"),
        ("\n\r\n  first line  \r\nsecond", "first line  "),
        ("one\rtwo", "one"),
        ("a\tb\xa0c\u3000d", "a b c d"),
        ("\x1b[31mred\x07\x00", "[31mred"),
        ("a\u200bb\u202ec\u2028d\ufe0fe\u00adf", "abcdef"),
        ("\U0001f1e9\U0001f1ea x\u115f", " x"),
        ("图 é👍", "图 é👍"),
        ("x" * 10_001, "x" * 10_000),
        (" " * 20_000 + "y", "y"),
        ("", ""),
    ],
)
def test_a_paste_is_one_line_of_what_can_be_seen(pasted: str, taken: str):
    assert text.clean_pasted_text(pasted) == taken


@pytest.mark.parametrize(
    ("sent", "copied"),
    [
        ("plain 图 é", "plain 图 é"),
        ("a\nb\r\tc\x1b\x7f", "a␊b␍␉c␛␡"),
        ("\x9b\u061c\u200e\u200f", "⟨U+009B⟩⟨U+061C⟩⟨U+200E⟩⟨U+200F⟩"),
        ("\u2028\u2029\u202a\u202e", "⟨U+2028⟩⟨U+2029⟩⟨U+202A⟩⟨U+202E⟩"),
        ("\u2066\u2069\ud800\udfff", "⟨U+2066⟩⟨U+2069⟩⟨U+D800⟩⟨U+DFFF⟩"),
        ("👩\u200d👩 e\u0301\ufe0f\u200b", "👩\u200d👩 e\u0301\ufe0f\u200b"),
    ],
)  # fmt: skip
def test_a_clipboard_gets_the_text_as_sent_but_nothing_that_acts(sent: str, copied: str):
    assert text.clean_for_clipboard(sent) == copied


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("e" + "\u0301" * 4, "e" + "\u0301" * 4),
        ("e" + "\u0301" * 5, "e" + "\u0301" * 4 + "⟨+1⟩"),
        ("e" + "\u0301" * 1000 + "f", "e" + "\u0301" * 4 + "⟨+996⟩f"),
        ("\u0301x", "◌\u0301x"),
        ("\u0301" * 5, "◌" + "\u0301" * 4 + "⟨+1⟩"),
        ("!!!!!!!!\u0301", "!!!!!!!!\u0301"),
        ("……………………", "……………………"),
        ("…" + "\u0301" * 4 + "…", "…" + "\u0301" * 4 + "…"),
        ("…" + "\u0301" * 5 + "…", "…" + "\u0301" * 4 + "⟨+1⟩…"),
        ("\U0001f1e9\U0001f1ea", "DE"),
        ("\U0001f1e6\U0001f1ff", "AZ"),
        ("❤\ufe0f", "❤"),
        ("a\u115fb\u3164", "a⟨U+115F⟩b⟨U+3164⟩"),
        ("\ufe0f", ""),
        ("\U0001f3fd", "⟨U+1F3FD⟩"),
        ("\ue000", "⟨U+E000⟩"),
    ],
)
def test_marks_without_end_and_flags_are_shown_apart(sent: str, shown: str):
    assert text.sanitize(sent) == shown


@pytest.mark.parametrize(
    ("sent", "lines"),
    [("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\n\n", ["a", ""]), ("a\r\r\nb\r", ["a␍", "b"])],
)
def test_each_end_of_line_ends_one_line(sent: str, lines: list[str]):
    assert text.sanitize_lines(sent) == lines


@pytest.mark.parametrize(
    ("status", "sign", "ascii_sign"),
    [
        (TaskStatus.NEW, "·", "."), (TaskStatus.SCHEDULING, "·", "."), (TaskStatus.SCHEDULED, "◦", "o"),
        (TaskStatus.QUEUED, "◦", "o"), (TaskStatus.RESTORING, "◦", "o"), (TaskStatus.HANGING, "‖", "="),
        (TaskStatus.RUNNING, "▶", ">"), (TaskStatus.CANCELLING, "◌", "~"), (TaskStatus.DELETING, "◌", "~"),
        (TaskStatus.SUCCESS, "✓", "+"), (TaskStatus.PARTIAL, "◐", "%"), (TaskStatus.FAILED, "✗", "x"),
        (TaskStatus.CANCELLED, "⊘", "-"), (TaskStatus.UNKNOWN, "?", "?"),
        (TaskStatus.UNREADABLE, "▒", "#"),
    ],
)  # fmt: skip
def test_each_status_has_its_sign(status: TaskStatus, sign: str, ascii_sign: str):
    assert (text.status_glyph(status, ascii=False), text.status_glyph(status, ascii=True)) == (
        sign,
        ascii_sign,
    )


def test_each_status_has_a_sign_of_one_cell():
    for status in TaskStatus:
        assert cell_len(text.status_glyph(status, ascii=False)) == 1
        assert text.status_glyph(status, ascii=True).isascii()
        assert len(text.status_glyph(status, ascii=True)) == 1
    different = (
        *(TaskStatus.RUNNING, TaskStatus.SUCCESS, TaskStatus.FAILED, TaskStatus.CANCELLED),
        *(
            TaskStatus.QUEUED,
            TaskStatus.CANCELLING,
            TaskStatus.PARTIAL,
            TaskStatus.HANGING,
            TaskStatus.UNKNOWN,
            TaskStatus.UNREADABLE,
            TaskStatus.NEW,
        ),
    )
    for ascii_ in (False, True):
        assert len({text.status_glyph(status, ascii=ascii_) for status in different}) == len(different)


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
    shown = mask_secrets(sent)
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
    shown = mask_secrets(sent)
    assert SECRET not in shown
    assert json.loads(shown)


@pytest.mark.parametrize(
    "value", [12345678, [SECRET, "hun]ter2-Xy"], {"a": [SECRET, {"b": "}" + SECRET}]}, 'quote"' + SECRET]
)
def test_a_secret_that_is_no_plain_string_is_hidden_whole(value):
    shown = mask_secrets(json.dumps({"token": value, "after": "seen"}))
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
        ("expected token: by", "expected token: ••••••"),
        ('{"passwordError": "x"}', '{"passwordError": "••••••"}'),
        ("x.password.error=5 my.pwd=6", "x.password.error=5 my.pwd=••••••"),
        ("Bearer abcdefg rest", "Bearer abcdefg rest"),
        ("Bearer abcdefgh rest", "Bearer •••••• rest"),
        ("jdbc:db://u:p@h/x?password=q&user=u", "jdbc:db://u:••••••@h/x?password=••••••&user=u"),
        ('token = """a "b" c""" x', 'token = """••••••""" x'),
        ('sk = "a\\"b" x', 'sk = "••••••" x'),
        ('sk = "a\\\\" b', 'sk = "••••••" b'),
        ("password = 'a\nb", "password = '••••••\nb"),
        ("ak = AKIA7 sk  :  'x' obs-sk =y", "ak = •••••• sk  :  '••••••' obs-sk =••••••"),
        ("x.pass=1 compass=2", "x.pass=•••••• compass=2"),
        ("has('token', 7)", "has('token', 7)"),
        ("has('token' , 'a')", "has('token' , '••••••')"),
        ("[a, 'token', 'b']", "[a, 'token', 'b']"),
        ("password => 'x'", "password => '••••••'"),
        ("password:= x", "password:= ••••••"),
        ("password =\n\t x", "password =\n\t ••••••"),
        ("Authorization: Basic dXNlcg== x", "Authorization: •••••• x"),
        ("Authorization: Digest a, b", "Authorization: ••••••, b"),
        ("pwd=a;ak=b,sk=c)d&token=e]", "pwd=••••••;ak=••••••,sk=••••••)d&token=••••••]"),
        ("password=null token=TRUE secret=false", "password=null token=TRUE secret=false"),
    ],
)
def test_secrets_in_text_that_is_not_json(sent: str, shown: str):
    assert mask_secrets(sent) == shown


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
        "https://host/a:b@c",
        "unexpected token: by the way",
        "org.x.InvalidPasswordException: for user x",
        "x.SecretError = 5",
        "password: ",
        "token",
        "('other','password')",
        "x('a','token')",
        "mask=1 risk: 2 desk = 3",
    ],
)
def test_what_is_no_secret_stays(sent: str):
    assert mask_secrets(sent) is sent


@pytest.mark.parametrize(
    ("line", "width", "lines"),
    [
        ("a line that fits", 16, ["a line that fits"]),
        ("a line that is too long", 12, ["a line that", "  is too", "  long"]),
        ("http://a.long.address:8080 is one word", 12, ["http://a.long.address:8080", "  is one", "  word"]),
        ("  oldest: 7, ended long ago", 16, ["  oldest: 7,", "  ended long ago"]),
        ("图谱 任务 失败", 8, ["图谱", "  任务", "  失败"]),
        ("", 5, [""]),
    ],
)  # fmt: skip
def test_a_sentence_is_broken_between_its_words(line: str, width: int, lines: list[str]):
    assert text.wrap_words(line, width, indent=2) == lines


@given(st.lists(st.text("ab图", min_size=1, max_size=9), min_size=1, max_size=12), st.integers(9, 30))
def test_no_broken_line_is_wider_than_it_may_be_or_loses_a_word(words: list[str], width: int):
    lines = text.wrap_words(" ".join(words), width)
    assert " ".join(lines).split(" ") == words
    assert all(text.cell_width(line) <= width or " " not in line for line in lines)
