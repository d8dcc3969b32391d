"""stream: messages of brokers into the inbox, and from there into loads."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from pipeline.cli import text
from pipeline.cli.command import PATH, Answer, Verbs, one_of, source_names, verb
from pipeline.cli.result_text import loads_table
from pipeline.cli.runs import wait_option
from pipeline.config import Settings
from pipeline.errors import InputRefused

LOOK_AT = 1
#: With --once a log that holds less than its end says is waited for so long.
ONCE_SECONDS = 5.0
source_option = click.option(
    "--source",
    "address",
    default="",
    metavar="ADDRESS",
    help="kafka://HOST:PORT/TOPIC[,TOPIC] or pubsub://PROJECT/SUBSCRIPTION[,SUBSCRIPTION] (default: "
    "setting stream_source).",
)
entity_option = click.option(
    "--as",
    "entity",
    metavar="NAME",
    shell_complete=one_of(source_names),
    help="Source that the rows belong to.",
)
by_option = click.option("--by", metavar="NAME", help="Who decides (default: you).")


@click.group("stream", cls=Verbs)
def stream() -> None:
    """Messages of Kafka or Google Pub/Sub: read, drain, repair."""


@verb("run", stream)
@source_option
@click.option(
    "--idle",
    metavar="SECONDS",
    type=click.FloatRange(0),
    help="End when nothing came for so long (default: go on until interrupted).",
)
@click.option("--once", is_flag=True, help="Read what is there now, then end.")
def run(settings: Settings, address: str, idle: float | None, once: bool) -> Answer:
    """Read messages into the inbox; a build holds up nothing of it."""
    from pipeline.services.stream import streams as service

    def heard(so_far: service.Consumed) -> None:
        if sys.stderr.isatty():
            print(f"\r{so_far.messages:,} messages", end="", file=sys.stderr, flush=True)

    idle = ONCE_SECONDS if once and idle is None else idle
    came = service.run(settings, address, idle, once, heard)
    state = service.status(settings)
    words = (
        f"{text.counted(came.messages, 'message')} came in, "
        f"{text.counted(came.dead_letters, 'dead letter')}"
    )
    gaps = ", ".join(gap.name for gap in state.gaps)
    return Answer(
        asdict(came) | {"gaps": [asdict(gap) for gap in state.gaps]},
        (words,),
        LOOK_AT if gaps else 0,
        f"messages are missing ({gaps}); see: stream status" if gaps else "",
    )


@verb("drain", stream)
@wait_option
def drain(settings: Settings) -> Answer:
    """Load what waits in the inbox, one load a source; then build. Exit code 4 when nothing
    waits.
    """
    from pipeline.errors import NothingNew
    from pipeline.services.stream import streams as service

    results = service.drain(settings)
    refused = [result for result in results if result.status == "refused"]
    return Answer(
        {"loads": [result.as_dict() for result in results]},
        loads_table(results) if results else ("nothing waits in the inbox",),
        LOOK_AT if refused else 0 if results else NothingNew.exit_code,
        refused[0].reason or "" if refused else "",
    )


@verb("status", stream)
def status(settings: Settings) -> Answer:
    """Lag, rate, what waits, dead letters and gaps; exit code 1 when somebody has to look."""
    from pipeline.services.stream import streams as service

    state = service.status(settings)
    facts = [
        ("consumer", f"{state.state}{f': {state.why}' if state.why else ''}"),
        ("lag", "unknown" if state.lag is None else state.lag),
        ("messages a second", state.per_second),
        ("last message", state.last_message_at or "none"),
        ("waiting", f"{state.waiting_bytes:,} of {state.room_bytes:,} bytes"),
        ("dead letters", state.dead_letters),
        ("tombstones", state.tombstones),
        *((f"waiting, {source}", count) for source, count in state.waiting.items()),
    ]
    parts: list = [text.table(facts, ("what", "state"), "Streams")]
    if state.partitions:
        rows = [
            (each.topic, each.partition, each.next_position, each.lag, each.holes)
            for each in state.partitions
        ]
        parts.append(text.table(rows, ("topic", "partition", "next", "lag", "holes")))
    if state.gaps:
        gaps = [
            (gap.name, gap.topic, gap.partition, gap.first_position, gap.last_position, gap.what)
            for gap in state.gaps
        ]
        parts.append(text.table(gaps, ("gap", "topic", "partition", "from", "to", "what")))
    if state.reasons:
        parts.append(text.table(state.reasons.items(), ("dead letters are", "how many")))
    document = asdict(state)
    for row, each in zip(document["partitions"], state.partitions, strict=True):
        row["lag"] = each.lag
    return Answer(document, tuple(parts), 0 if state.is_good else LOOK_AT)


@verb("letters", stream)
@click.argument("name", metavar="[LETTER]", required=False)
@click.option("--all", "are_all", is_flag=True, help="Also those that are decided.")
def letters(settings: Settings, name: str | None, are_all: bool) -> Answer:
    """Dead letters without what they hold; with the name of one, what it holds."""
    from pipeline.services.stream import streams as service

    if name is not None:
        letter, content = service.content(settings, name)
        return Answer(
            asdict(letter) | {"name": letter.name, "content": content}, (letter.reason, content)
        )
    found = service.dead_letters(settings, only_open=not are_all)
    rows = [
        (each.name, each.kind, each.place, each.entity or "", each.reason, each.outcome or "open")
        for each in found
    ]
    headings = ("letter", "kind", "message", "source", "why", "state")
    return Answer(
        {"letters": [asdict(each) | {"name": each.name} for each in found]},
        (text.table(rows, headings, "Dead letters"),),
    )


@verb("replay", stream)
@click.argument("name", metavar="NAME")
@click.option("--file", metavar="FILE", type=PATH, help="The repaired message.")
@entity_option
@click.option("--reason", default="", metavar="TEXT", help="Why; it stays in the audit trail.")
@by_option
@wait_option
def replay(
    settings: Settings,
    name: str,
    file: str | None,
    entity: str | None,
    reason: str,
    by: str | None,
) -> Answer:
    """A dead letter (D00001) once more, as it came or repaired; or the messages of a load that was
    taken back (L00001).
    """
    from pipeline.services.stream import streams as service

    try:
        repaired = None if file is None else Path(file).read_bytes()
    except OSError as error:
        raise InputRefused(f"cannot be read: {error.strerror}", str(file)) from error
    made = service.replay(settings, name, repaired, entity, reason, by)
    if isinstance(made, service.LoadResult):
        return Answer(made.as_dict(), loads_table([made]), 0 if made.load_id else LOOK_AT)
    return Answer(asdict(made) | {"name": made.name}, (f"{made.name} waits for the next drain",))


@verb("close", stream)
@click.argument("name", metavar="NAME")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays in the audit trail.")
@by_option
def close(settings: Settings, name: str, reason: str, by: str | None) -> Answer:
    """Set a dead letter or tombstone aside (D00001), or go on behind a gap (G00001)."""
    from pipeline.services.stream import streams as service

    made = service.close(settings, name, reason, by)
    return Answer(asdict(made) | {"name": made.name}, (f"{name} is closed",))


@verb("publish", stream)
@click.argument("paths", nargs=-1, required=True, metavar="PATH", type=PATH)
@source_option
@entity_option
def publish(settings: Settings, paths: tuple[str, ...], address: str, entity: str | None) -> Answer:
    """Send the rows of files as messages, one a row: for tests, and to move from files to a
    stream.
    """
    from pipeline.services.stream import streams as service

    published = service.publish(settings, paths, address, entity)
    rows = [(each.file, each.entity, each.messages, each.left_out) for each in published]
    return Answer(
        {"files": [asdict(each) for each in published]},
        (text.table(rows, ("file", "source", "messages", "lines left out"), "Published"),),
    )


@verb("schema", stream)
@click.argument("source", metavar="SOURCE", shell_complete=one_of(source_names))
def schema(settings: Settings, source: str) -> Answer:
    """JSON Schema of the messages of a source."""
    import json

    from pipeline.services.stream import streams as service

    made = service.schema(source)
    return Answer(made, (json.dumps(made, indent=2),))
