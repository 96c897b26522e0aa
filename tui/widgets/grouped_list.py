"""A list of tasks whose groups can be folded and unfolded, with the cursor on their heads or tasks."""

from __future__ import annotations

from tui.task_group import TaskGroup
from tui.widgets.list_cursor import LineKey, find_place
from tui.widgets.row_groups import RowGroups
from tui.widgets.row_source import RowSource
from tui.widgets.task_list import TaskList


class GroupedList(TaskList):
    """The list with what can be done with groups. Without groups, nothing of this does anything."""

    @property
    def cursor_group(self) -> TaskGroup | None:
        """The group whose head is under the cursor."""
        head = self._cursor.key.head
        return self._layout.find_group(head) if head and isinstance(self._layout, RowGroups) else None

    def is_group_folded(self, group: TaskGroup) -> bool:
        """Whether the tasks of a group stand behind its head."""
        return group.key not in self._unfolded

    def toggle_group(self) -> None:
        """Unfold the group whose head is under the cursor, or fold it."""
        group = self.cursor_group
        if group is None:
            return
        if self.is_group_folded(group):
            self._unfolded.add(group.key)
        else:
            self._unfolded.discard(group.key)
        self._move_cursor_to(self._movement_start())
        if not self.is_group_folded(group):
            self._scroll_to_tasks_of(group)

    def _scroll_to_tasks_of(self, group: TaskGroup) -> None:
        """Scroll so that as many tasks of the group under the cursor are seen as fit below its head."""
        last = self._cursor_below + group.count
        self._scroll_at(min(self._cursor_below, max(self.scroll_offset.y, last - self._scrolled_rows + 1)))
        self._update_frame()

    def fold_group_of_cursor(self) -> bool:
        """Fold the group that the cursor is in, and go to its head; false where none is unfolded there."""
        # The rows may have changed since they were drawn.
        self._follow_rows()
        layout, row = self._layout, self._cursor.find_row(self._rows)
        if not isinstance(layout, RowGroups):
            return False
        group = self.cursor_group if row is None else layout.group_of(row)
        if group is None or (row is None and self.is_group_folded(group)):
            return False
        self._unfolded.discard(group.key)
        self._cursor.key = LineKey(head=group.key)
        self._move_cursor_to(self._movement_start())
        return True

    def start_grouping(self, rows: RowSource) -> None:
        """Fold everything before rows are shown that are grouped in another way, or no longer.

        The cursor goes from its task to the head of its group, and from a head to its newest task.
        """
        group = self.cursor_group
        if group is not None:
            self._cursor.key = LineKey(task_key=group.newest.key)
        self._unfolded.clear()
        row = self._cursor.find_row(rows)
        if rows.groups and row is not None:
            self._cursor.key = LineKey(head=RowGroups(rows.groups, set(), None).group_of(row).key)

    def holds_cursor(self, rows: RowSource) -> bool:
        """Whether what the cursor is on is among other rows as well."""
        return find_place(self._cursor.key, rows, self._arrange_rows(rows)) is not None
