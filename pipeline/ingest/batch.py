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
from pipeline.errors import InputRefused, printable
from pipeline.ingest.archive import is_archive, members, unpacked_member
from pipeline.ingest.delivery import Delivery, Progress
from pipeline.ingest.folder import list_folder
from pipeline.ingest.limits import DEFAULT_LIMITS, Limits
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
            limits=Limits.of(settings),
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
    limits: Limits = DEFAULT_LIMITS,
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
        for delivery, is_of_folder in deliveries(path, contracts, results, delivered_dir, limits):
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


def deliveries(
    path: Path,
    contracts: Mapping[str, SourceContract],
    results: list[LoadResult],
    delivered_dir: Path,
    limits: Limits,
) -> Iterator[tuple[Delivery, bool]]:
    """(delivery, whether it lies in a folder) of a file, an archive or a folder; what is no
    delivery is added to `results`. A file of an archive lies in `delivered_dir` while one looks at
    it.
    """
    if path.is_file():
        delivery = Delivery(path.name, path, limits=limits)
        for each in _opened(delivery, contracts, results, delivered_dir):
            yield each, False
        return
    listing = list_folder(path, contracts) if path.is_dir() else None
    if listing is None or not listing.files:
        what = "holds no file of a source" if path.is_dir() else _no_file(path)
        name = printable(str(path.name or path))
        results.append(_fate(name, "refused", f"{what} (check the path)"))
    if listing is not None:
        for file in listing.files:
            delivery = Delivery(file.path.name, file.path, file.note, limits)
            for each in _opened(delivery, contracts, results, delivered_dir):
                yield each, True
        results += [_fate(name, "left_out", why) for name, why in listing.left_out]


def _no_file(path: Path) -> str:
    return "is no file but a device, pipe or socket" if path.exists() else "does not exist"


def _opened(
    delivery: Delivery,
    contracts: Mapping[str, SourceContract],
    results: list[LoadResult],
    delivered_dir: Path,
) -> Iterator[Delivery]:
    """The delivery itself, or the files in it one after another when it is an archive."""
    try:
        found = members(delivery, contracts) if is_archive(delivery) else None
    except InputRefused as error:
        results.append(LoadResult(delivery.name, None, None, "refused", reason=error.one_line))
        return
    if found is None:
        yield delivery
        return
    for member in found:
        if member.left_out:
            continue
        with unpacked_member(delivery, member, delivered_dir) as each:
            yield replace(each, note=each.note or delivery.note)
    results += [
        _fate(printable(member.name), "left_out", member.left_out)
        for member in found
        if member.left_out
    ]


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
