"""Secrets in what a server says: every form is hidden, and what is none stays to be read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_adapters.errors import BackendError, Refused
from backend_adapters.redaction import MaskingStream, mask_beginning, mask_field, mask_secrets
from backend_adapters.secret_finder import MASK
from tests.support.secret_forms import FORMS, PLAIN, told

SECRETS = st.from_regex(r"[A-Z][a-z]7[A-Za-z0-9]{6,20}Zq", fullmatch=True)
"""Of the letters that all forms allow; what ends them is in the forms."""
BEFORE = st.sampled_from(["", " ", "\n", "x: y\n", "failed: ", "图 ", '{"n": 1} ', "(a) "])
BEHIND = st.sampled_from(["", " ", "\n", "\nx: y\n", " failed: ", " 图", ' {"n": 1}', " (a)"])


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_in_any_form_is_hidden_and_what_stands_around_it_is_not(form: str) -> None:
    shown = mask_secrets(f"before {told(form, 'Hq7xKd82mZq')} behind")
    assert "Hq7xKd82mZq" not in shown
    assert MASK in shown
    assert shown.startswith("before ")
    assert shown.endswith(" behind") or "EC PRIVATE" in form


@pytest.mark.parametrize("text", PLAIN)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert mask_secrets(text) is text


@settings(max_examples=300, deadline=None)
@given(form=st.sampled_from(FORMS), secret=SECRETS, before=BEFORE, behind=BEHIND, depth=st.integers(0, 2))
def test_a_secret_is_hidden_wherever_it_stands(
    form: str, secret: str, before: str, behind: str, depth: int
) -> None:
    text = f"{before}{told(form, secret)}{behind}"
    for _ in range(depth):
        text = json.dumps({"in": text, "after": "seen"})
    shown = mask_secrets(text)
    assert secret not in shown
    assert mask_secrets(shown) == shown
    stream = MaskingStream()
    assert (stream.mask_piece(text.encode()) + stream.mask_rest()).decode() == shown
    for _ in range(depth):
        outer = json.loads(shown)
        assert outer["after"] == "seen"
        shown = outer["in"]


@pytest.mark.parametrize(("text", "shown"), [
    ("http://ann:p@ss@host:1/x", "http://ann:••••••@host:1/x"),
    ("see http://ghp_16C7e42F@host/x@y", "see http://••••••@host/x@y"),
    ("?access_token=abc123&x=1", "?access_token=••••••&x=1"),
    ("auth.token_secret=s3cr3t, next", "auth.token_secret=••••••, next"),
    ("sent Basic YW5uOmh1bnRlcg== to it", "sent Basic •••••• to it"),
    ("Cookie: a=b; c=d\nHost: x", "Cookie: ••••••\nHost: x"),
    ("Authorization: Digest a=\"b c\", d=e\nHost: x", "Authorization: ••••••\nHost: x"),
    ("mysql --password hunter2 -h db", "mysql --password •••••• -h db"),
    ('["--token", "abc", "-v"]', '["--token", "••••••", "-v"]'),
    ("mysql -u ann -p hunter2 db", "mysql -u ann -p •••••• db"),
    ("x.sig=abc&y=1", "x.sig=••••••&y=1"),
    ("a eyJhbGciOiJ.eyJzdWIi.abc-d_e b", "a •••••• b"),
    ("-----BEGIN PRIVATE KEY-----\nab\n-----END PRIVATE KEY-----",
     "-----BEGIN PRIVATE KEY-----••••••-----END PRIVATE KEY-----"),
])  # fmt: skip
def test_only_the_secret_itself_is_hidden(text: str, shown: str) -> None:
    assert mask_secrets(text) == shown


@pytest.mark.parametrize(("key", "hidden"), [
    ("y" * 250 + "_token", True), ("token" * 100, True), ("token" * 100 + "x", False),
    ("password" + "y" * 250, False), ("password" + "y" * 180, True),
])  # fmt: skip
def test_of_a_long_key_the_end_counts(key: str, hidden: bool) -> None:
    assert ("hunter2" not in mask_secrets(f"{key}=hunter2")) is hidden


@pytest.mark.parametrize(("name", "value", "shown"), [
    ("token", "abc def", MASK), ("X-Auth-Token", "abc", MASK), (" Cookie ", "a", MASK), ("token", "", ""),
    ("context", "password=abc x", f"password={MASK} x"), ("tokenizer", "abc", "abc"),
])  # fmt: skip
def test_a_field_is_hidden_whole_whose_name_tells_what_it_is(name: str, value: str, shown: str) -> None:
    assert mask_field(name, value) == shown


@pytest.mark.parametrize("form", FORMS)
def test_no_error_holds_a_secret(form: str) -> None:
    words = told(form, "Hq7xKd82mZq")
    for error in (BackendError(words, hint=words, trace=words), Refused(words)):
        assert "Hq7xKd82mZq" not in f"{error!r} {error} {error.hint} {error.trace}"


@pytest.mark.parametrize("most", [100, 500])
@pytest.mark.parametrize("seen", range(22, 90, 7))
@pytest.mark.parametrize("before", [f"token: {'A' * 2_000}", "name " * 400, "x" * 80])
def test_no_first_half_of_a_secret_is_left_where_a_text_is_cut(before: str, seen: int, most: int) -> None:
    password = "Hq7xKd82mZq" * (400 if len(before) == 80 else 40)
    start = before[: 4 * most - seen]
    shown = mask_beginning(f"{start} http://ann:{password}@h/ {'y' * 9_000}", most)
    assert "Hq7xKd82mZq" not in shown
    assert shown.startswith(start[:5])
    assert len(shown) <= most


def test_the_beginning_of_a_text_without_secrets_is_as_it_was() -> None:
    assert mask_beginning("x" * 9_000, 100) == "x" * 100
    assert mask_beginning("drop edges", 100) == "drop edges"
    assert mask_beginning("token: abcdefgh12345678 is wrong", 100) == f"token: {MASK} is wrong"
