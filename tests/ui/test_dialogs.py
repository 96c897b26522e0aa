"""What a person sees and does in the dialogs: confirm, help, pick one, sign in."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from textual import events
from textual._styles_cache import StylesCache
from textual.app import App
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input

from backend_adapters.dialect import KEYS_FORM, LOGIN_FORMS, TOKEN_FORM
from backend_adapters.errors import LoginKind
from backend_adapters.model import Action, Param, Recipe, Task, TaskStatus, build_task
from backend_adapters.transport.credentials import AccessKeys, Credentials
from tests.ui.dialog_app import UNANSWERED, House, screen_text
from tests.ui.running_app import FrozenClock, run_app, wait_until
from tui.screens.dialogs.choice_list import Choice
from tui.screens.dialogs.confirm import ConfirmScreen
from tui.screens.dialogs.confirm_text import ConfirmRequest
from tui.screens.dialogs.create_job import CreateJobScreen
from tui.screens.dialogs.dialog import IGNORE_INPUT_SECONDS, Dialog
from tui.screens.dialogs.help import HelpScreen
from tui.screens.dialogs.login import LoginScreen, TypedLogin, use_typed_login
from tui.screens.dialogs.picker import PickerScreen
from tui.screens.dialogs.profile_snippet import SnippetScreen
from tui.screens.tasks.action_plan import PlaceTasks
from tui.screens.tasks.key_bindings import KeyCommand
from tui.styles.themes import VARIABLE_DEFAULTS
from tui.widgets.line_input import LineInput

EVIL = "a[/x][bold] \x1b]52;c;QQ==\x07 \u202edrop\n索引🚀"


def task(number: int = 4211, **fields: object) -> Task:
    """A running gremlin task, unless told otherwise."""
    status = fields.get("status", TaskStatus.RUNNING)
    assert isinstance(status, TaskStatus)
    given = {
        "id": str(number),
        "type": "gremlin",
        "name": f"count {number}",
        "status": status,
        "raw_status": status.value,
    }
    return build_task(**{**given, **fields})


def tasks(number: int) -> tuple[Task, ...]:
    return tuple(task(4211 - index) for index in range(number))


def request(action: Action = Action.CANCEL, *given: Task, **fields: object) -> ConfirmRequest:
    place = "prod · DEFAULT/hugegraph"
    return ConfirmRequest(action=action, tasks=given or (task(),), place=place, **fields)  # type: ignore[arg-type]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def confirm(asked: ConfirmRequest) -> tuple[House, Clock]:
    clock = Clock()
    return House(ConfirmScreen(asked, clock=clock)), clock


async def listening(pilot: Pilot, clock: Clock) -> None:
    """Wait until the dialog hears keys, with room for a busy machine that delivers them late."""
    await pilot.pause()
    await pilot.pause()
    clock.now += 60.0


# --- confirm: the guard ------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["y", "enter", "n", "escape", "q"])
async def test_what_is_pressed_in_the_first_300_ms_is_ignored(key: str) -> None:
    app, clock = confirm(request())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        clock.now += IGNORE_INPUT_SECONDS - 0.01
        await pilot.press(key)
        assert app.answer is UNANSWERED
        assert app.screen is app.dialog


async def test_a_key_pressed_early_and_delivered_late_is_ignored() -> None:
    app, clock = confirm(request())
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        late = events.Key("y", "y")
        late.time = time.monotonic() - 59.9
        app.post_message(late)
        await pilot.pause()
        assert app.answer is UNANSWERED
        await pilot.press("y")
        assert app.answer == ("4211",)


class OnKey(App[None]):
    """Opens the dialog at C."""

    BINDINGS = [("C", "ask", "Cancel")]
    answer: object = UNANSWERED

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLE_DEFAULTS

    def action_ask(self) -> None:
        self.push_screen(ConfirmScreen(request()), lambda answer: setattr(self, "answer", answer))


async def test_keys_queued_behind_the_one_that_opens_it_are_ignored() -> None:
    app = OnKey()
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("C", "y", "enter"):
            app.post_message(events.Key(key, None))
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmScreen), "the dialog")
        await pilot.pause()
        assert app.answer is UNANSWERED
        assert isinstance(app.screen, ConfirmScreen)


async def test_early_typing_does_not_reach_the_input() -> None:
    app, clock = confirm(request(Action.DELETE, *tasks(21)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("2", "1", "enter")
        assert app.screen.query_one("#typed", Input).value == ""
        await listening(pilot, clock)
        await pilot.press("2", "1")
        assert app.screen.query_one("#typed", Input).value == "21"


async def test_an_early_click_on_yes_is_ignored() -> None:
    app, clock = confirm(request())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click("#yes")
        assert app.answer is UNANSWERED
        await listening(pilot, clock)
        await pilot.click("#yes")
        assert app.answer == ("4211",)


# --- confirm: one task and lists ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["y"], ("4211",)),
        (["n"], None),
        (["q"], None),
        (["escape"], None),
        (["enter"], None),
        (["right", "enter"], ("4211",)),
        (["tab", "enter"], ("4211",)),
        (["right", "left", "enter"], None),
    ],
)
async def test_one_task_starts_on_no(keys: list[str], answer: object) -> None:
    app, clock = confirm(request())
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        await pilot.press(*keys)
        assert app.answer == answer


async def test_one_task_says_what_happens_where_and_to_what() -> None:
    app, _ = confirm(request(Action.DELETE, task(status=TaskStatus.SUCCESS)))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        text = screen_text(app)
    assert "Delete task 4211?" in text
    assert "prod · DEFAULT/hugegraph" in text
    assert "✓ success  4211  gremlin" in text
    assert "count 4211" in text
    assert "This permanently deletes" in text
    assert "Don't delete" in text
    assert "not finished" not in text


async def test_no_is_never_called_cancel() -> None:
    app, _ = confirm(request(Action.CANCEL, *tasks(3)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert str(app.screen.query_one("#no").render()) == "Don't cancel"
        assert str(app.screen.query_one("#yes").render()) == "Cancel 3 tasks"


async def test_a_list_shows_each_task_and_scrolls_with_the_focus_on_no() -> None:
    app, clock = confirm(request(Action.CANCEL, *tasks(20)))
    async with app.run_test(size=(60, 20)) as pilot:
        await listening(pilot, clock)
        assert "4211  ▶ running  count 4211" in screen_text(app)
        assert "count 4192" not in screen_text(app)
        await pilot.press(*["pagedown"] * 6)
        await wait_until(pilot, lambda: "count 4192" in screen_text(app), "the last task")
        await pilot.press("y")
        assert app.answer == tuple(str(4211 - index) for index in range(20))


async def test_a_second_yes_answers_once() -> None:
    app, clock = confirm(request())
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        app.post_message(events.Key("y", "y"))
        app.post_message(events.Key("y", "y"))
        await pilot.pause()
        assert app.answer == ("4211",)


# --- confirm: typed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        (request(Action.CANCEL, *tasks(21)), "21"),
        (request(Action.CANCEL, *tasks(2), production=True), "2"),
        (request(Action.DELETE, task(), production=True), "4211"),
        (request(Action.FORCE_DELETE, task()), "4211"),
        (request(Action.FORCE_DELETE, task(id="0a1b" * 8)), "0a1b" * 8),
    ],
)
async def test_many_production_and_force_must_be_typed(asked: ConfirmRequest, word: str) -> None:
    app, clock = confirm(asked)
    async with app.run_test(size=(60, 20)) as pilot:
        await listening(pilot, clock)
        assert f"Type {word} (" in screen_text(app) or (
            len(word) > 12 and "the task id shown above" in screen_text(app)
        )
        yes = app.screen.query_one("#yes")
        await pilot.press("y", "enter", "backspace")
        await pilot.press(*word[:-1])
        assert yes.disabled
        await pilot.press("enter")
        assert app.answer is UNANSWERED
        await pilot.press(word[-1])
        assert not yes.disabled
        await pilot.press("7")
        assert yes.disabled
        await pilot.press("backspace", "enter")
        assert app.answer == tuple(shown.id for shown in asked.tasks)


@pytest.mark.parametrize("key", ["n", "q", "escape"])
async def test_no_keys_work_while_typing(key: str) -> None:
    app, clock = confirm(request(Action.DELETE, *tasks(30)))
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        await pilot.press("3", key)
        assert app.answer is None


@pytest.mark.parametrize(
    ("asked", "typed", "words"),
    [
        (request(Action.FORCE_DELETE), "42", "This is not 4211. Type 4211 to force delete it, or press esc."),
        (request(Action.CANCEL, production=True), "", "Type 4211 to cancel it, or press esc."),
        (request(Action.DELETE, *tasks(21)), "7", "This is not 21. Type 21 to delete them, or press esc."),
        (
            request(Action.DELETE, task(id="0a1b" * 8), production=True),
            "7",
            "This is not the id shown above. Type that id to delete it, or press esc.",
        ),
    ],
)
async def test_enter_after_a_wrong_text_says_what_to_type(
    asked: ConfirmRequest, typed: str, words: str
) -> None:
    app, clock = confirm(asked)
    async with app.run_test(size=(60, 20)) as pilot:
        await listening(pilot, clock)
        await pilot.press(*typed, "enter")
        await pilot.pause()
        assert words in " ".join(screen_text(app).replace("│", " ").split())
        assert app.screen.query_one("#yes").region in app.screen.region
        await pilot.press("8")
        assert "or press esc." not in screen_text(app)


async def test_production_is_a_word() -> None:
    app, _ = confirm(request(production=True))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert "production" in screen_text(app)


# --- confirm: words and live changes -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            request(Action.CANCEL, task(type="rebuild_index")),
            "leave the schema unfinished (INVALID or DELETING)",
        ),
        (request(Action.CANCEL, task(), skipped=385), "The other 385 marked tasks are skipped"),
        (request(Action.DELETE, task()), "It has not finished"),
        (request(Action.DELETE, *tasks(3)), "None has finished"),
        (request(Action.FORCE_DELETE, task()), "without stopping the work; the record may reappear"),
        (request(warning="The screen is 40 s old [/x]."), "The screen is 40 s old [/x]."),
    ],
)
async def test_dangers_are_said(asked: ConfirmRequest, sentence: str) -> None:
    app, _ = confirm(asked)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        words = "".join(character for character in screen_text(app) if character not in "│▌")
        assert sentence in " ".join(words.split())


async def test_changes_show_beside_the_frozen_tasks_and_only_what_is_left_is_counted() -> None:
    app, clock = confirm(request(Action.CANCEL, *tasks(3)))
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        app.dialog.update_tasks([task(4211, status=TaskStatus.SUCCESS), task(1)])
        await pilot.pause()
        text = screen_text(app)
        assert "▶ running" in text
        assert "finished: success" in text
        assert "Cancel 2 of 3 tasks?" in text
        assert str(app.screen.query_one("#yes").render()) == "Cancel 2 tasks"
        app.dialog.update_tasks([], gone=["4211"])
        await pilot.pause()
        assert "no longer exists" in screen_text(app)
        await pilot.press("y")
        assert app.answer == ("4211", "4210", "4209")


RUNNING = task(type="rebuild_index")
ENDED = task(status=TaskStatus.SUCCESS)


@pytest.mark.parametrize("key", ["y", "n", "escape", "enter"])
@pytest.mark.parametrize("production", [False, True])
async def test_where_the_task_has_finished_there_is_only_a_way_out(key: str, production: bool) -> None:
    app, clock = confirm(request(Action.CANCEL, RUNNING, production=production))
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        await pilot.press("4")
        app.dialog.update_tasks([replace(RUNNING, status=TaskStatus.SUCCESS)])
        await pilot.pause()
        text = screen_text(app)
        assert "There is nothing left to cancel." in text
        assert "Close" in text
        assert "esc close" in text
        for untrue in ("watches until", "can leave the schema", "Don't cancel", "Type 4211", "y cancel"):
            assert untrue not in text
        assert not app.screen.query_one("#yes").display
        await pilot.press(key)
        assert app.answer is (UNANSWERED if key == "y" else None)


async def test_a_finished_task_is_told_as_finished_and_a_restored_one_can_be_cancelled_again() -> None:
    app, clock = confirm(request(Action.CANCEL, task()))
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        app.dialog.update_tasks([ENDED])
        await pilot.pause()
        assert "It finished meanwhile (success)." in screen_text(app)
        app.dialog.update_tasks([task()])
        await pilot.pause()
        assert "meanwhile" not in screen_text(app)
        assert "Don't cancel" in screen_text(app)
        await pilot.press("y")
        assert app.answer == ("4211",)


@pytest.mark.parametrize(
    ("number", "gone", "words"),
    [
        (1, True, "There is nothing left to delete."),
        (3, True, "There is nothing left to delete."),
        (1, False, "It has changed since it was shown, so nothing is deleted."),
        (3, False, "They have changed since they were shown, so nothing is deleted."),
    ],
)
async def test_a_delete_of_what_has_changed_is_not_promised(number: int, gone: bool, words: str) -> None:
    app, clock = confirm(request(Action.DELETE, *tasks(number)))
    async with app.run_test(size=(100, 24)) as pilot:
        await listening(pilot, clock)
        now = [replace(one, status=TaskStatus.SUCCESS) for one in tasks(number)]
        app.dialog.update_tasks([] if gone else now, gone=[one.id for one in now] if gone else [])
        await pilot.pause()
        assert words in " ".join(screen_text(app).replace("│", " ").split())
        await pilot.press("y")
        assert app.answer is UNANSWERED
        await pilot.press("enter")
        assert app.answer is None


@pytest.mark.parametrize("number", [1, 3])
async def test_news_of_a_task_stay_until_there_are_newer_ones(number: int) -> None:
    app, _ = confirm(request(Action.CANCEL, *tasks(number)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.dialog.update_tasks([ENDED])
        app.dialog.update_tasks([task(1)])
        app.dialog.update_tasks([], gone=["2"])
        await pilot.pause()
        assert "finished" in screen_text(app)
        app.dialog.update_tasks([task(4211)])
        await pilot.pause()
        assert "finished" not in screen_text(app)
        assert "running again" in screen_text(app), "news do not go without a word"
        app.dialog.update_tasks([task(4211)])
        await pilot.pause()
        assert "running again" in screen_text(app)


async def test_the_number_that_is_typed_is_that_of_the_tasks_that_are_left() -> None:
    app, clock = confirm(request(Action.CANCEL, *tasks(30)))
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        assert "Type 30 (the number of tasks):" in screen_text(app)
        app.dialog.update_tasks([ENDED])
        await pilot.pause()
        assert "Type 29 (the number of tasks):" in screen_text(app)
        await pilot.press("2", "8", "enter")
        await pilot.pause()
        assert "This is not 29. Type 29 to cancel them, or press esc." in screen_text(app)
        await pilot.press("backspace", "9")
        assert not app.screen.query_one("#yes").disabled
        await pilot.press("enter")
        assert app.answer == tuple(shown.id for shown in tasks(30))


async def test_a_number_that_was_asked_for_counts_while_tasks_end_but_never_for_more_tasks() -> None:
    app, clock = confirm(request(Action.CANCEL, *tasks(30)))
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        await pilot.press("3", "0")
        yes = app.screen.query_one("#yes")
        app.dialog.update_tasks([ENDED])
        await pilot.pause()
        assert not yes.disabled, "one fewer than was asked for"
        await pilot.press("backspace", "backspace", "2", "9")
        assert not yes.disabled
        app.dialog.update_tasks([task()])
        await pilot.pause()
        assert "Type 30 (the number of tasks):" in screen_text(app)
        assert yes.disabled, "29 were confirmed, and 30 would be cancelled"


@pytest.mark.parametrize(("number", "size"), [(389, (80, 24)), (20, (60, 20))])
async def test_a_list_says_how_many_rows_it_does_not_show(number: int, size: tuple[int, int]) -> None:
    app, clock = confirm(request(Action.CANCEL, *tasks(number)))
    async with app.run_test(size=size) as pilot:
        await listening(pilot, clock)
        await wait_until(
            pilot, lambda: f"and {number - len(listed(app))} more" in screen_text(app), "the number of others"
        )
        await pilot.press("down")
        hidden = number - len(listed(app)) - 1
        await wait_until(pilot, lambda: f"and {hidden} more" in screen_text(app), "one fewer")
        await pilot.press(*["pagedown"] * (number // 6 + 2))
        await wait_until(pilot, lambda: f"the last of {number}" in screen_text(app), "the end")


async def test_a_list_that_is_visible_whole_counts_nothing() -> None:
    app, clock = confirm(request(Action.CANCEL, *tasks(4)))
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        assert " more" not in screen_text(app)
        assert "the last of" not in screen_text(app)


@pytest.mark.parametrize(("number", "size"), [(1, (60, 20)), (2, (120, 36)), (25, (80, 24))])
async def test_a_hostile_name_is_only_a_name(number: int, size: tuple[int, int]) -> None:
    evil = tuple(task(index, name=EVIL, type="[/x]", raw_status=EVIL) for index in range(number))
    app, _ = confirm(request(Action.DELETE, *evil))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = screen_text(app)
    assert "a[/x][bold] ␛]52;c;" in text
    assert not set(text) & {"\x1b", "\x07", "\u202e"}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("number", [1, 2, 20, 2000])
@pytest.mark.parametrize("production", [False, True])
async def test_everything_fits_60_by_20(action: Action, number: int, production: bool) -> None:
    mixed = tuple(
        task(index, type="rebuild_index", status=[TaskStatus.RUNNING, TaskStatus.SUCCESS][index % 2])
        for index in range(number)
    )
    asked = request(action, *mixed, production=production, warning="The screen is 40 s old.")
    app = House(ConfirmScreen(asked))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        await pilot.pause()
        for part in ("#yes", "#no", "#dialog"):
            assert app.screen.query_one(part).region in app.screen.region, part
        assert app.screen.query_one("#dialog").max_scroll_y == 0
        text = screen_text(app)
    assert "Don't " in text
    assert "esc back" in text or "n back" in text


def request_in_places(number: int) -> ConfirmRequest:
    """Deletes so many tasks of four places, one of production, with all that there can be to say of them."""
    names = ("prod", "dev", "stage", "cloud")
    parts = tuple(
        PlaceTasks(name=f"{name} · DEFAULT/hugegraph", number=number // 4, production=name == "prod")
        for name in names
    )
    read_only = (PlaceTasks(name="locked", number=2, reason="It is read-only (the profile locked)."),)
    asked = request(Action.DELETE, *tasks(number), production=True, places=parts, left_out=read_only)
    return replace(asked, place="4 places", skipped=2, warning="The server said that it is a worker.")


@pytest.mark.parametrize("size", [(44, 20), (60, 16), (44, 16)])
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            request(Action.DELETE, production=True),
            ["Delete task 4211?", "hugegraph", "count 4211", "4211 (the"],
        ),
        (
            request(Action.FORCE_DELETE, warning="It is a worker. " * 4),
            ["Force delete", "count 4211", "4211 (the"],
        ),
        (request(Action.DELETE, *tasks(3), production=True), ["Delete 3 tasks?", "count 4211", "Type 3"]),
        (request(Action.DELETE, *tasks(40)), ["Delete 40 tasks?", "hugegraph", "count 4210", "Type 40"]),
        (
            request_in_places(40),
            ["Delete 40 tasks?", "4 places", "▲ prod", "more places 30", "count 4211", "Type 40"],
        ),
    ],
)
async def test_what_is_done_and_where_to_confirm_it_are_in_sight_in_a_small_window(
    size: tuple[int, int], asked: ConfirmRequest, told: list[str]
) -> None:
    app, clock = confirm(asked)
    async with app.run_test(size=size) as pilot:
        await listening(pilot, clock)
        words = [word for word in told if word != "more places 30" or size == (44, 20)]
        await wait_until(pilot, lambda: all(word in screen_text(app) for word in words), str(words))
        field = app.screen.query_one("#typed")
        assert field.region in app.screen.region
        assert field.size.width > len(asked.expect_input(len(asked.tasks)))
        assert app.screen.query_one("#no").region in app.screen.region
        # What has no room is told of, and a key shows it.
        body = app.screen.query_one("#body")
        assert ("More with ↑ ↓ or a larger window" in screen_text(app)) is (body.max_scroll_y > 0)
        await pilot.press(*["pagedown"] * 12)
        await wait_until(pilot, lambda: body.scroll_y == body.max_scroll_y, "the end of what is said")
        assert field.region in app.screen.region


async def test_a_window_that_is_enlarged_shows_all_of_the_dialog() -> None:
    app, clock = confirm(request_in_places(40))
    async with app.run_test(size=(60, 16)) as pilot:
        await listening(pilot, clock)
        await wait_until(pilot, lambda: "More with" in screen_text(app), "that more is said")
        assert "read-only" not in screen_text(app)
        await pilot.resize_terminal(80, 36)
        await wait_until(pilot, lambda: "read-only" in screen_text(app), "all that is said")
        await wait_until(pilot, lambda: "More with" not in screen_text(app), "nothing that is left to say")
        assert app.screen.query_one("#body").max_scroll_y == 0


@pytest.mark.parametrize("action", list(Action))
async def test_ascii_draws_ascii(action: Action) -> None:
    app = House(ConfirmScreen(request(action, *tasks(2)), ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert screen_text(app).replace("prod · DEFAULT", "").isascii()


async def test_2000_tasks_mount_no_more_widgets_than_two() -> None:
    sizes = []
    for number in (21, 2000):
        app, _ = confirm(request(Action.DELETE, *tasks(number)))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            sizes.append(len(app.screen.query("*")))
            assert "count 4211" in screen_text(app)
    assert sizes[0] == sizes[1]


# --- help --------------------------------------------------------------------------------------------

KEYS = [
    KeyCommand(group, f"k{number}", f"does {group.lower()} thing {number}")
    for group in ("Move", "Show", "Filter & sort", "Mark", "Act", "Copy", "Session")
    for number in range(4)
]


@pytest.mark.parametrize(("size", "columns"), [((60, 20), 1), ((80, 24), 2), ((120, 36), 3)])
async def test_help_has_as_many_columns_as_fit(size: tuple[int, int], columns: int) -> None:
    app = House(HelpScreen(KEYS))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        titles = [line for line in screen_text(app).splitlines() if "Move" in line]
        found = sum(
            title in titles[0]
            for title in ("Move", "Show", "Filter & sort", "Mark", "Act", "Copy", "Session", "Statuses")
        )
        assert 1 <= found <= columns
        text = str(app.screen.query_one("#text").render())
        starts = {line.index("k0") for line in text.splitlines() if "k0" in line and line.startswith("k0")}
        assert starts == {0}
    for word in (
        *(f"does {group.lower()} thing 3" for group in ("move", "act")),
        "running",
        "status=failed",
        "age>1h",
    ):
        assert word in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= size[0]


async def test_help_scrolls_to_its_end_when_narrow() -> None:
    app = House(HelpScreen(KEYS))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert "age>1h" not in screen_text(app)
        await pilot.press("G")
        await wait_until(pilot, lambda: "age>1h" in screen_text(app), "the end of the help")


@pytest.mark.parametrize(("keys", "line"), [
    (["j", "j"], 2), (["j", "j", "k"], 1), (["space"], "page"), (["space", "b"], 0), (["G"], "last"),
    (["G", "g"], 0), (["G", "b"], "page before the last"),
])  # fmt: skip
async def test_keys_scroll_the_help(keys: list[str], line: int | str) -> None:
    app = House(HelpScreen(KEYS))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        pane = app.screen.query_one("#dialog")
        page, last = pane.scrollable_content_region.height, pane.max_scroll_y
        assert last > 2 * page
        await pilot.press(*keys)
        places = {"page": page, "last": last, "page before the last": last - page}
        wanted = places[line] if isinstance(line, str) else line
        await wait_until(pilot, lambda: pane.scroll_y == wanted, f"line {wanted} on top")


@pytest.mark.parametrize("key", ["escape", "question_mark", "q"])
async def test_help_closes(key: str) -> None:
    app = House(HelpScreen(KEYS))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        assert app.screen is not app.dialog


# --- pick --------------------------------------------------------------------------------------------

GRAPHS = [
    Choice(1, "DEFAULT/hugegraph", "from the profile"),
    Choice(2, "DEFAULT/social"),
    Choice(3, "analytics/顾客[/x]", "\x1b[2J"),
]


async def pick(keys: list[str], choices: list[Choice[int]] | None = None) -> object:
    app = House(PickerScreen("Switch graph", choices or GRAPHS, current=2))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        return app.answer


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], 2),
        (["up", "enter"], 1),
        (["down", "enter"], 3),
        (["a", "n", "a", "enter"], 3),
        (["p", "r", "o", "f", "enter"], 1),
        (["escape"], None),
        (["z", "z", "enter"], UNANSWERED),
    ],
)
async def test_pick_by_moving_and_by_typing(keys: list[str], answer: object) -> None:
    assert await pick(keys) == answer


async def test_pick_marks_the_current_one_and_draws_names_as_text() -> None:
    app = House(PickerScreen("Switch graph", GRAPHS, current=2))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert "★ DEFAULT/social" in text
        assert "analytics/顾客[/x]  ␛[2J" in text
        await pilot.press("z")
        await pilot.pause()
        assert "No entry matches. Press backspace to see more." in screen_text(app)


async def test_pick_loads_then_fills_or_fails() -> None:
    app = House(PickerScreen("Switch graph"))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert "Asking the server…" in screen_text(app)
        await pilot.press("enter")
        assert app.answer is UNANSWERED
        app.dialog.show_failure("The server said no [/x].")
        await pilot.pause()
        assert "The server said no [/x]." in screen_text(app)
        app.dialog.fill_choices(GRAPHS)
        await pilot.pause()
        assert "DEFAULT/social" in screen_text(app)
        assert "said no" not in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == 1


@pytest.mark.parametrize(
    "came", [lambda dialog: dialog.fill_choices(GRAPHS), lambda dialog: dialog.show_failure("No.")]
)
async def test_what_comes_after_pick_was_left_changes_nothing(came: Callable[[PickerScreen], None]) -> None:
    app = House(PickerScreen("Switch graph"))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("escape")
        await wait_until(pilot, lambda: not app.dialog.is_attached, "the end of the dialog")
        came(app.dialog)
        await pilot.pause()
        assert app.answer is None


async def test_pick_holds_many_in_60_by_20() -> None:
    app = House(PickerScreen("Switch graph", [Choice(n, f"graph {n}") for n in range(300)], current=250))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert "★ graph 250" in screen_text(app)
        assert app.screen.query_one("#dialog").region in app.screen.region


# --- a dialog that is gone ---------------------------------------------------------------------------


RECIPE = Recipe(name="page-rank", params=(Param(name="depth", required=True),))


async def accept(values: object) -> str:
    return "7"


DIALOGS: dict[str, Callable[[], Dialog]] = {
    "confirm": lambda: ConfirmScreen(request(Action.DELETE, *tasks(21))),
    "create": lambda: CreateJobScreen(RECIPE, "prod", accept),
    "help": lambda: HelpScreen([KeyCommand("Move", "j", "down")]),
    "login": lambda: LoginScreen("prod"),
    "pick": lambda: PickerScreen("Pick", GRAPHS),
    "snippet": lambda: SnippetScreen("[profiles.a]", "config.toml"),
}


@pytest.mark.parametrize("made", DIALOGS.values(), ids=DIALOGS)
async def test_a_dialog_that_was_answered_takes_nothing_else_away(made: Callable[[], Dialog]) -> None:
    app = House(made())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for _ in range(3):
            app.dialog.dismiss(None)
        await wait_until(pilot, lambda: not app.dialog.is_attached, "the end of the dialog")
        assert "the table" in screen_text(app)
        assert len(app.screen_stack) == 1


@pytest.mark.parametrize("made", DIALOGS.values(), ids=DIALOGS)
async def test_a_dialog_under_another_one_goes_once_that_has_gone(made: Callable[[], Dialog]) -> None:
    app = House(made())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        above = SnippetScreen("[profiles.above]", "above.toml")
        app.push_screen(above)
        await pilot.pause()
        app.dialog.dismiss("late")
        await pilot.pause()
        assert app.screen is above
        assert app.answer is UNANSWERED
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.answer == "late", "the answer")
        await wait_until(pilot, lambda: len(app.screen_stack) == 1, "the table")


async def test_a_dialog_that_goes_just_as_the_one_above_it_went_goes_once() -> None:
    app = House(DIALOGS["create"]())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        above = SnippetScreen("[profiles.above]", "above.toml")
        app.push_screen(above)
        await pilot.pause()
        above.dismiss(None)
        # That it is on top again is on its way to the dialog.
        app.dialog.dismiss("7")
        await wait_until(pilot, lambda: not app.dialog.is_attached, "the end of the dialog")
        assert app.answer == "7"
        assert "the table" in screen_text(app)
        assert len(app.screen_stack) == 1


async def lose_parts(app: House, pilot: Pilot) -> None:
    """Take a dialog's parts away, as happens one after the other while it is being left."""
    await pilot.pause()
    await app.dialog.remove_children()


LATE: dict[str, tuple[str, Callable[[Dialog], object]]] = {
    "what was typed for yes": ("confirm", lambda dialog: dialog._check_input()),
    "yes": ("confirm", lambda dialog: dialog._answer_yes()),
    "news": ("confirm", lambda dialog: dialog.update_tasks([task(status=TaskStatus.SUCCESS)])),
    "a size of the question": ("confirm", lambda dialog: dialog.fit_screen()),
    "what is wrong": ("create", lambda dialog: dialog._show_error("depth must be a number.", "depth")),
    "create": ("create", lambda dialog: dialog._send_once()),
    "a size of the help": ("help", lambda dialog: dialog._lay_out()),
    "a key of the help": ("help", lambda dialog: dialog.action_move("page_down")),
    "a user": ("login", lambda dialog: dialog._update_button(Input.Changed(Input(), "x"))),
    "sign in": ("login", lambda dialog: dialog._sign_in()),
    "choices": ("pick", lambda dialog: dialog.fill_choices(GRAPHS)),
    "no choices": ("pick", lambda dialog: dialog.show_failure("No.")),
    "a choice": ("pick", lambda dialog: dialog.action_choose()),
    "a key of the list": ("pick", lambda dialog: dialog.action_move("page_up")),
}


@pytest.mark.parametrize(("name", "come"), LATE.values(), ids=LATE)
async def test_what_comes_while_a_dialog_is_taken_down_does_no_harm(
    name: str, come: Callable[[Dialog], object]
) -> None:
    app = House(DIALOGS[name]())
    async with app.run_test(size=(80, 24)) as pilot:
        await lose_parts(app, pilot)
        come(app.dialog)
        await pilot.pause()
        assert app.is_running


# --- sign in -----------------------------------------------------------------------------------------


async def sign_in(keys: list[str], look: Callable[[str], None] | None = None, **fields: Any) -> object:
    clock = Clock()
    app = House(LoginScreen("http://graph.example:8080", clock=clock, **fields))
    async with app.run_test(size=(60, 20)) as pilot:
        await listening(pilot, clock)
        await pilot.press(*keys)
        await pilot.pause()
        if look is not None:
            look(screen_text(app))
        return app.answer


async def test_sign_in_gives_what_was_typed() -> None:
    answer = await sign_in([*"admin", "enter", *"s3c ret", "enter"])
    assert answer == TypedLogin("admin", "s3c ret")


@pytest.mark.parametrize("keys", [["j", "enter"], ["escape"], ["tab", "enter"]])
async def test_what_was_meant_for_the_table_is_no_login_and_no_answer(keys: list[str]) -> None:
    clock = Clock()
    app = House(LoginScreen("http://graph.example:8080", user="admin", clock=clock))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        clock.now += IGNORE_INPUT_SECONDS - 0.01
        await pilot.press(*keys)
        app.post_message(events.Paste("pasted"))
        await pilot.pause()
        assert app.answer is UNANSWERED
        await listening(pilot, clock)
        await pilot.press(*"s3cret", "enter")
        assert app.answer == TypedLogin("admin", "s3cret")


async def test_sign_in_says_where_and_hides_the_password() -> None:
    def look(text: str) -> None:
        assert "http://graph.example:8080" in text
        assert "Wrong [/x] password." in text
        assert "admin" in text
        assert "hunter2" not in text

    assert await sign_in([*"hunter2"], look, user="admin", reason="Wrong [/x] password.") is UNANSWERED


async def test_sign_in_waits_for_both_and_esc_is_no() -> None:
    assert await sign_in(["enter", "enter"]) is UNANSWERED
    assert await sign_in([*"admin", "enter", "enter"]) is UNANSWERED
    assert await sign_in([*"admin", "escape"]) is None


async def test_sign_in_marks_what_was_left_empty_until_it_is_typed() -> None:
    clock = Clock()
    app = House(LoginScreen("http://graph.example:8080", clock=clock))
    async with app.run_test(size=(60, 20)) as pilot:
        await listening(pilot, clock)
        await pilot.press("enter")
        assert "required" in screen_text(app)
        assert app.focused.has_class("-missing")
        await pilot.press(*"joe")
        assert "required" not in screen_text(app)
        await pilot.press("enter")
        assert (app.focused.id, "required" in screen_text(app)) == ("secret", False), "it is on the way there"
        await pilot.press("enter")
        assert "required" in screen_text(app)
        assert app.answer is UNANSWERED


async def test_sign_in_asks_for_a_token_or_for_keys_where_those_are_wanted() -> None:
    assert await sign_in([*"t0ken", "enter"], form=TOKEN_FORM) == TypedLogin("", "t0ken")
    typed = [*"AK", "enter", *"SK", "down", *"temporary"]

    def look(text: str) -> None:
        assert "Access key" in text
        assert "temporary" not in text

    assert await sign_in(typed, look, form=KEYS_FORM) is UNANSWERED
    assert await sign_in([*typed, "enter"], form=KEYS_FORM) == TypedLogin("AK", "SK", "temporary")
    assert await sign_in([*"AK", "enter", *"SK", "enter"], form=KEYS_FORM) == TypedLogin("AK", "SK")


@pytest.mark.parametrize("wants", ["password", "token", "keys"])
@pytest.mark.parametrize("copy", ["ctrl+c", "ctrl+x", "super+c"])
async def test_a_secret_stays_in_its_field(wants: LoginKind, copy: str) -> None:
    clock = Clock()
    app = House(LoginScreen("http://graph.example:8080", user="admin", clock=clock, form=LOGIN_FORMS[wants]))
    async with app.run_test(size=(60, 20)) as pilot:
        await listening(pilot, clock)
        for field in app.screen.query(LineInput):
            field.focus()
            field.value = "hunter2" if field.password else "admin"
            await pilot.press("home", "shift+end", copy)
            assert app.clipboard == ("" if field.password else "admin")
            assert field.value == ("" if copy == "ctrl+x" else "hunter2" if field.password else "admin")
            app._clipboard = ""
        app.screen.text_select_all()
        assert "hunter2" not in (app.screen.get_selected_text() or "")


def test_credentials_never_show_the_password() -> None:
    secret = TypedLogin("admin", "hunter2", "temporary")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]}"
    assert "temporary" not in f"{secret} {secret!r} {[secret]}"


async def test_no_cursor_blinks() -> None:
    for dialog in (LoginScreen("x"), PickerScreen("x", GRAPHS), ConfirmScreen(request(Action.FORCE_DELETE))):
        app = House(dialog)
        async with app.run_test(size=(60, 20)) as pilot:
            await pilot.pause()
            assert not any(field.cursor_blink for field in app.screen.query(Input))


# --- confirm: the list -------------------------------------------------------------------------------


def listed(app: App) -> list[str]:
    """The rows of the list, without the dialog's frame."""
    lines = screen_text(app).splitlines()
    return [line.strip(" │▌▐█▁▂▃▄▅▆▇").rstrip() for line in lines if "  count " in line]


@pytest.mark.parametrize(
    ("keys", "first"),
    [
        (["j"], 4210),
        (["down", "down"], 4209),
        (["j", "j", "k"], 4210),
        (["j", "up"], 4211),
        (["up"], 4211),
        (["pagedown", "pageup"], 4211),
    ],
)
async def test_keys_scroll_the_list_wherever_the_focus_is(keys: list[str], first: int) -> None:
    app, clock = confirm(request(Action.CANCEL, *tasks(20)))
    async with app.run_test(size=(60, 20)) as pilot:
        await listening(pilot, clock)
        await pilot.press(*keys)
        await wait_until(pilot, lambda: listed(app)[0].startswith(f"{first}  "), "the first row")


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
@pytest.mark.parametrize("production", [False, True])
async def test_the_answers_are_in_sight_however_long_the_names_are(
    size: tuple[int, int], production: bool
) -> None:
    given = task(7, name="name " * 2000, type="type " * 2000)
    asked = replace(request(Action.CANCEL, given), place="place " * 2000, production=production)
    app, clock = confirm(asked)
    async with app.run_test(size=size) as pilot:
        await listening(pilot, clock)
        await wait_until(pilot, lambda: "Don't cancel" in screen_text(app), "the answers")
        app.dialog.update_tasks([replace(given, status=TaskStatus.CANCELLING)])
        await pilot.pause()
        text = screen_text(app)
        assert "It is cancelling now." in text
        assert "Don't cancel" in text
        assert "…" in text


async def test_a_page_down_is_as_long_as_the_list() -> None:
    app, clock = confirm(request(Action.CANCEL, *tasks(20)))
    async with app.run_test(size=(60, 20)) as pilot:
        await listening(pilot, clock)
        page = len(listed(app))
        await pilot.press("pagedown")
        await wait_until(pilot, lambda: listed(app)[0].startswith(f"{4211 - page}  "), "the next page")


async def test_the_rows_are_aligned_and_news_stand_at_their_end() -> None:
    given = (
        task(7, status=TaskStatus.QUEUED),
        task(4211),
        task(1, id="0a1b" * 8, status=TaskStatus.SUCCESS),
    )
    app, clock = confirm(request(Action.CANCEL, *given))
    async with app.run_test(size=(60, 24)) as pilot:
        await listening(pilot, clock)
        app.dialog.update_tasks([task(4211, status=TaskStatus.SUCCESS)])
        await pilot.pause()
        lines = screen_text(app).splitlines()
        at = next(y for y, line in enumerate(lines) if "STATUS" in line)
        assert [line.strip(" │") for line in lines[at : at + 4]] == [
            "ID  STATUS     NAME",
            "7  ◦ queued   count 7",
            "4211  ▶ running  count…  finished: success",
            "…a1b0a1b0a1b  ✓ success  count 1",
        ]
        assert {line.index(mark) for line, mark in zip(lines[at : at + 4], "S◦▶✓", strict=True)} == {18}


async def test_where_there_is_room_the_news_are_whole() -> None:
    app, clock = confirm(request(Action.CANCEL, *tasks(2)))
    async with app.run_test(size=(100, 24)) as pilot:
        await listening(pilot, clock)
        app.dialog.update_tasks([task(4211, status=TaskStatus.SUCCESS)])
        await pilot.pause()
        (row,) = [line.strip(" │") for line in screen_text(app).splitlines() if "finished: " in line]
        assert row.startswith("4211  ▶ running  count 4211 ")
        assert row.endswith("  finished: success")


@pytest.mark.parametrize("key", ["Y", "N"])
async def test_capital_letters_answer_too(key: str) -> None:
    app, clock = confirm(request())
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        await pilot.press(key)
        assert app.answer == (("4211",) if key == "Y" else None)


async def test_what_must_be_typed_is_pointed_at_until_it_is() -> None:
    app, clock = confirm(request(Action.DELETE, *tasks(21)))
    async with app.run_test(size=(80, 24)) as pilot:
        await listening(pilot, clock)
        assert "Type 21 (the number of tasks):" in screen_text(app)
        assert "Type it, then press enter · esc back" in screen_text(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "Type 21 to delete them, or press esc." in screen_text(app)
        assert app.answer is UNANSWERED
        await pilot.press("2")
        await pilot.pause()
        assert "or press esc." not in screen_text(app)
        await pilot.press("left", "right", "1", "enter")
        assert app.answer == tuple(shown.id for shown in app.dialog.request.tasks)


async def test_one_task_shows_its_keys_in_the_border() -> None:
    app, _ = confirm(request())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "y cancel task · n back" in screen_text(app)
        assert "Cancel task 4211?" in screen_text(app)


# --- pick: long lists and long names -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        (["up"], 249),
        (["down"], 251),
        (["pagedown"], 262),
        (["pageup"], 238),
        (["pagedown"] * 9, 299),
        (["pageup"] * 30, 0),
        (["pagedown", "pageup", "down"], 251),
    ],
)
async def test_keys_move_in_a_long_list_by_lines_and_by_pages_to_its_ends(keys: list[str], at: int) -> None:
    app = House(PickerScreen("Switch graph", [Choice(n, f"graph {n}") for n in range(300)], current=250))
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: "★ graph 250" in screen_text(app), "the current one")
        await pilot.press(*keys, "enter")
        await wait_until(pilot, lambda: app.answer is not UNANSWERED, "the choice")
        assert app.answer == at


@pytest.mark.parametrize(("plain", "mark", "cut"), [(False, "★", "…"), (True, "*", "~")])
async def test_long_names_are_cut_and_leave_room_for_what_is_said_of_them(
    plain: bool, mark: str, cut: str
) -> None:
    choices = [
        Choice(1, "x" * 70, "from the profile"),
        Choice(2, "short", "hint " * 20),
        Choice(3, "y" * 70),
    ]
    app = House(PickerScreen("Switch graph", choices, current=2, ascii=plain))
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: "short" in screen_text(app), "the list")
        lines = [line.strip(" │|") for line in screen_text(app).splitlines()]
        assert f"{'x' * 33}{cut}  from the pr{cut}" in lines
        assert f"{mark} short{' ' * 31}hint hint h{cut}" in lines
        assert f"{'y' * 47}{cut}" in lines


async def test_a_list_that_is_narrowed_keeps_the_cursor_where_it_can() -> None:
    app = House(PickerScreen("Switch graph", GRAPHS, current=2))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("up", *"default")
        await pilot.pause()
        assert "analytics" not in screen_text(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.answer is not UNANSWERED, "the choice")
        assert app.answer == 1


async def test_a_list_without_choices_says_so() -> None:
    app = House(PickerScreen("Switch graph", []))
    async with app.run_test(size=(60, 20)) as pilot:
        await wait_until(pilot, lambda: "Nothing to choose from." in screen_text(app), "the sentence")
        await pilot.press("down", "pagedown", "enter")
        assert app.answer is UNANSWERED


@pytest.mark.parametrize(
    ("dialog", "keys"),
    [
        (lambda ascii: LoginScreen("x", ascii=ascii), "enter sign in · esc not now"),
        (lambda ascii: PickerScreen("x", GRAPHS[:2], ascii=ascii), "↑↓ move · enter choose · esc back"),
        (lambda ascii: HelpScreen(KEYS, ascii=ascii), "j k scroll · esc close"),
        (lambda ascii: ConfirmScreen(request(), ascii=ascii), "y cancel task · n back"),
        (lambda ascii: SnippetScreen("[x]", "~/x", ascii=ascii), "c copy · esc close"),
        (
            lambda ascii: CreateJobScreen(Recipe(name="x"), "x", send, ascii=ascii),
            "enter create · esc back",
        ),
    ],
)
async def test_the_keys_in_the_border_are_written_in_ascii_too(
    dialog: Callable[[bool], ModalScreen], keys: str
) -> None:
    for plain, shown in ((False, keys), (True, keys.replace("·", "-").replace("↑↓", "up/down"))):
        app = House(dialog(plain))
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, lambda app=app, shown=shown: shown in screen_text(app), shown)


async def send(values: object) -> str:
    raise AssertionError("nothing is sent")


@pytest.mark.parametrize(
    ("wants", "held"),
    [
        ("password", ("ann", "secret", None, None)),
        ("token", (None, "", "secret", None)),
        ("keys", (None, "", None, AccessKeys("ann", "secret", "extra"))),
    ],
)
def test_what_was_typed_is_shown_to_the_server_from_now_on(
    wants: LoginKind, held: tuple[object, ...]
) -> None:
    credentials = Credentials("old")
    use_typed_login(credentials, TypedLogin("ann", "secret", "extra"), wants)
    shown = (
        credentials.user,
        credentials.password(),
        credentials.token(),
        credentials.keys(),
    )
    assert shown == held


async def test_what_a_closed_dialog_drew_is_let_go() -> None:
    async with run_app(clock=FrozenClock()) as at:

        async def count_kept_lines() -> int:
            for _ in range(3):
                await at.press("question_mark")
                await at.until(lambda: isinstance(at.app.screen, HelpScreen), "the help")
                await at.press("escape")
                await at.until(lambda: at.app.screen is at.screen, "the tasks")
            # What is gone but for a cycle of references may be frozen with the screen.
            gc.unfreeze()
            gc.collect()
            return sum(isinstance(kept, StylesCache) for kept in gc.get_objects())

        before = await count_kept_lines()
        assert await count_kept_lines() <= before
