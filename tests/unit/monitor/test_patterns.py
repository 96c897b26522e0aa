"""Regular expressions end in time, on any thread, and are read as the help says."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from tui.monitor.patterns import (
    QUICK_STEPS,
    SEARCH_LIMIT,
    Pattern,
    PatternError,
    find_quick_length,
)

FRAME = 0.016
A = "a" * 40 + "!"
LONG = "a" * 20_000 + "!"
ENDLESS = [
    ("(a|a)*$", A),
    ("(a|aa)+$", A),
    ("(a+)+$", LONG),
    ("(a+a+)+b", LONG),
    (r"(.+)\1\1z", '{"a":[1,2,{"b":"x y z"}],' * 800),
    ("(.*)*x$", '{"a":[1,2,{"b":"x y z"}],' * 800),
    (".*a.*b.*c.*d.*=", LONG),
    ("(?:.*?,){50}z", "a," * 5_000),
    ("(?:a{1,100}){1,100}b", LONG),
    (r"(?<!a.*)b", "abc .," * 3_000),
    ("(?:abcdefgh){e<=6}", LONG),
]


def seconds_for(is_found_in: Callable[[str], bool], text: str) -> float:
    """The processor time that a search takes which is ended."""
    began = time.process_time()
    with pytest.raises(TimeoutError):
        is_found_in(text)
    return time.process_time() - began


@pytest.mark.parametrize(("expression", "text"), ENDLESS)
def test_an_endless_search_is_ended_within_a_frame(expression, text):
    is_found_in = Pattern(expression).is_found_in
    assert SEARCH_LIMIT / 2 <= min(seconds_for(is_found_in, text) for _ in range(3)) < FRAME


@pytest.mark.parametrize(
    ("expression", "text"),
    [("(a+)+$", A), ("(.*)*x", "a" * 40), (".*.*.*.*=", "a" * 9_000), (r"(a?){30}a{30}b", "a" * 30)],
)
def test_what_is_endless_for_others_is_quick_or_ended(expression, text):
    began = time.process_time()
    try:
        assert not Pattern(expression).is_found_in(text)
    except TimeoutError:
        assert time.process_time() - began < FRAME


def test_the_limit_is_told_in_seconds():
    assert seconds_for(Pattern("(a+)+$", 0.05).is_found_in, LONG) >= 0.04


def test_a_search_is_ended_on_another_thread_as_well():
    ended = []

    def search() -> None:
        with pytest.raises(TimeoutError):
            Pattern("(a|a)*$").is_found_in(A)
        ended.append(True)

    thread = threading.Thread(target=search)
    thread.start()
    thread.join(10)
    assert ended == [True]


COSTLY = [
    r".*a.*[bc]$",
    r"(.+)(.+)[!?]",
    r".{1,99}.{1,99}[!?]",
    r"a.*a.*[bc]$",
    r".*\w*\s*[!?]",
    "(a|b|ab)[cd]$",
    "(?=.*a)(?=.*b).*[cd]",
    r"(?<!a.*)(?:b|\d)?x",
]


@pytest.mark.parametrize("expression", COSTLY)
def test_a_text_that_is_searched_without_a_limit_takes_little_time(expression):
    is_found_in = Pattern(expression).is_found_in
    length = min(find_quick_length(expression, QUICK_STEPS) - 1, 20_000)
    assert length > 10

    def search(text: str) -> float:
        began = time.process_time()
        is_found_in(text)
        return time.process_time() - began

    for letters in ("a", "ab", "a b ", "a.b1"):
        text = (letters * length)[:length]
        assert min(search(text) for _ in range(5)) < FRAME / 2


@pytest.mark.parametrize(
    "expression",
    ["(ab)+", "(a|b)*", "(a){2}", r"(a)\1", "(?R)a", "(?i)a", "(?e)a", "(?|a|b)", r"\Xa", r"\p{L}", r"\n"],
)
def test_what_may_take_for_ever_has_a_limit_for_any_text(expression):
    assert find_quick_length(expression, QUICK_STEPS) == 0


@pytest.mark.parametrize("expression", ["count", r"g\.V\(.*count", ".*a.*[bc]$", "(count|sum)+"])
@pytest.mark.parametrize("length", [10, 100, 400])
def test_texts_that_are_searched_together_are_searched_alike_and_soon(expression, length):
    pattern = Pattern(expression)
    texts = [f"{'a' * (length - 10)}{number:09}\n" for number in range(250)]
    steps, found, longest = pattern.search_texts(texts), None, 0.0
    while found is None:
        began = time.process_time()
        try:
            next(steps)
        except StopIteration as end:
            found = end.value
        longest = max(longest, time.process_time() - began)
    assert found == [pattern.is_found_in(text) for text in texts]
    assert longest < FRAME


def test_the_length_that_needs_no_limit_is_less_with_every_repeat():
    lengths = [
        find_quick_length(text, QUICK_STEPS)
        for text in ("abc", "g.V(.*)x", "a.*b+", "(a|b)", r"[a-z]+\d?_\w*")
    ]
    assert find_quick_length("|".join("ab" * 2_000), QUICK_STEPS) == 0
    assert lengths == [QUICK_STEPS // 3, 1_000, 100, QUICK_STEPS // 5, 32]


@pytest.mark.parametrize(
    "expression", ["[ab]" * 3 + "[cd]", "[ab]" * 12 + "[cd]", "." * 60 + "[cd]", "a" * 200 + "[cd]"]
)
def test_a_long_expression_takes_no_longer_over_long_texts(expression):
    steps = Pattern(expression).search_texts(["a" * 9_990] * 250)
    longest = 0.0
    for _ in range(8):
        began = time.process_time()
        try:
            next(steps)
        except TimeoutError:
            break
        longest = max(longest, time.process_time() - began)
    assert longest < 2 * FRAME


@pytest.mark.parametrize(
    "expression",
    [
        "a{4000000}",
        "(?:a{1000}){1000}",
        "(?:(?:a?){2000}b){2000}?",
        "(?x)a{ 4000000 }",
        "(a{2000}|b{2000}){3000}+",
        pytest.param("a{" + "9" * 5_000, id="endless number"),
        pytest.param("a{0," + "9" * 5_000 + "}", id="endless bound"),
    ],
)
def test_an_expression_that_grows_too_large_is_refused_at_once(expression):
    began = time.process_time()
    with pytest.raises(PatternError, match="too large"):
        Pattern(expression)
    assert time.process_time() - began < 0.3


@pytest.mark.parametrize(
    "expression",
    ["a{9999}", "[({]{9000}", r"\{9{4}", "(" + "[0-9a-f]{4}-" * 8 + r"){200}", "(?:a{0,9999}){0,9999}"],
)
def test_an_expression_with_large_counts_is_read(expression):
    Pattern(expression)


READ_ALIKE = [
    r"^g\.V\(.*count",
    "a|b",
    r"\bfoo\b",
    r"^\d+$",
    "[^a-c]",
    "[[a]b]",
    "[a||b]",
    "a{,3}b",
    "{",
    "a{x}",
    "(?i)x",
    "(?s)a.b",
    "(?x) a b",
    r"(a)(?!b)",
    "ß",
    "a++b",
    "(?>a)b",
    r"\u00e9",
]
TEXTS = [
    "",
    "a",
    "ab",
    "b",
    "g.V().count()",
    "x\ng.V().count()",
    "12",
    "a\nb",
    "foo bar",
    "[a]b",
    "a{x}",
    "é",
    "SS",
]


@pytest.mark.parametrize("expression", READ_ALIKE)
@pytest.mark.filterwarnings("ignore:Possible")
def test_ordinary_expressions_mean_what_they_mean_to_python(expression):
    python = re.compile(expression, re.IGNORECASE | re.MULTILINE)
    is_found_in = Pattern(expression).is_found_in
    assert [is_found_in(text) for text in TEXTS] == [bool(python.search(text)) for text in TEXTS]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("^[[:digit:]]+$", "42"),
        (r"^\p{Lu}+$", "ÄB"),
        ("^(?:rebuild){e<=1}$", "rebild"),
        ("^rebuild{e}$", "rebuilt"),
    ],
)
def test_what_is_read_otherwise_than_by_python(expression, found):
    assert Pattern(expression).is_found_in(found)


@pytest.mark.parametrize(
    ("expression", "words", "position"),
    [
        ("a(", "Not a valid regular expression: missing ), unterminated subpattern", 1),
        ("a**", "Not a valid regular expression: multiple repeat", 2),
        (r"a\q", r"Not a valid regular expression: bad escape \q", 1),
        (r"\p{foo}", "Not a valid regular expression: unknown property", 7),
        ("x(?z)", "Not a valid regular expression: unknown extension ?z", 2),
        ("a{99999999999999999999}", "The regular expression is too large", None),
        ("(" * 20_000 + ")" * 20_000, "The regular expression is too large", None),
    ],
)
def test_a_mistake_is_told_in_the_words_of_python(expression, words, position):
    with pytest.raises(PatternError) as refused:
        Pattern(expression)
    assert (str(refused.value), refused.value.position) == (words, position)


def test_the_engine_is_imported_with_the_first_expression_only():
    code = """
import sys
from tui.monitor.filters import compile_filter
compile_filter("rebuild status=failed")
assert "regex" not in sys.modules
compile_filter("/a/")
assert "regex" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_expression_is_refused_from_its_2001st_character_on() -> None:
    Pattern("a" * 2_000)
    with pytest.raises(PatternError, match="too large"):
        Pattern("a" * 2_001)
