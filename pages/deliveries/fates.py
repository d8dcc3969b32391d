"""The fates of rows by name and as shares, for a delivery and for a sender."""

from pages.widgets.palette import FATE_COLOURS
from pipeline.services.deliveries.deliveries import Fates

#: Fate -> how it is said of rows.
WORDS = {
    "promoted": "promoted",
    "quarantined": "waiting",
    "superseded": "superseded",
    "duplicates": "duplicates",
    "rejected": "rejected",
}
COLOURS = {WORDS[name]: colour for name, colour in FATE_COLOURS.items()}


def counts(fates: Fates | None) -> dict[str, int | None]:
    """Rows received, and by fate; none of them is known before a build."""
    return {
        "received": fates.received if fates else None,
        **{word: getattr(fates, name) if fates else None for name, word in WORDS.items()},
    }


def share(fates: Fates | None, fate: str) -> float | None:
    """The share of the received rows that had a fate; None where no row was judged."""
    return getattr(fates, fate) / fates.received if fates and fates.received else None
