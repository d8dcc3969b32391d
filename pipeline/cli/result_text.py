"""Loads and the result of a run for people."""

from collections.abc import Sequence

from pipeline.cli.text import Part, counted, seconds, table
from pipeline.ingest.results import LoadResult
from pipeline.services.upload import sureness


def loads_table(loads: Sequence[LoadResult]) -> tuple[Part, ...]:
    """The files that came, one row each, then what is not certain of how they were read; nothing
    when none came.
    """
    rows = [
        (
            load.file,
            load.entity,
            load.load_id,
            load.status.replace("_", " "),
            load.received,
            load.rejected,
        )
        for load in loads
    ]
    headings = ("file", "source", "load", "status", "received", "rejected")
    doubts = tuple(doubt for load in loads if (doubt := _doubt(load)))
    return (table(rows, headings, "Loads"), *doubts) if rows else ()


def _doubt(load: LoadResult) -> str:
    """`p.csv: encoding cp852 is likely (80 %), next best cp775`; nothing when all is certain."""
    step = sureness.least_sure(load.readings)
    if load.status != "loaded" or step is None or sureness.is_certain(step["confidence"]):
        return ""
    what = step["what"].replace("_", " ")
    sure = f"{sureness.words(step['confidence'])} ({step['confidence']:.0%})".replace("%", " %")
    next_best = f", next best {step['runner_up']!r}" if step["runner_up"] else ""
    return f"{load.file}: {what} {step['value']!r} is {sure}{next_best}"


def result_parts(document: dict) -> list[Part]:
    """What a run built: layers, ledger, rules with findings, and what to do next."""
    layers = [
        (layer["name"], layer["status"], layer["models"], seconds(layer["duration_seconds"]))
        for layer in document["layers"]
    ]
    ledger = [tuple(row.values()) for row in document["ledger"]]
    failing = [
        (rule["rule_id"], rule["entity"], rule["action"], rule["failing_rows"])
        for rule in document["rules"]
        if rule["failing_rows"]
    ]
    parts: list[Part] = [_selection(document["selection"])] if document.get("selection") else []
    if document.get("unchanged_since"):
        parts.append(
            f"Nothing is new since {document['unchanged_since']}: "
            "the tables stand as it built them, and nothing was done."
        )
    else:
        parts.append(table(layers, ("layer", "status", "models", "time"), "Layers"))
    if ledger:
        headings = ("source", *(name for name in document["ledger"][0] if name != "entity"))
        parts.append(table(ledger, headings, "Rows"))
    if failing:
        parts.append(table(failing, ("rule", "source", "action", "rows"), "Rules with findings"))
    waiting = sum((document["quarantine"] or {}).values())
    ended = (
        f"{document['run_id']} {document['status']} in {seconds(document['duration_seconds'])}; "
        f"as of {document['as_of']}"
    )
    review = f"{counted(waiting, 'row')} in quarantine: icon-health quarantine list"
    parts.append(f"{ended}; {review if waiting else 'quarantine is empty'}")
    if unverified := document.get("unverified_decisions"):
        parts.append(
            "not applied: "
            + ", ".join(f"{name} ({why})" for name, why in unverified.items())
            + " (icon-health audit verify, icon-health quarantine approve)"
        )
    if document["held_loads"]:
        parts.append(
            f"held at the gate: {', '.join(document['held_loads'])} "
            "(quarantine release LOAD_ID --reason TEXT, or undo LOAD_ID)"
        )
    return parts


def _selection(selection: dict) -> str:
    models = counted(len(selection["models"]), "model")
    lines = [f"Built {models} for {', '.join(selection['asked'])}"]
    for why, names in (
        ("was behind", selection["behind"]),
        ("is made from it", selection["made_from_it"]),
    ):
        if names:
            lines.append(f"  because it {why}: {', '.join(names)}")
    return "\n".join(lines)
