"""Joins what happened, a server's words and what to do into whole sentences, at every edge to a person."""

from __future__ import annotations

_STOPS = (".", "!", "?", "…", "。", "！", "？")
_CLOSING = "'\"”’»)]`"
"""A stop before these ends a sentence as well: `not valid for 'db.'`."""
_HANGING = " \t\r\n,;:"
"""What some servers end their words with, and no sentence ends with."""


def end_sentence(words: str) -> str:
    """The words with exactly one stop at their end; nothing for nothing."""
    trimmed = words.strip().rstrip(_HANGING)
    if not trimmed or trimmed.rstrip(_CLOSING).endswith(_STOPS):
        return trimmed
    return f"{trimmed}."


def join_sentences(*parts: str) -> str:
    """The parts as sentences one after the other, each with its stop; empty ones are left out."""
    return " ".join(filter(None, map(end_sentence, parts)))
