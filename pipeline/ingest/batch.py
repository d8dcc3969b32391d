"""Files, folders and archives -> loads, parents before children; one refused file does not stop the
others, and every file has a fate.

The caller holds the pipeline lock.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.config import Settings
from pipeline.declared.sources import SourceContract, load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.archive import is_archive, members
from pipeline.ingest.delivery import Delivery, Progress
from pipeline.ingest.folder import list_folder, printable
from pipeline.ingest.loader import DEFAULT_REJECT_THRESHOLD, load
from pipeline.ingest.recognition import NO_HEADER, UNKNOWN, entity_of_name
from pipeline.ingest.results import LoadResult
from pipeline.store.sqlite.database import open_warehouse

FileProgress = Callable[[str, int, int], None]
#: Loads one delivery; hears (bytes done, bytes total).
ReadFile = Callable[[Delivery, Progress | None], LoadResult]


def load_paths(
    settings: Settings,
    paths: Iterable[Path | str],
    *,
    contracts: Mapping[str, SourceContract] | None = None,
    progress: FileProgress | None = None,
) -> list[LoadResult]:
    """Load files and folders into the warehouse of these settings, which has to be prepared; one
    result a file.
    """
    with open_warehouse(settings, write=True) as connection:
        return load_into(
            connection,
            settings.delivered_dir,
            paths,
            contracts=contracts,
            reject_threshold=settings.reject_threshold,
            progress=progress,
        )


def load_into(
    connection: sqlite3.Connection,
    delivered_dir: Path,
    paths: Iterable[Path | str],
    *,
    contracts: Mapping[str, SourceContract] | None = None,
    read: ReadFile | None = None,
    reject_threshold: float = DEFAULT_REJECT_THRESHOLD,
    progress: FileProgress | None = None,
) -> list[LoadResult]:
    """Load files, archives and the files of folders; one result a file, `left_out` for one that is
    no delivery. `read` loads one file; without it each is read as inferred.

    A path that does not exist, and a folder without any delivery, come back as refused. `progress`
    hears (file, bytes done, bytes total).
    """
    contracts = contracts or load_contracts()
    read = read or (
        lambda delivery, heard: load(
            connection,
            delivered_dir,
            delivery,
            contracts=contracts,
            reject_threshold=reject_threshold,
            progress=heard,
        )
    )
    results: list[LoadResult] = []
    for path in map(Path, paths):
        for delivery, is_of_folder in _deliveries(path, contracts, results):
            heard = (
                (lambda done, total, name=delivery.name: progress(name, done, total))
                if progress
                else None
            )
            result = read(delivery, heard)
            is_stray = is_of_folder and _is_stray(result, contracts)
            results.append(
                _fate(
                    delivery.name,
                    "left_out",
                    "is no delivery: neither its name nor its content is that of a source",
                )
                if is_stray
                else result
            )
    return results


def _deliveries(
    path: Path, contracts: Mapping[str, SourceContract], results: list[LoadResult]
) -> Iterator[tuple[Delivery, bool]]:
    """(delivery, whether it lies in a folder); what is no delivery is added to `results`."""
    if path.is_file():
        yield from ((each, False) for each in _opened(_of_file(path), contracts, results))
        return
    listing = list_folder(path, contracts) if path.is_dir() else None
    if listing is None or not listing.files:
        what = "holds no file of a source" if path.is_dir() else "does not exist"
        name = printable(str(path.name or path))
        results.append(_fate(name, "refused", f"{what} (check the path)"))
    if listing is not None:
        for file in listing.files:
            for delivery in _opened(_of_file(file.path), contracts, results):
                yield replace(delivery, note=file.note), True
        results += [_fate(name, "left_out", why) for name, why in listing.left_out]


def _opened(
    delivery: Delivery, contracts: Mapping[str, SourceContract], results: list[LoadResult]
) -> list[Delivery]:
    """The delivery itself, or the files in it when it is an archive, parents before children."""
    order = list(contracts)

    def rank(member: Delivery) -> tuple:
        entity = entity_of_name(member.name, contracts)
        return (order.index(entity) if entity else len(order), member.name)

    try:
        return sorted(members(delivery), key=rank) if is_archive(delivery) else [delivery]
    except InputRefused as error:
        results.append(
            LoadResult(delivery.name, None, None, "refused", reason=" ".join(str(error).split()))
        )
        return []


def _of_file(path: Path) -> Delivery:
    return Delivery(printable(path.name), path)


def _is_stray(result: LoadResult, contracts: Mapping[str, SourceContract]) -> bool:
    """Whether a text file of a folder only lies beside the deliveries."""
    return (
        result.status == "refused"
        and any(what in (result.reason or "") for what in (UNKNOWN, NO_HEADER))
        and result.file.casefold().endswith(".txt")
        and entity_of_name(result.file, contracts) is None
    )


def _fate(name: str, status: str, why: str) -> LoadResult:
    return LoadResult(name, None, None, status, reason=f"{name}: {why}")
