"""Files and folders -> loads, parents before children; one refused file does not stop the others.

The caller holds the pipeline lock.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pipeline.config import Settings
from pipeline.declared.sources import SourceContract, load_contracts
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.loader import DEFAULT_REJECT_THRESHOLD, load
from pipeline.ingest.recognition import entity_of_name, is_table_name
from pipeline.ingest.results import LoadResult
from pipeline.store.sqlite.database import open_warehouse

FileProgress = Callable[[str, int, int], None]


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
    reject_threshold: float = DEFAULT_REJECT_THRESHOLD,
    progress: FileProgress | None = None,
) -> list[LoadResult]:
    """Load files and the tables found in folders (one level and below, in order of name); one
    result a file.

    A path that does not exist, and a folder without any table, come back as refused. `progress`
    hears (file, bytes done, bytes total).
    """
    contracts = contracts or load_contracts()
    results = []
    for path in paths:
        path = Path(path)
        files = find_tables(path, contracts)
        if not files:
            what = "holds no CSV or JSON file" if path.is_dir() else "does not exist"
            results.append(
                LoadResult(
                    str(path.name or path),
                    None,
                    None,
                    "refused",
                    reason=f"{path.name or path}: {what} (check the path)",
                )
            )
        for file in files:
            heard = (
                (lambda done, total, name=file.name: progress(name, done, total))
                if progress
                else None
            )
            results.append(
                load(
                    connection,
                    delivered_dir,
                    Delivery(file.name, file),
                    contracts=contracts,
                    reject_threshold=reject_threshold,
                    progress=heard,
                )
            )
    return results


def find_tables(path: Path, contracts: Mapping[str, SourceContract]) -> list[Path]:
    """The file itself, or the tables of a folder: sub-folders in order of name, in each parents
    before children.

    Names that begin with a dot or an underscore (manifests, temporary files) are no deliveries.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        return []
    order = list(contracts)

    def rank(file: Path) -> tuple:
        entity = entity_of_name(file.name, contracts)
        return (file.parent, order.index(entity) if entity else len(order), file.name)

    return sorted(
        (
            file
            for file in path.rglob("*")
            if file.is_file()
            and is_table_name(file.name)
            and not any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
        ),
        key=rank,
    )
