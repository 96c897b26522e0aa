"""Saved views: under a name the places to watch, and how their tasks are shown, in a file of graphtop's own.

The file holds no login, and of an address only what names the server. Several processes may change it at the
same time; a file that can't be read is put aside, never overwritten.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from backend_adapters.model import Millis, qualify_graph
from backend_adapters.sentences import join_sentences
from tui.config.settings import suggest_nearest
from tui.monitor.state_file import (
    NotifyUser,
    find_state_folder,
    make_state_folder,
    open_state_file,
    open_state_folder,
    read_state_file,
    remove_oldest_files,
    replace_state_file,
    try_lock,
)

VIEWS_VERSION = 1
VIEWS_MOST = 200
"""Views that are kept."""
LONGEST_VIEW_NAME = 60
"""Characters of a name."""

_LARGEST = 512 * 1024
"""Bytes of a file that is read."""
_MOST_DRAFTS = 4
"""Half-written files that are left of killed processes."""
_LOCK_SECONDS = 2.0
"""How long is waited for another process that changes the file."""


class ViewError(Exception):
    """A view can't be read, saved or removed; the message is a sentence."""


class NoSuchView(ViewError):
    """There is no view of this name."""


class ViewPlace(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place of a view: a graph, or several of one server, of one dialect."""

    profile: str = ""
    """Empty where only an address names the server."""
    url: str = ""
    """The address of a server without a profile, without a login: `http://host:8080`."""
    dialect: str = "auto"
    graphspace: str | None = None
    graph: str | None = None
    """Empty for the only one, or all of a project together; None: the one that the profile names."""
    graphs: tuple[str, ...] = ()
    """Names and patterns of several graphs, in place of `graph`: `*`, `finance/*`."""
    project: str | None = None

    @property
    def label(self) -> str:
        """What a person calls it: `prod:DEFAULT/hugegraph`, `prod:test*`, `prod`."""
        server = self.profile or urlsplit(self.url).netloc
        names = ", ".join(self.graphs) or qualify_graph(self.graph or "", self.graphspace)
        return f"{server}:{names}" if names else server


class SavedView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is shown under a name."""

    name: str
    places: tuple[ViewPlace, ...]
    filter: str = ""
    sort: str = "age"
    """The column that the rows are sorted by."""
    descending: bool = True
    tab: str = "0"
    """The key of the status tab."""
    grouped_by: str | None = None
    wide: bool = False
    """Whether more columns are shown."""
    saved: Millis = 0
    """When it was saved."""
    hidden: tuple[ViewPlace, ...] = ()
    """The graphs among the places whose rows are hidden, by their names."""


class _Version(Struct, frozen=True):
    version: int


class _Content(Struct, frozen=True, kw_only=True):
    version: int
    views: tuple[SavedView, ...]


class _Damaged(Exception):
    """The file is none that graphtop writes."""


def check_view_name(name: str) -> str:
    """A name without blanks around it; raises ViewError for one that can't be used."""
    name = name.strip()
    if not name:
        raise ViewError("A view needs a name.")
    if not name.isprintable() or name.startswith("-"):
        raise ViewError("A view's name must be printable and must not begin with a hyphen.")
    if len(name) > LONGEST_VIEW_NAME:
        raise ViewError(f"A view's name has at most {LONGEST_VIEW_NAME} characters.")
    return name


class ViewsFile:
    """The views of the user."""

    def __init__(self, path: Path | None = None, tell: NotifyUser | None = None) -> None:
        """Without anybody to `tell`, a damaged file counts as empty to a reader, and stays where it is."""
        self.path = path or find_state_folder() / "views.json"
        self._tell = tell

    def list_views(self) -> tuple[SavedView, ...]:
        """All views by their names. Raises ViewError."""
        with self._explain("read the saved views"):
            try:
                return self._read_views()
            except _Damaged:
                return self._change_views(lambda views: views) if self._tell is not None else ()

    def find_view(self, name: str) -> SavedView:
        """The view of a name. Raises ViewError, NoSuchView where there is none."""
        views = self.list_views()
        for view in views:
            if view.name == name:
                return view
        raise NoSuchView(_describe_missing(name, views))

    def save_view(self, view: SavedView) -> None:
        """Save a view in the place of one with the same name. Raises ViewError."""
        # Imported here: most only read views.
        from backend_adapters.transport.url import normalize_url

        # Without a login, a query and a fragment, in which secrets could be.
        def clean(places: Iterable[ViewPlace]) -> tuple[ViewPlace, ...]:
            return tuple(replace(place, url=place.url and normalize_url(place.url)) for place in places)

        name = check_view_name(view.name)
        view = replace(view, name=name, places=clean(view.places), hidden=clean(view.hidden))

        def add(views: Sequence[SavedView]) -> list[SavedView]:
            others = [one for one in views if one.name != view.name]
            if len(others) >= VIEWS_MOST:
                raise ViewError(f"There are {VIEWS_MOST} saved views. Remove one to save another.")
            return [*others, view]

        with self._explain("save a view"):
            self._change_views(add)

    def remove_view(self, name: str) -> None:
        """Remove a view. Raises ViewError, NoSuchView where there is none."""

        def remove(views: Sequence[SavedView]) -> list[SavedView]:
            left = [view for view in views if view.name != name]
            if len(left) == len(views):
                raise NoSuchView(_describe_missing(name, views))
            return left

        with self._explain("remove a view"):
            if self.path.exists():
                self._change_views(remove)
            else:
                # No file is made for it.
                remove(())

    @contextmanager
    def _explain(self, what: str) -> Iterator[None]:
        """Raise ViewError for an OSError, which has kept graphtop from doing `what`."""
        try:
            yield
        except OSError as error:
            raise ViewError(f"Can't {what}, {self.path}: {error.strerror or error}.") from None

    def _read_views(self) -> tuple[SavedView, ...]:
        """What the file has, by name. Raises OSError, _Damaged, and ViewError for one of a newer version."""
        try:
            data = read_state_file(self.path, _LARGEST, self._tell)
        except FileNotFoundError:
            return ()
        if data is None:
            raise _Damaged
        try:
            if msgspec.json.decode(data, type=_Version).version > VIEWS_VERSION:
                raise ViewError(f"The saved views in {self.path} were written by a newer graphtop.")
            views = msgspec.json.decode(data, type=_Content).views
        except (ValueError, RecursionError):
            raise _Damaged from None
        return tuple(sorted(views, key=lambda view: (view.name.casefold(), view.name)))

    def _change_views(
        self, change: Callable[[Sequence[SavedView]], Sequence[SavedView]]
    ) -> tuple[SavedView, ...]:
        """Write the file anew while no other process does. Raises OSError and ViewError."""
        make_state_folder(self.path.parent)
        with self._lock_folder() as folder:
            try:
                views = self._read_views()
            except _Damaged:
                views = ()
                self._put_aside(folder)
            changed = tuple(change(views))
            if changed != views:
                content = _Content(version=VIEWS_VERSION, views=changed)
                replace_state_file(self.path.name, folder, msgspec.json.encode(content))
                remove_oldest_files(folder, _MOST_DRAFTS, f"{self.path.name}.")
        return changed

    def _put_aside(self, folder: int) -> None:
        aside = self.path.with_name("views.damaged.json")
        os.replace(self.path.name, aside.name, src_dir_fd=folder, dst_dir_fd=folder)
        if self._tell is not None:
            self._tell(f"The saved views could not be read. Their file is now {aside}.")

    @contextmanager
    def _lock_folder(self) -> Iterator[int]:
        """Keep other processes from changing the file. Raises OSError, ViewError where one takes long."""
        with open_state_folder(self.path.parent) as folder:
            file = open_state_file(self.path.with_name("views.lock"), folder, os.O_RDWR | os.O_CREAT, None)
            try:
                _wait_for_lock(file)
                yield folder
            finally:
                os.close(file)


def _wait_for_lock(file: int) -> None:
    end = time.monotonic() + _LOCK_SECONDS
    while not try_lock(file):
        if time.monotonic() > end:
            raise ViewError("Another graphtop is changing the saved views. Try again.")
        time.sleep(0.01)


def _describe_missing(name: str, views: Sequence[SavedView]) -> str:
    """That there is no such view, and which may have been meant."""
    names = tuple(view.name for view in views)
    listed = f"Use one of {', '.join(names[:10])}{', …' if names[10:] else ''}." if names else ""
    nothing = "" if names else "No view has been saved yet."
    return join_sentences(f'No view "{name}"', suggest_nearest(name, names) or listed or nothing)
