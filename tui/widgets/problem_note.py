"""A problem in words: what it is, why it is said, since when, and the next step."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from textual.content import Content

from tui.widgets.wrapping import wrap_sentence

KEYS_TOLD = frozenset({"enter", ""})
"""Keys that need not be named: who reads the note has pressed them, or there is none."""


class ProblemNote(Struct, frozen=True, kw_only=True):
    """A problem as the screen tells it; all texts are harmless."""

    title: str
    evidence: str
    since: str = ""
    """Since when, in words; empty where nobody knows."""
    step: str = ""
    """The next step, as a sentence."""
    key: str = ""
    """The key that takes it, as the help writes it; empty where there is none."""
    command: str = ""
    """The command that takes it, where no key does; harmless."""

    @property
    def advice(self) -> str:
        """The next step, behind its key where the sentence does not name it; empty where there is none."""
        if not self.step:
            return ""
        is_told = self.key in KEYS_TOLD or f" {self.key} " in f"{self.step} "
        return f"Next{'' if is_told else f' ({self.key})'}: {self.step}"


def draw_problem(note: ProblemNote, width: int) -> Iterator[Content]:
    """The lines of a problem, each at most `width` cells."""
    for number, row in enumerate(wrap_sentence(note.title, max(8, width - 2))):
        yield Content.styled(f"{' ' if number else '!'} {row}", "$status-stuck")
    since = f" {note.since}" if note.since else ""
    for row in wrap_sentence(f"{note.evidence}{since}".strip(), max(8, width - 2)):
        yield Content(f"  {row}")
    if note.advice:
        for row in wrap_sentence(note.advice, max(8, width - 2)):
            yield Content.styled(f"  {row}", "bold")
    if note.command:
        for row in wrap_sentence(note.command, max(8, width - 2)):
            yield Content.styled(f"  {row}", "$text-primary")
