"""Secrets in a text that comes in pieces: hidden as in the whole, wherever it is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backend_adapters.redaction import MaskingStream, SecretTooLong, find_secrets, mask_secrets, mask_spans
from backend_adapters.secret_finder import MASK
from tests.support.secret_forms import FORMS, PLAIN, told

SOME = (
    *('"password": "hunter2"', '\\"token\\":\\"abc\\"', "ak=AKIA77", "Bearer abcdefgh12345", "sk: 'x y'"),
    *(
        "jdbc://etl:s3cret@host/db",
        '"secret": {"a": [1, 2], "b": "}"}',
        '"credentials": [1, {"x": "]"}]',
        "pass",
    ),
    *(
        '"name": "marko"',
        "unexpected token: by",
        "('password', \"abc\")",
        '"',
        "\\",
        "{",
        "}",
        "\n",
        ",",
        " ",
    ),
    *(f"{told(form, 'Hq7xKd82mZq')}{end}" for form in FORMS for end in ("\n", " ")),
    *PLAIN,
    *("图" * 40, "x" * 300, '"note": "' + "y" * 90 + '"'),
)


class Tiny(MaskingStream):
    """Works in steps of a few hundred bytes, so that short texts have many."""

    STEP = 700
    AHEAD = 600


def streamed(text: str, cuts: list[int], kind: type[MaskingStream]) -> str:
    data = text.encode()
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    stream = kind()
    given = [stream.mask_piece(data[start:end]) for start, end in pairwise(places)]
    return b"".join([*given, stream.mask_rest()]).decode()


@settings(max_examples=300, deadline=None)
@given(
    parts=st.lists(st.sampled_from(SOME), max_size=60),
    cuts=st.lists(st.integers(0, 100_000), max_size=20),
    kind=st.sampled_from([Tiny, MaskingStream]),
)
@example(
    parts=['"password": "', *["x" * 300] * 30, '"', "ak=AKIA77"], cuts=list(range(0, 9000, 100)), kind=Tiny
)
@example(
    parts=[
        *['"password": "hunter2"'] * 4,
        *("ak=AKIA77", "jdbc://etl:s3cret@host/db", "图" * 40, "Bearer abcdefgh12345"),
        *['"password": "hunter2"'] * 7,
        "x" * 300,
    ],
    cuts=[],
    kind=Tiny,
)
def test_a_stream_hides_what_the_whole_hides(parts, cuts, kind):
    text = "".join(parts)
    assert streamed(text, cuts, kind) == mask_secrets(text)


def test_a_secret_longer_than_a_step_is_waited_for():
    text = '[1, {"password": "' + "x" * 200_000 + '"}, 2] ' + '"n": 1, ' * 40_000
    assert streamed(text, list(range(0, len(text), 50_000)), MaskingStream) == mask_secrets(text)


@pytest.mark.parametrize("opening", ['{"password": "', '{"credentials": ['])
def test_a_secret_without_an_end_is_refused(opening):
    stream, given = MaskingStream(), []
    given.append(stream.mask_piece(opening.encode()))

    def go_on() -> None:
        for _ in range(100):
            given.append(stream.mask_piece(b"x, " * 10_000))

    with pytest.raises(SecretTooLong):
        go_on()
    assert b"x" not in b"".join(given)


def test_little_is_held():
    stream = MaskingStream()
    for _ in range(200):
        stream.mask_piece(b'{"name": "marko", "age": 29}, ' * 2_000)
        assert len(stream._data) < 300_000


def test_a_piece_is_shown_once_a_step_has_come():
    stream = MaskingStream()
    step, ahead = 128 * 1024, 4096
    assert stream.mask_piece(b"x" * (step - 1)) == b""
    assert stream.mask_piece(b"x") == b"x" * (step - ahead)
    assert stream.mask_rest() == b"x" * ahead


def test_a_secret_at_the_very_end_waits_for_more_and_is_hidden_when_nothing_comes():
    stream = Tiny()
    text = b"x" * 2000 + b' "password": "half'
    given = stream.mask_piece(text)
    assert b"half" not in given
    assert given + stream.mask_rest() == text.replace(b"half", MASK.encode())


def test_behind_a_long_secret_a_step_is_enough_again():
    stream = MaskingStream()
    assert b"x" not in stream.mask_piece(b'"password": "' + b"x" * 200_000)
    assert MASK.encode() in stream.mask_piece(b'"' + b" " * 400_000)
    assert stream.mask_piece(b"y" * 128 * 1024) != b""


@pytest.mark.parametrize(("length", "endless"), [(250_000, False), (600_000, True)])
def test_a_secret_may_be_a_quarter_of_a_megabyte_long(length: int, endless: bool):
    text = '"password": "' + "x" * length + '", "name": "marko"' + " " * 200_000
    cuts = list(range(0, len(text), 10_000))
    if endless:
        with pytest.raises(SecretTooLong):
            streamed(text, cuts, MaskingStream)
    else:
        assert streamed(text, cuts, MaskingStream) == mask_secrets(text)


def test_of_secrets_that_overlap_the_first_is_hidden():
    spans = [(0, 6, b"*"), (3, 8, b"!"), (6, 7, b"_"), (9, 9, b"+")]
    assert mask_spans(b"secret rest", spans) == b"*_re+st"
    assert mask_spans(b"plain", []) == b"plain"


def test_only_secrets_whose_keys_begin_within_the_part_are_found():
    text = b"ak=one token=two pwd=three"
    mask_ = MASK.encode()
    assert find_secrets(text, 0, len(text)) == [(3, 6, mask_), (13, 16, mask_), (21, 26, mask_)]
    assert find_secrets(text, 7, 17) == [(13, 16, mask_)]
    assert find_secrets(text, 7, 7) == []
    assert find_secrets(text, 7, 8) == [(13, 16, mask_)], "its key begins there"


@pytest.mark.parametrize("gap", ["", " ", " " * 8])
def test_a_short_key_at_the_edge_of_a_part_is_found(gap: str):
    text = f"sk{gap}=abc".encode()
    assert len(find_secrets(text, 0, 1)) == 1
