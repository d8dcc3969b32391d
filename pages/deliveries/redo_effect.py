"""What bringing loads back would do, said above the button that does it."""

from pages.deliveries.fates import WORDS
from pages.quarantine import what_if
from pages.widgets import formats
from pipeline.services.quarantine.what_if import row_words
from pipeline.services.upload.redoing import Redone

#: Fate as a judge names it -> the same as the ledger names it.
FATES = {"duplicate": "duplicates"}


def sentence(effect: Redone) -> str:
    """`Bringing back would make of 50 encounters: 44 promoted, 6 waiting. ...`"""
    if effect.refusal:
        return f":material/block: Cannot come back: {formats.verbatim(effect.refusal)}."
    if effect.is_untouched:
        return ":material/redo: No build has taken the rows out yet: nothing in the tables changes."
    if not effect.fates:
        return ":material/redo: The next build judges the rows."
    parts = [
        f"{_rows(source, sum(of_source.values()))} ({_fates(of_source)})"
        for source, of_source in effect.fates.items()
    ]
    said = [f":material/redo: **Brings back {', '.join(parts)}.** Judged as if they came last."]
    if effect.releases.released.rows:
        said.append(
            f":material/lock_open: Releases what waits for them: {what_if.parts(effect.releases.released)}."
        )
    if effect.releases.replaced:
        said.append(
            formats.counted(
                effect.releases.replaced,
                "row that waits gives way to a version of it.",
                "rows that wait give way to a version of them.",
            )
        )
    if effect.left_out:
        said.append(f"The build judges {formats.counted(effect.left_out, 'row')} more.")
    return "  \n".join(said)


def _rows(source: str, count: int) -> str:
    return formats.counted(count, *row_words(source))


def _fates(of_source: dict[str, int]) -> str:
    return ", ".join(
        f"{rows:,} {WORDS.get(FATES.get(fate, fate), fate)}" for fate, rows in of_source.items()
    )
