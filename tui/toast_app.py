"""The application's toasts: equal ones count up, few are shown at once, and nothing that was said is lost."""

from __future__ import annotations

from textual import on
from textual.notifications import Notify, SeverityLevel

from tui.textual_ext.base_app import BaseApp
from tui.toasts import (
    UNTIL_READ_SECONDS,
    CountedToast,
    ToastHints,
    clean_message,
    fit_toast,
    measure_reading_seconds,
)

LEAST_TOASTS = 3
ROWS_PER_TOAST = 9
"""Rows of the screen for one toast more than the least number."""


class ToastApp(BaseApp):
    """An application that says things in toasts; a subclass keeps them and knows the keys."""

    @property
    def toast_hints(self) -> ToastHints:
        """What toasts say of the keys that work now."""
        return ToastHints()

    @property
    def shows_messages(self) -> bool:
        """Whether the screen shows each message itself, so that no toast is needed."""
        return False

    def keep_message(self, said: str, severity: SeverityLevel) -> None:
        """Keep what is said for later."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,  # noqa: ARG002 - no text is markup here
    ) -> None:
        """Say something in a toast; an error stays until it is read unless `timeout` says otherwise."""
        said = clean_message(f"{title}: {message}" if title else message)
        self.keep_message(said, severity)
        if timeout is None and severity == "error":
            timeout = UNTIL_READ_SECONDS
        toast = CountedToast(message="", severity=severity, timeout=timeout or 0.0, said=said)
        self._fit(toast)
        if timeout is None:
            toast.timeout = measure_reading_seconds(toast.message)
        self.post_message(Notify(toast))

    def _fit(self, toast: CountedToast) -> None:
        stays = toast.is_persistent
        toast.message = fit_toast(
            toast.said, self.size.width, self.toast_hints, count=toast.count, stays=stays
        )

    @on(Notify)
    def _make_room(self, event: Notify) -> None:
        """Let a toast take the place of an equal one, and of old ones where there is no room for more."""
        new = event.notification
        if not isinstance(new, CountedToast):
            return
        if self.shows_messages:
            event.prevent_default()
            return
        for toast in self.shown_toasts:
            if (toast.said, toast.severity) == (new.said, new.severity):
                new.count += toast.count
                self._fit(new)
                self.drop_notification(toast)
        self._drop_oldest(new.rows)

    def _drop_oldest(self, rows: int) -> None:
        """Drop toasts until one more of so many rows has room; those that go away by themselves go first."""
        height = self.size.height
        shown = self.shown_toasts
        order = sorted(shown, key=lambda toast: toast.is_persistent)
        rows += sum(toast.rows for toast in shown)
        left = len(shown) + 1
        for toast in order:
            if left <= max(LEAST_TOASTS, height // ROWS_PER_TOAST) and rows <= height // 2:
                return
            self.drop_notification(toast)
            rows, left = rows - toast.rows, left - 1

    @property
    def shown_toasts(self) -> list[CountedToast]:
        """The toasts on the screen, oldest first."""
        return [toast for toast in self.shown_notifications if isinstance(toast, CountedToast)]

    def close_persistent_toast(self) -> bool:
        """Close the newest toast that stays until it is read; false where there is none."""
        staying = [toast for toast in self.shown_toasts if toast.is_persistent]
        if staying:
            self.drop_notification(staying[-1])
        return bool(staying)

    def close_passing_toasts(self) -> None:
        """Close the toasts that would go away by themselves: a dialog opens where they are."""
        for toast in self.shown_toasts:
            if not toast.is_persistent:
                self.drop_notification(toast)
