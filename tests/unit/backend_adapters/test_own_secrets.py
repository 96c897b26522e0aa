"""Secrets that graphtop was given are hidden by their value, without a word that announces them."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_adapters.errors import Refused
from backend_adapters.own_secrets import MAX_SECRETS, OWN_SECRETS
from backend_adapters.redaction import MaskingStream, mask_secrets
from backend_adapters.secret_finder import MASK
from backend_adapters.transport.credentials import AccessKeys, Credentials
from tui.monitor.document.loading import read_document

VALUE = 'hq7"x\\ K/d82+mZ?é'
ENCODED = {
    "raw": VALUE,
    "json": json.dumps(VALUE),
    "json in json": json.dumps(json.dumps(VALUE)),
    "utf-8 json": json.dumps(VALUE, ensure_ascii=False),
    "percent": quote(VALUE, safe=""),
    "small percent": re.sub("%..", lambda found: found[0].lower(), quote(VALUE, safe="")),
    "form": quote_plus(VALUE),
    "base64": b64encode(VALUE.encode()).decode(),
    "basic": b64encode(f"ann:{VALUE}".encode()).decode(),
    "basic of another": b64encode(f"anna:{VALUE}".encode()).decode(),
    "basic of a third": b64encode(f"annie:{VALUE} and more".encode()).decode(),
    "url base64": urlsafe_b64encode(f"ann:{VALUE}".encode()).decode(),
}
LETTERS = "hq7xKd82mZq"


@pytest.mark.parametrize("form", ENCODED)
def test_a_value_is_hidden_in_each_encoding(form: str) -> None:
    text = f"sent {ENCODED[form]} to it"
    assert mask_secrets(text) is text
    OWN_SECRETS.add_secret(VALUE)
    shown = mask_secrets(text)
    assert shown.startswith("sent ")
    assert shown.endswith(" to it")
    assert MASK in shown
    # Of base64, what also holds a part of a byte beside it is left, and what stood there.
    hidden = len(text) - len(shown) + len(MASK)
    assert hidden >= len(ENCODED[form]) * 2 // 5
    assert not any(part in shown for part in ("K/d82", "d82+m", "L2Q4M", "S9kOD", "vZDgy"))


@settings(deadline=None)
@given(before=st.text(max_size=9), behind=st.text(max_size=9), split=st.integers(0, 30))
def test_it_is_hidden_wherever_it_stands_and_in_a_stream_too(before: str, behind: str, split: int) -> None:
    OWN_SECRETS.add_secret(LETTERS)
    for part in (LETTERS, b64encode(LETTERS.encode()).decode()):
        text = f"{before}{part}{behind}"
        shown = mask_secrets(text)
        assert part not in shown
        data = text.encode("utf-8", "replace")
        stream = MaskingStream()
        given = stream.mask_piece(data[:split]) + stream.mask_piece(data[split:]) + stream.mask_rest()
        assert part.encode() not in given


def test_a_stream_keeps_back_what_may_be_the_beginning_of_a_long_one(monkeypatch: pytest.MonkeyPatch) -> None:
    token = "MIIF" + "x7Q" * 3000
    OWN_SECRETS.add_secret(token)
    stream, text = MaskingStream(), b"a " * 70_000 + token.encode() + b" b" * 70_000
    pieces = [stream.mask_piece(text[at : at + 1000]) for at in range(0, len(text), 1000)]
    given = b"".join([*pieces, stream.mask_rest()])
    assert given == b"a " * 70_000 + MASK.encode() + b" b" * 70_000


@pytest.mark.parametrize("credentials", [
    Credentials(user="ann", password=lambda: LETTERS), Credentials(token=lambda: f" {LETTERS}\n"),
    Credentials(keys=lambda: AccessKeys("AK", LETTERS)),
    Credentials(keys=lambda: AccessKeys("AK", "x", LETTERS)),
])  # fmt: skip
def test_what_is_loaded_to_log_in_is_hidden(credentials: Credentials) -> None:
    credentials.password()
    credentials.token()
    credentials.keys()
    assert str(Refused(f"no {LETTERS}x here")) == f"no {MASK}x here"


def test_what_is_announced_and_what_is_ours_are_hidden_together() -> None:
    OWN_SECRETS.add_secret("seven words")
    assert mask_secrets("x seven words token=abc y") == f"x {MASK} token={MASK} y"
    assert mask_secrets("token=some seven words y") == f"token={MASK} {MASK} y"
    assert mask_secrets("token='some seven words' y") == f"token='{MASK}' y"
    OWN_SECRETS.add_secret("words token=ab")
    assert mask_secrets("x seven words token=abc y") == f"x {MASK} y"


@pytest.mark.parametrize(("value", "text", "shown"), [
    ("1234", "pin: 1234, next", f"pin: {MASK}, next"), ("1234", "task 51234 of 12345", None),
    ("1234", '{"id": 1234, "ids": [1234, 1234]}', None), ("1234", '{"pin": "1234"}', f'{{"pin": "{MASK}"}}'),
    ("true", '{"ok": true}', None),
    ("null", '{"a": null}', None), ("abc", "abc abc", None), ("", "abc", None),
])  # fmt: skip
def test_short_ones_and_numbers_leave_the_rest_alone(value: str, text: str, shown: str | None) -> None:
    OWN_SECRETS.add_secret(value)
    assert mask_secrets(text) == (text if shown is None else shown)


def test_a_name_that_was_told_openly_is_shown_though_it_is_a_password_too() -> None:
    OWN_SECRETS.add_secret("admin")
    OWN_SECRETS.show_names("admin", None, "")
    assert mask_secrets("admin, password=admin") == f"admin, password={MASK}"
    assert MASK in mask_secrets(b64encode(b"admin:admin").decode()), "nobody writes a name so"
    OWN_SECRETS.add_secret("admins")
    assert mask_secrets("admins") == MASK


def test_only_the_latest_are_kept() -> None:
    for number in range(MAX_SECRETS + 1):
        OWN_SECRETS.add_secret(f"secret-{number:02}-x")
    assert mask_secrets("secret-00-x secret-01-x secret-16-x") == f"secret-00-x {MASK} {MASK}"


def test_a_long_text_is_shown_without_it() -> None:
    OWN_SECRETS.add_secret(LETTERS)
    text = json.dumps({"a": "x" * 40_000 + LETTERS, "b": [LETTERS] * 3, "c": 1})
    document = read_document(text, "result")
    assert LETTERS.encode() not in document.content
    assert "4 secrets are hidden." in document.note
