"""Takes secrets out of texts before they become part of a message."""

from __future__ import annotations

import re

HIDDEN = "***"

_KEY = r"(?:password|passwd|pwd|secret|token|authorization|api_?key)[\w.-]{0,40}+"
_VALUE = (
    r'"(?:[^"\\]|\\.)*+"?'  # JSON
    r'|\\"(?:\\\\\\"|(?!\\").)*+(?:\\")?'  # JSON inside a string
    r"|'[^']*+'?"
    r"|(?:(?:basic|bearer)\s+)?[^\s,;&}\]\"'\\]+"
)
_PAIR = re.compile(rf"""(?P<key>{_KEY}\\?["']?\s{{0,9}}[:=]\s{{0,9}})(?:{_VALUE})""", re.IGNORECASE)
_SCHEME = re.compile(r"\b(Basic|Bearer)\s+[A-Za-z0-9+/_.=~-]{6,}", re.IGNORECASE)
_USERINFO = re.compile(r"(?P<scheme>://)[^/\s@]{1,200}@")
_LONGEST = 20_000
"""Characters of a server's text that are looked at; the rest is cut off."""


def redact(text: str) -> str:
    """The text with the values of password, token and secret keys, and userinfo in URLs, made unreadable."""
    short = text[:_LONGEST]
    short = _USERINFO.sub(rf"\g<scheme>{HIDDEN}@", short)
    short = _PAIR.sub(rf"\g<key>{HIDDEN}", short)
    return _SCHEME.sub(rf"\1 {HIDDEN}", short)
