"""Imports what the first rows did not wait for once they are there, so that no key has to.

Module by module, with rests: none takes longer than one frame, and a key that comes meanwhile is answered.
"""

from __future__ import annotations

import asyncio
from importlib import import_module

from tui.gc_tuning import freeze_objects

REST_SECONDS = 0.02
"""Seconds between two modules."""

LATER_MODULES = (
    # What the others need comes first, so that each takes little time.
    "textual.validation",
    "textual.widgets._input",
    "tui.widgets.line_input",
    "tui.widgets.filter_bar",
    "tui.monitor.document.json_blocks",
    "tui.monitor.document.loading",
    "tui.widgets.text_layout",
    "tui.widgets.syntax_spans",
    "tui.widgets.text_view",
    "tui.widgets.overview_text",
    "tui.widgets.overview_details",
    "tui.widgets.overview",
    "textual.widgets._content_switcher",
    "tui.widgets.detail_tabs",
    "tui.widgets.detail_pane",
    "tui.screens.tasks.detail_controller",
    "textual.widgets._button",
    "tui.screens.dialogs.dialog",
    "textual.widgets._option_list",
    "tui.screens.dialogs.word_starts",
    "tui.screens.dialogs.choice_list",
    "tui.screens.dialogs.picker",
    "tui.screens.dialogs.command_palette",
    "tui.screens.tasks.palette_choices",
    "tui.screens.dialogs.help",
    "tui.screens.dialogs.confirm_text",
    "tui.screens.dialogs.confirm_parts",
    "tui.screens.dialogs.place_counts_text",
    "tui.screens.dialogs.confirm",
    "tui.connection.command_lines",
    "tui.screens.tasks.copy_controller",
    "tui.notices.route",
    "tui.notices.sender",
    "tui.monitor.match_watch",
    "tui.screens.tasks.kept_notices",
    "tui.screens.tasks.notice_controller",
    "tui.monitor.file_export",
    "tui.screens.tasks.save_controller",
    "tui.widgets.message_list",
    "tui.screens.dialogs.messages",
    "tui.widgets.place_list",
    "tui.screens.dialogs.place_lines",
    "tui.screens.dialogs.places",
    "tui.screens.dialogs.marking_picker",
    "tui.screens.dialogs.graph_picker",
    "tui.config.example",
    "tui.screens.dialogs.profile_picker",
    "tui.screens.dialogs.profile_snippet",
    "tui.monitor.saved_views",
    "tui.monitor.saved_shape",
    "tui.screens.dialogs.view_name",
    "tui.screens.tasks.saved_view_controller",
    "tui.screens.dialogs.create_job",
    "tui.screens.dialogs.login",
)
"""What a key opens. The welcome is not among it: a person who comes there has waited for a server."""


async def import_later_modules() -> None:
    """Import them all."""
    for name in LATER_MODULES:
        await asyncio.sleep(REST_SECONDS)
        import_module(name)
    freeze_objects()
