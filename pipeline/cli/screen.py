"""Answers for a person at a terminal: tables that fit its width, drawn by Rich.

Colours follow NO_COLOR, as everything of Rich does.
"""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from pipeline.cli.text import Part, Table


def show(parts: Sequence[Part], console: Console | None = None) -> None:
    """Write the parts, with a blank line between them."""
    console = console or Console()
    for number, part in enumerate(parts):
        if number:
            console.print()
        if isinstance(part, str):
            console.print(Text(part), soft_wrap=True)
        else:
            _show_table(part, console)


def _show_table(part: Table, console: Console) -> None:
    if part.title:
        console.print(Text(part.title, style="bold"))
    if not part.rows:
        console.print("  nothing", style="dim")
    else:
        drawn = RichTable(box=box.SIMPLE_HEAD, header_style="bold cyan", pad_edge=True)
        for heading, is_number in zip(part.headings, part.numeric, strict=True):
            drawn.add_column(
                Text(heading), justify="right" if is_number else "left", overflow="fold"
            )
        for row in part.rows:
            drawn.add_row(*map(Text, row))
        console.print(drawn)
    if part.note:
        console.print(Text(f"  {part.note}"), soft_wrap=True)
