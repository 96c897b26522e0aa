"""The title and the progress are written where they change, and taken back once."""

from __future__ import annotations

from tui.textual_ext.window_marks import WindowMarks


def test_what_is_shown_already_is_not_written_again() -> None:
    written: list[str] = []
    marks = WindowMarks(written.append)
    for title in ("a", "a", "b"):
        marks.show_title(title, before="<", after=">")
    for progress in ("1", "1", "2", "", ""):
        marks.show_progress(progress, after="0")
    assert written == ["<a", "b", "1", "2", "0"]


def test_what_is_shown_at_the_end_is_taken_back() -> None:
    written: list[str] = []
    marks = WindowMarks(written.append)
    assert marks.ending == ""
    marks.show_title("a", before="<", after=">")
    marks.show_progress("1", after="0")
    assert marks.ending == "0>"
    marks.show_progress("", after="")
    assert marks.ending == ">"
    marks.stop()
    marks.show_title("late", before="<", after=">")
    marks.show_progress("late", after="0")
    assert (written[-1], marks.ending) == ("0", ">")
    marks.forget()
    assert marks.ending == ""
    marks.start()
    marks.show_title("a", before="<", after=">")
    assert written[-1] == "<a"
