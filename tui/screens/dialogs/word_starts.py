"""Finds typed words at the beginnings of words, as the palette and the pickers do."""

from __future__ import annotations

import unicodedata
from typing import TypeAlias

Spans: TypeAlias = tuple[tuple[int, int], ...]
"""Parts of a text, each with its first and its last position, the last one not included."""

BEGINS_SENTENCE, BEGINS_FIRST_WORD, BEGINS_OTHER_WORD = range(3)
"""How well a text matches; lower is better."""


def find_word_starts(text: str, typed: str) -> Spans | None:
    """Where the words that were typed begin words of the text; None unless each of them does.

    Upper and lower case are the same, and so are all orders of the words. What was typed may go on over the
    end of a word, as `DEFAULT/sup` does.
    """
    plain = _fold_case(text)
    spans = []
    for word in typed.split():
        found = _find_start(plain, _fold_case(word))
        if found is None:
            return None
        spans.append((found, found + len(word)))
    return tuple(spans)


def rank_match(text: str, typed: str) -> int:
    """How well a text that matches does so."""
    plain, words = _fold_case(text), _fold_case(typed).split()
    if plain.startswith(" ".join(words)):
        return BEGINS_SENTENCE
    return BEGINS_FIRST_WORD if any(map(plain.startswith, words)) else BEGINS_OTHER_WORD


def _fold_case(text: str) -> str:
    """The text in lower case, character by character, so that positions stay what they are."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(sign.lower()[:1] for sign in text)


def _find_start(text: str, word: str) -> int | None:
    at = text.find(word)
    while at >= 0:
        if _begins_word(text, at):
            return at
        at = text.find(word, at + 1)
    return None


def _begins_word(text: str, at: int) -> bool:
    """Whether a word begins at a position; scripts without spaces, such as Chinese, begin one everywhere."""
    return not at or not text[at - 1].isalnum() or not text[at].isalnum() or _has_no_spaces(text[at])


def _has_no_spaces(sign: str) -> bool:
    return unicodedata.category(sign) == "Lo"
