"""What taking loads back would do, said above the button that does it."""

from pages.quarantine import what_if
from pages.widgets import formats, session
from pipeline.services.upload import undoing


def sentence(*load_ids: str) -> str:
    """What would leave, what would wait for it, and what waits now and leaves too."""
    effect = session.cached(undoing.undone, *load_ids)
    if not effect.own.rows:
        parts = [":material/move_down: Undoing takes no promoted row out."]
    else:
        parts = [f":material/move_down: **Undoing takes out {what_if.parts(effect.own)}.**"]
    if effect.orphans.rows:
        parts.append(f"Would wait for them: {what_if.parts(effect.orphans)}.")
    if effect.waiting:
        parts.append(
            formats.counted(
                effect.waiting,
                "row of it that waits leaves with it.",
                "rows of it that wait leave with it.",
            )
        )
    return "  \n".join(parts)
