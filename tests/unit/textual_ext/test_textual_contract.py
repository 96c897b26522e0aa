"""What `tui/textual_ext` takes for granted of Textual's private side, name by name.

A new Textual that changes one of these fails here, with a sentence on what would go wrong without a word.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection
from types import ModuleType, NoneType
from typing import Any, NamedTuple

import pytest
import textual
from rich.console import Console
from rich.style import Style
from textual import _compositor, _parser, _styles_cache, _xterm_parser
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import _toast
from textual.widgets._toast import Toast
from textual.worker_manager import WorkerManager

from tests.support.private_names import find_private_uses, product_modules, source_of

EXTENSION = "tui.textual_ext"
NOT_TEXTUALS = {"_exit"}
"""`os._exit` is public in spite of its name."""


class Method(NamedTuple):
    """A method that graphtop overrides or calls."""

    owner: type
    name: str
    signature: str
    needed: str
    """What goes wrong without it."""
    caller: Callable[..., Any] | None = None
    """What of Textual's calls it, where graphtop overrides it."""


class Attribute(NamedTuple):
    """An attribute that graphtop reads or sets, and what it holds at first where that is known."""

    owner: type
    name: str
    needed: str
    holds: type | tuple[type, ...] | None = None


METHODS = (
    Method(App, "_fatal_error", "(self) -> 'None'", "local variables are printed", App._handle_exception),
    Method(
        App,
        "_print_error_renderables",
        "(self) -> 'None'",
        "control characters of a server reach the terminal",
        App._shutdown,
    ),
    Method(App, "_handle_exception", "(self, error: 'Exception') -> 'None'", "an error ends nothing"),
    Method(
        App,
        "_unnotify",
        "(self, notification: 'Notification', refresh: 'bool' = True) -> 'None'",
        "equal toasts pile up",
    ),
    Method(
        WorkerManager,
        "_remove_worker",
        "(self, worker: 'Worker') -> 'None'",
        "a cancelled worker keeps its texts",
        WorkerManager.add_worker,
    ),
    Method(MessagePump, "_close_messages_no_wait", "(self) -> 'None'", "an error leaves the program running"),
    Method(
        Widget, "_scroll_update", "(self, virtual_size: 'Size') -> 'None'", "the scrollbar keeps its size"
    ),
    Method(
        Screen,
        "_push_result_callback",
        "(self, requester: 'MessagePump',"
        " callback: 'ScreenResultCallbackType[ScreenResultType] | None',"
        " future: 'asyncio.Future[ScreenResultType | None] | None' = None) -> 'None'",
        "no other place can be opened",
    ),
    Method(
        Screen,
        "_on_timer_update",
        "(self) -> 'None'",
        "a dialog comes later by a 60th of a second for each time that it is laid out",
    ),
    Method(
        StylesCache,
        "get_inner_outer",
        "(cls, base_background: 'Color', background: 'Color') -> 'tuple[Style, Style]'",
        "what widgets that are gone drew is kept, or no border is drawn",
        StylesCache.render_line,
    ),
    Method(
        App,
        "_display",
        "(self, screen: 'Screen', renderable: 'RenderableType | None') -> 'None'",
        "whole lines are sent",
        Screen._compositor_refresh,
    ),
    Method(App, "_begin_update", "(self) -> 'None'", "a terminal shows half an update"),
    Method(App, "_end_update", "(self) -> 'None'", "a terminal shows half an update"),
    Method(
        Compositor,
        "render_full_update",
        "(self, simplify: 'bool' = False) -> 'LayoutUpdate'",
        "another screen's cells stay",
    ),
    Method(
        Strip,
        "render_ansi",
        "(style: 'Style', color_system: 'ColorSystem') -> 'str'",
        "nothing has a colour",
    ),
    Method(
        LinuxDriver,
        "__init__",
        "(self, app: 'App', *, debug: 'bool' = False, mouse: 'bool' = True, "
        "size: 'tuple[int, int] | None' = None) -> 'None'",
        "the program does not start",
    ),
    Method(LinuxDriver, "start_application_mode", "(self)", "a resize is lost"),
    Method(LinuxDriver, "_sigtstp_application", "(self, *_) -> 'None'", "ctrl+z leaves the terminal raw"),
    Method(LinuxDriver, "_sigcont_application", "(self, *_) -> 'None'", "fg leaves the screen empty"),
    Method(
        LinuxDriver,
        "stop_application_mode",
        "(self) -> 'None'",
        "the shell writes in the last colour",
        App._process_messages,
    ),
    Method(
        LinuxDriver,
        "_get_terminal_size",
        "(self) -> 'tuple[int, int]'",
        "COLUMNS and LINES in the environment overrule the terminal",
        LinuxDriver.start_application_mode,
    ),
    Method(
        LinuxDriver,
        "run_input_thread",
        "(self) -> 'None'",
        "a terminal that is gone leaves the program spinning",
        LinuxDriver._run_input_thread,
    ),
    Method(
        LinuxDriver, "process_message", "(self, message: 'Message') -> 'None'", "pasted controls are drawn"
    ),
    Method(Driver, "send_message", "(self, message: 'messages.Message') -> 'None'", "a resize is lost"),
    Method(XTermParser, "__init__", "(self, debug: 'bool' = False) -> 'None'", "no key is read"),
    Method(XTermParser, "feed", "(self, data: 'str') -> 'Iterable[Message]'", "no key is read"),
    Method(XTermParser, "tick", "(self) -> 'Iterable[T]'", "a single escape is never heard"),
)

FOUND = {method: getattr(method.owner, method.name, None) for method in METHODS}
"""As they are before a test has run the program in this process, which replaces one of them."""

ATTRIBUTES = (
    Attribute(App, "_exit_renderables", "nothing is printed of an error", list),
    Attribute(App, "_exception", "an error of another task is not printed", NoneType),
    Attribute(App, "_filters", "without colours the cursor can't be seen", list),
    Attribute(App, "_notifications", "equal toasts pile up", Collection),
    Attribute(App, "_workers", "a cancelled worker keeps its texts", WorkerManager),
    Attribute(Toast, "_notification", "the holders of toasts that are gone pile up"),
    Attribute(App, "_clipboard", "an input can't paste what was copied", str),
    Attribute(App, "_driver", "nothing is copied to the terminal", NoneType),
    Attribute(Widget, "_border_title", "a new title repaints the whole table", NoneType),
    Attribute(Widget, "_border_subtitle", "a new subtitle repaints the whole table", NoneType),
    Attribute(App, "_batch_count", "what is not finished is sent", int),
    Attribute(App, "_running", "what is not finished is sent", bool),
    Attribute(MessagePump, "_closed", "a screen is sent after the end", bool),
    Attribute(MessagePump, "_next_callbacks", "a dialog is sent in pieces", list),
    Attribute(Screen, "_compositor", "another screen's cells stay", Compositor),
    Attribute(Screen, "_callbacks", "a dialog is sent in pieces", list),
    Attribute(Screen, "_dirty_widgets", "a dialog is sent in pieces", set),
    Attribute(Widget, "_layout_required", "a dialog is sent in pieces", bool),
    Attribute(Widget, "_repaint_required", "a dialog is sent in pieces", bool),
    Attribute(Console, "_color_system", "16 colours are sent as 16 million"),
    Attribute(Style, "_ansi", "nothing has a colour"),
    Attribute(Driver, "_app", "a signal ends nothing"),
    Attribute(Driver, "_debug", "no key is read"),
    Attribute(Driver, "_loop", "a signal ends nothing"),
    Attribute(LinuxDriver, "_file", "a terminal that is gone ends the program with an error"),
    Attribute(LinuxDriver, "_in_band_window_resize", "each size is told twice"),
    Attribute(LinuxDriver, "fileno", "no key is read"),
    Attribute(LinuxDriver, "attrs_before", "the terminal stays raw"),
    Attribute(LinuxDriver, "exit_event", "the thread that reads keys never ends"),
)

MODULES = {
    _compositor: ("ChopsUpdate", "LayoutUpdate"),
    _parser: ("ParseError",),
    _styles_cache: ("StylesCache",),
    _toast: ("Toast", "ToastHolder"),
    _xterm_parser: ("XTermParser",),
}


def named(part: Method | Attribute) -> str:
    return f"{part.owner.__name__}.{part.name}"


def difference(part: Method | Attribute, what: str) -> str:
    return f"Textual {textual.__version__}: {named(part)} {what}. Unless {EXTENSION} follows, {part.needed}."


@pytest.mark.parametrize("method", METHODS, ids=named)
def test_a_method_has_the_signature_that_is_overridden_or_called(method: Method) -> None:
    found = FOUND[method]
    assert found is not None, difference(method, "is gone")
    signature = str(inspect.signature(found))
    assert signature == method.signature, difference(method, f"is {signature} now")


@pytest.mark.parametrize("method", [one for one in METHODS if one.caller], ids=named)
def test_an_overridden_method_is_still_called_by_textual(method: Method) -> None:
    assert method.caller is not None
    calls = re.search(rf"\b{method.name}\b", inspect.getsource(method.caller))
    assert calls, difference(method, f"is not used by {method.caller.__qualname__} any more")


@pytest.mark.parametrize("attribute", ATTRIBUTES, ids=named)
def test_an_attribute_is_set_by_the_class_that_has_it(attribute: Attribute) -> None:
    sets = re.search(rf"self\.{attribute.name}\b[^=\n]*=[^=]", inspect.getsource(attribute.owner))
    assert sets, difference(attribute, "is not set any more")


@pytest.mark.parametrize("attribute", [one for one in ATTRIBUTES if one.holds], ids=named)
async def test_an_attribute_holds_what_is_expected_of_it(attribute: Attribute) -> None:
    held = getattr(attribute.owner(), attribute.name)
    assert isinstance(held, attribute.holds or ()), difference(attribute, f"holds {held!r} now")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_private_module_has_the_classes_that_are_used(module: ModuleType) -> None:
    for name in MODULES[module]:
        assert isinstance(getattr(module, name, None), type), f"{module.__name__}.{name} is gone"


@pytest.mark.parametrize(
    ("kind", "parts"), [(ChopsUpdate, ["chops", "spans", "chop_ends"]), (LayoutUpdate, ["strips", "region"])]
)
def test_an_update_has_the_parts_that_are_drawn(kind: type, parts: list[str]) -> None:
    assert list(inspect.signature(kind).parameters) == parts
    for name in parts:
        assert f"self.{name} = {name}" in inspect.getsource(kind)


def test_a_new_layout_is_drawn_while_it_is_marked_as_required() -> None:
    source = inspect.getsource(Screen._on_timer_update)
    assert source.index("self._refresh_layout(") < source.index("self._layout_required = False")


def test_the_terminal_is_written_with_no_more_than_its_file_can_do() -> None:
    written = inspect.getsource(WriterThread) + inspect.getsource(linux_driver)
    used = set(re.findall(r"\b_file\.(\w+)", written)) | set(re.findall(r"\bfile\.(\w+)", written))
    assert used <= {"write", "flush", "fileno"}, used


def test_every_private_name_that_is_used_stands_in_the_contract() -> None:
    modules = [name for name in product_modules() if name.startswith(EXTENSION)]
    used = {use.name for name in modules for use in find_private_uses(name, source_of(name))} - NOT_TEXTUALS
    listed = {part.name for part in (*METHODS, *ATTRIBUTES)}
    listed |= {module.__name__.rpartition(".")[2] for module in MODULES}
    assert used <= listed, used - listed
    private = {name for name in listed if re.match("_[^_]", name)}
    assert private <= used, f"not used any more: {private - used}"
