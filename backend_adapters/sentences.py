"""Joins what happened, a server's words and what to do into whole sentences for a person."""

from __future__ import annotations

_STOPS = (".", "!", "?", "…", "。", "！", "？")
_CLOSING = "'\"”’»)]`"
"""A stop may be followed by these: `not valid for 'db.'`."""
_HANGING = " \t\r\n,;:"
"""What some messages of servers end with, and no sentence does."""


def end_sentence(words: str) -> str:
    """The words with exactly one stop at their end; empty for an empty text."""
    trimmed = words.strip().rstrip(_HANGING)
    if not trimmed or trimmed.rstrip(_CLOSING).endswith(_STOPS):
        return trimmed
    return f"{trimmed}."


def shorten_text(text: str, longest: int) -> str:
    """The text, or its beginning and an ellipsis where it has more characters than `longest`."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def join_sentences(*parts: str) -> str:
    """The parts as sentences, each with its stop; empty parts are left out."""
    return " ".join(filter(None, map(end_sentence, parts)))
