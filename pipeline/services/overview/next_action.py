"""The most useful next step for whoever looks at the overview."""

from dataclasses import dataclass

from pipeline.services.overview.held_back import HeldBack
from pipeline.services.overview.layer_states import LayerState
from pipeline.services.why.missing_files import Missing

NOTHING_MISSING = Missing()


@dataclass(frozen=True)
class NextAction:
    """The most useful next step: what, why, and the page (a script of `pages/`) where it is done;
    `builds` starts a build first.
    """

    title: str
    why: str
    page: str
    button: str
    builds: bool = False


def next_action(
    delivered: str | None,
    last_run: dict | None,
    waiting: int,
    held: int,
    changed: int,
    layers: tuple[LayerState, ...],
    held_back: HeldBack,
    suggested: int,
    missing: Missing = NOTHING_MISSING,
) -> NextAction:
    """What comes first: what is under way, then what keeps data out, then what is behind, then what
    waits for a person, then what nobody delivered. A load that waits at the gate comes after the
    files of which nothing is there and for which rows wait.
    """
    run, review = "run", "quarantine"
    if last_run and last_run["status"] in ("queued", "running"):
        return NextAction(
            "A build is running",
            "Nothing changes for readers until it has succeeded.",
            run,
            "Watch it",
        )
    if delivered is None:
        return NextAction(
            "Load the first delivery", "Nothing is loaded yet.", "upload", "Upload files"
        )
    if missing.whole and not waiting:
        return NextAction(missing.upload, missing.why, "upload", missing.upload)
    if held:
        return NextAction(
            "A load waits at the gate",
            "More of its rows failed than agreed; "
            + (
                f"{missing.why} Upload them, or release or undo the load."
                if missing.files
                else "release it or undo it."
            ),
            "upload",
            "Look at the load",
        )
    if last_run and last_run["status"] == "failed":
        why = last_run["error"] or "See its log"
        consequence = (
            ""
            if "published tables" in why
            else "  \nThe published tables are as they were before it."
        )
        return NextAction("The last build failed", f"{why}.{consequence}", run, "See why")
    if waiting or changed:
        what = " and ".join(
            f"{count:,} {word}{'s' if count > 1 else ''}"
            for count, word in ((waiting, "load"), (changed, "decision"))
            if count
        )
        return NextAction(
            "Build the layers",
            f"{what} {'wait' if waiting + changed > 1 else 'waits'} to be built in.",
            run,
            "Build now",
            builds=True,
        )
    if any(layer.state != "up to date" for layer in layers):
        late = [layer.label.replace("_", " ") for layer in layers if layer.state != "up to date"]
        return NextAction(
            "Finish the build",
            f"Behind what is loaded or declared: {', '.join(late)}.",
            run,
            "Build now",
            builds=True,
        )
    if held_back.rows:
        waits = f"{held_back.rows:,} row{'s wait' if held_back.rows > 1 else ' waits'}"
        worth = (
            f", among them {held_back.encounters:,} encounters worth ${held_back.paid_usd:,.0f}"
            if held_back.encounters
            else ""
        )
        why = f"{waits}{worth}."
        if suggested:
            repairs = f"{suggested} suggested repair{'s' if suggested > 1 else ''}"
            return NextAction(
                f"Decide on {repairs}",
                f"{why} Each shows its evidence.",
                review,
                "Look at the evidence",
            )
        return NextAction("Review the quarantine", why, review, "Review the rows")
    if missing.unasked:
        return NextAction(
            missing.upload_unasked, missing.why_unasked, "upload", missing.upload_unasked
        )
    return NextAction(
        "Everything is up to date",
        "No row waits. Look at how providers compare.",
        "providers",
        "Explore providers",
    )
