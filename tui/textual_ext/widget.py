"""What widgets of graphtop need of Textual's widgets beyond their public side."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget


def store_border_title(widget: Widget, title: Content) -> bool:
    """Set a widget's title and repaint nothing, as setting `border_title` does; return whether it changed."""
    changed = title != widget._border_title
    widget._border_title = title
    return changed


def store_border_subtitle(widget: Widget, subtitle: Content) -> bool:
    """Set a widget's subtitle and repaint nothing; return whether it changed."""
    changed = subtitle != widget._border_subtitle
    widget._border_subtitle = subtitle
    return changed


def store_virtual_size(view: ScrollView, size: Size) -> None:
    """Tell a view's scrollbars how large its content is, and repaint nothing else."""
    if size != view.virtual_size:
        view.set_reactive(ScrollView.virtual_size, size)
        view._scroll_update(size)
