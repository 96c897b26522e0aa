"""The smallest Textual program that shows rows: one table of Textual's own and a footer."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer

ROWS = 32


class Bare(App[None]):
    """Rows that are there from the beginning, with no server behind them."""

    BINDINGS: ClassVar = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        """The table and the footer."""
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(DataTable)
        table.add_columns("ID", "STATUS", "TYPE", "NAME", "AGE", "TOOK")
        for number in range(ROWS, 0, -1):
            table.add_row(str(number), "success", "gremlin", f"g.V({number}).count()", f"{number}m", "1s")


if __name__ == "__main__":
    Bare().run()
