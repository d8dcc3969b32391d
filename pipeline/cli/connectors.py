"""connectors: where deliveries come from by themselves; sync: fetch and load what is new there."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, Verbs, verb
from pipeline.cli.runs import wait_option
from pipeline.config import Settings
from pipeline.errors import InputRefused, NothingNew, PipelineError

if TYPE_CHECKING:
    from pipeline.services.upload.connectors import Sync

FAILED = 1
#: Files that a table shows; the document has all.
SHOWN_FILES = 200


@click.group("connectors", cls=Verbs)
def connectors() -> None:
    """Where deliveries come from by themselves: folders, S3, SFTP, HTTP, databases."""


@verb("add", connectors)
@click.argument("name", metavar="NAME")
@click.argument("address", metavar="ADDRESS")
@click.option("--match", metavar="PATTERN", help="Only files whose path matches, such as in/*.csv.")
@click.option(
    "--settle",
    metavar="SECONDS",
    help="A file written to within so long is waited for (default 5).",
)
@click.option("--table", metavar="TABLE", help="Table of a database, with its schema.")
@click.option("--query", metavar="SQL", help="One SELECT instead of a table.")
@click.option(
    "--cursor",
    metavar="COLUMN",
    help="Column that only grows: rows from its last value on are read.",
)
@click.option(
    "--option",
    "others",
    multiple=True,
    metavar="KEY=VALUE",
    help="Option of such an address, such as endpoint_url=URL.",
)
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="FIELD=VARIABLE",
    help="Environment variable that holds a secret.",
)
def add(
    settings: Settings,
    name: str,
    address: str,
    match: str | None,
    settle: str | None,
    table: str | None,
    query: str | None,
    cursor: str | None,
    others: tuple[str, ...],
    secrets: tuple[str, ...],
) -> Answer:
    """Define a connector.

    ADDRESS is a folder, s3://, gs://, az://, sftp://, http(s)://, sqlite:/// or postgresql://.
    """
    from pipeline.services.upload import connectors as service

    named = {
        "match": match,
        "settle_seconds": settle,
        "table": table,
        "query": query,
        "cursor": cursor,
    }
    options = _pairs(others, "--option") | {
        key: value for key, value in named.items() if value is not None
    }
    added = service.add(settings, name, address, options, _pairs(secrets, "--secret"))
    return Answer(
        asdict(added),
        (f"{added.name} reads {added.address}: icon-health connectors test {added.name}",),
    )


def _pairs(words: Iterable[str], option: str) -> dict[str, str]:
    pairs = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator or not key or not value:
            # the word is not repeated: it may be the secret itself
            raise InputRefused("takes NAME=VALUE", option, "write both, with = between them")
        pairs[key] = value
    return pairs


@verb("list", connectors)
def listed(settings: Settings) -> Answer:
    """Every connector with its last sync."""
    from pipeline.services.upload import connectors as service

    found = service.listed(settings)
    rows = [
        (
            each.name,
            each.address,
            text.moment(each.last_sync_at),
            each.last_status or "never synced",
        )
        for each in found
    ]
    return Answer(
        {"connectors": [asdict(each) for each in found]},
        (text.table(rows, ("name", "address", "last sync", "came to"), "Connectors"),),
    )


@verb("test", connectors)
@click.argument("name", metavar="NAME")
def test(settings: Settings, name: str) -> Answer:
    """Look at the source and fetch nothing."""
    from pipeline.services.upload import connectors as service

    trial = service.test(settings, name)
    said = (
        f"{trial.address}: {text.counted(trial.files, 'file')}"
        if trial.files
        else f"{trial.address}: can be read"
    )
    return Answer(asdict(trial), (said, *trial.names))


@verb("remove", connectors)
@click.argument("name", metavar="NAME")
def remove(settings: Settings, name: str) -> Answer:
    """Forget a connector and how far it was read; what it loaded stays."""
    from pipeline.services.upload import connectors as service

    service.remove(settings, name)
    return Answer({"name": name}, (f"{name} is removed; what it loaded stays",))


@verb("sync")
@click.argument("name", metavar="NAME", required=False)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say what is new and what it is read as; load nothing (exit code 4: nothing new).",
)
@click.option("--again", is_flag=True, help="Also what was refused before.")
@click.option("--build", is_flag=True, help="Build every layer when something was loaded.")
@wait_option
def sync(settings: Settings, name: str | None, dry_run: bool, again: bool, build: bool) -> Answer:
    """Fetch and load what is new at a connector, all of them by default, each delivery once."""
    from pipeline.services.run import runs
    from pipeline.services.upload import connectors as service

    names = [name] if name else [each.name for each in service.listed(settings)]
    if not names:
        raise InputRefused("there is no connector", "sync", "icon-health connectors add")
    syncs, errors = [], []
    for each in names:
        try:
            done = (
                service.dry_run(settings, each) if dry_run else service.sync(settings, each, again)
            )
        except PipelineError as error:
            if name:
                raise
            errors.append((each, error))
            continue
        syncs.append(done)
    document: dict[str, Any] = {
        **{
            state: sum(len(done.of_state(state)) for done in syncs)
            for state in ("new", "loaded", "already_loaded", "refused", "arriving", "failed")
        },
        "gone": sum(len(done.gone) for done in syncs),
        "syncs": [service.as_document(done) for done in syncs],
        "errors": [{"connector": each, "message": error.one_line} for each, error in errors],
    }
    parts = [part for done in syncs for part in _told(done)]
    if build and any(done.of_state("loaded") for done in syncs):
        result = runs.run_now(settings, verb="build")
        document["run"] = result.as_dict()
        parts.append(f"{result.run_id} {result.status}")
    code, said = _judged(syncs, errors, dry_run)
    return Answer(document, tuple(parts), code, said)


def _told(done: "Sync") -> list[text.Part]:
    rows = [
        (
            file.file,
            file.state,
            file.bytes,
            ", ".join(file.read_as),
            ", ".join(file.load_ids),
            file.reason or "",
        )
        for file in done.files[:SHOWN_FILES]
    ]
    more = len(done.files) - len(rows)
    gone = [f"no longer at the source, nothing is deleted here: {', '.join(done.gone[:20])}"]
    return [
        text.table(
            rows,
            ("file", "state", "bytes", "read as", "loads", "why"),
            f"{done.connector}: {text.counted(done.seen, 'file')} there, {done.known:,} delivered before",
            f"and {more:,} more, see --json" if more else "",
        ),
        *(gone if done.gone else []),
    ]


def _judged(
    syncs: list["Sync"], errors: list[tuple[str, PipelineError]], dry_run: bool
) -> tuple[int, str]:
    """The exit code, and what it is about: what failed first, then what was refused."""
    failed = [file for done in syncs for file in done.of_state("failed")]
    refused = [file for done in syncs for file in done.of_state("refused")]
    came = [file for done in syncs for file in done.of_state("loaded", "new")]
    said = [f"{each}: {error.one_line}" for each, error in errors]
    said += [f"{file.file}: {file.reason}" for file in failed]
    said += [str(file.reason) for file in refused]
    message = "; ".join(said)
    if errors:
        return errors[0][1].exit_code, message
    if failed:
        return FAILED, message
    if refused and not came:
        return InputRefused.exit_code, message
    return (NothingNew.exit_code if dry_run and not came else 0), message
