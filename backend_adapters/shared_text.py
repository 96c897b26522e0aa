"""Keeps equal texts once: a decoder makes a new one for each record that has it."""

from __future__ import annotations

_TEXTS_MOST = 4_096
"""Texts that are remembered; then all are forgotten, so that texts that never come again cost little."""
_LENGTH_MOST = 200
"""Longer texts seldom come twice."""

_known: dict[str, str] = {}


def share_text(text: str) -> str:
    """Return an equal text that was met before where there is one, else the text itself.

    Jobs that are started again and again have the same name: of 100,000 tasks of the demo 1,500 names differ,
    and each would take a hundred bytes.
    """
    found = _known.get(text)
    if found is not None:
        return found
    if len(text) <= _LENGTH_MOST:
        if len(_known) >= _TEXTS_MOST:
            _known.clear()
        _known[text] = text
    return text
