"""Toasts on the screen: what they say whole, what they count, how many there are, and how they go."""

from __future__ import annotations

from backend_adapters.simulator import EMPTY_HUGEGRAPH
from tests.ui.running_app import FrozenClock, RunningApp, run_app
from tui.config.options import ScreenOptions

ADVICE = (
    "The server accepted the cancel of task 283 (202), but the task is still RUNNING after 30 s. "
    "It may still happen: check the task before you try again. If its server server-1 is gone, only a "
    "force delete removes it, and the job may go on all the same."
)
LONGER = f"{ADVICE} {ADVICE}"


def said(at: RunningApp) -> list[tuple[str, str, int]]:
    """What the toasts say, how severe it is, and how many times it was said."""
    return [(toast.said, toast.severity, toast.count) for toast in at.app.shown_toasts]


def join_toasts(at: RunningApp) -> str:
    """What stands in the toasts, in one line."""
    return " ".join(" ".join(line.partition("▌")[2].rstrip("│╮╯─▁▂▃▄▅▆▇█ ") for line in at.lines()).split())


async def test_advice_is_shown_whole_and_what_has_no_room_names_the_key() -> None:
    async with run_app(EMPTY_HUGEGRAPH, size=(80, 24), clock=FrozenClock()) as at:
        at.screen.show_message("one\x1b " + ADVICE, severity="warning")
        shown = f"one␛ {ADVICE}"
        await at.until(lambda: shown in join_toasts(at), "all of the advice")
        at.screen.show_message(LONGER, severity="error")
        await at.until_seen("M shows all · esc closes this")


async def test_what_is_said_again_counts_up_and_stays_as_long_as_if_it_was_new() -> None:
    async with run_app(clock=FrozenClock()) as at:
        for sentence in ("One.", "Other.", "One.", "One."):
            at.app.notify(sentence, timeout=1000)
        at.app.notify("One.", severity="error", timeout=3600)
        await at.until_seen("One. (×3)")
        assert said(at) == [
            ("Other.", "information", 1),
            ("One.", "information", 3),
            ("One.", "error", 1),
        ]
        at.app.notify("One.", timeout=2000)
        await at.until_seen("One. (×4)")
        assert [toast.timeout for toast in at.app.shown_toasts] == [1000, 3600, 2000]
        assert at.text().count("One. (×") == 1, "the one before is gone from the screen"


async def test_few_are_shown_at_once_and_what_goes_by_itself_makes_room_first() -> None:
    async with run_app(size=(80, 24), clock=FrozenClock()) as at:
        at.app.notify("Bad.", severity="error")
        for number in range(40):
            at.app.notify(f"Thing {number}.", timeout=1000)
        await at.until_seen("Thing 39.")
        assert [sentence for sentence, *_ in said(at)] == ["Bad.", "Thing 38.", "Thing 39."]
        assert len(at.app.messages.list_all()) == 41, "nothing that was said is lost"


async def test_they_take_half_of_a_small_screen_at_most() -> None:
    async with run_app(size=(60, 20), clock=FrozenClock()) as at:
        for number in range(3):
            at.app.notify(f"{number} {ADVICE}", severity="error")
        await at.until(lambda: [sentence[0] for sentence, *_ in said(at)] == ["2"], "the newest alone")
        assert len(at.app.messages.list_all()) == 3


async def test_esc_closes_the_newest_that_stays_before_anything_else() -> None:
    async with run_app(clock=FrozenClock()) as at:
        await at.press("slash", *"gremlin", "enter")
        await at.until_seen("filter: gremlin")
        at.app.notify("Bad.", severity="error")
        at.app.notify("Worse.", severity="error")
        at.app.notify("Good.", timeout=1000)
        await at.until_seen("Good.")
        await at.press("escape")
        await at.until_gone("Worse.")
        await at.press("escape")
        await at.until_gone("Bad.")
        assert at.screen.filter_line.text == "gremlin"
        await at.press("escape")
        await at.until_gone("filter:")
        assert "Good." in at.text(), "what goes by itself costs no key"
        await at.press("escape")
        await at.until_gone("Good.")


async def test_ascii_has_ascii_signs() -> None:
    async with run_app(options=ScreenOptions(ascii=True), clock=FrozenClock(), size=(60, 20)) as at:
        at.app.notify(LONGER, severity="error")
        at.app.notify(LONGER, severity="error")
        await at.until_seen("~ (x2) M shows all - esc closes this")
