"""quarantine causes, note: why rows wait, who takes care of it, until when."""

from dataclasses import asdict

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, verb
from pipeline.cli.quarantine import quarantine
from pipeline.config import Settings

HEADINGS = ("cause", "source", "rule", "rows", "holds back", "assigned to", "due", "comments")


@verb("causes", quarantine)
def causes(settings: Settings) -> Answer:
    """Why rows wait, by cause, and who takes care of each."""
    from pipeline.services.quarantine import cause_notes
    from pipeline.services.quarantine import causes as cause_service

    care = cause_notes.all_care(settings)
    listed = []
    for cause in cause_service.causes(settings).causes.causes:
        of = care.get(cause.cause_id, cause_notes.Care())
        listed.append(
            {
                "cause_id": cause.cause_id,
                "entity": cause.entity,
                "rule_id": cause.rule.rule_id,
                "rows": len(cause.rows),
                "undecided": len(cause.undecided),
                "holds_back": cause.holds_back.rows,
                "assignee": of.assignee,
                "due_on": of.due_on,
                "comments": len(of.comments),
            }
        )
    shown = (
        "cause_id",
        "entity",
        "rule_id",
        "rows",
        "holds_back",
        "assignee",
        "due_on",
        "comments",
    )
    rows = [tuple(each[name] for name in shown) for each in listed]
    return Answer({"causes": listed}, (text.table(rows, HEADINGS) if rows else "no row waits",))


@verb("note", quarantine)
@click.argument("cause_id", metavar="CAUSE_ID")
@click.option("--assign", metavar="NAME", help="Who takes care of it ('' for nobody).")
@click.option("--due", metavar="DATE", help="Until which day ('' for none).")
@click.option("--comment", metavar="TEXT", help="What to say about it.")
@click.option("--by", metavar="NAME", help="Who notes it (default: you).")
def note(
    settings: Settings,
    cause_id: str,
    assign: str | None,
    due: str | None,
    comment: str | None,
    by: str | None,
) -> Answer:
    """Assign a cause, give it a day, comment on it."""
    from pipeline.services.quarantine import cause_notes

    care = cause_notes.note(settings, cause_id, assign, due, comment, by)
    document = asdict(care)
    for each in (*document["notes"], *document["comments"]):
        each.pop("number")
    told = ", ".join([care.assignee or "nobody", *([f"due {care.due_on}"] if care.due_on else [])])
    comments = text.counted(len(care.comments), "comment")
    return Answer({"cause_id": cause_id, **document}, (f"{cause_id}: {told}; {comments}",))
