"""The files of a folder: which are deliveries and in which order, and why the others are none."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from re import IGNORECASE, compile

from pipeline.declared.sources import SourceContract
from pipeline.errors import printable
from pipeline.ingest.name_order import NameOrder, name_order
from pipeline.ingest.recognition import entity_of_name, is_table_name

#: What lies beside deliveries, and why it is none.
LITTER = (
    (compile(r"~\$|\.~lock\."), "a lock of a program that has the file open"),
    (compile(r"\._"), "a companion of a file on a Mac"),
    (compile(r"\."), "hidden: its name begins with a dot"),
    (compile(r"_"), "set aside: its name begins with an underscore"),
    (
        compile(
            r".*\.(part|partial|filepart|crdownload|download|tmp|temp|swp|inprogress)$", IGNORECASE
        ),
        "still on its way, by its ending",
    ),
    (compile(r".*(~|\.(bak|old|orig|backup))$", IGNORECASE), "a backup, by its ending"),
    (compile(r".*\.(sha\d*|md5|crc|sig|asc|gpg-sig|sfv)$", IGNORECASE), "a checksum or signature"),
    (compile(r"(thumbs\.db|desktop\.ini|icon\r)$", IGNORECASE), "made by the file manager"),
    (
        compile(r"(read[ _-]?me|licen[cs]e|changelog|manifest|notes?)\b", IGNORECASE),
        "about the delivery, no part of it",
    ),
    (
        compile(r".*\.(md|log|ini|cfg|yml|yaml|ok|done|trg|ctl)$", IGNORECASE),
        "no table, by its ending",
    ),
)
ASIDE = compile(
    r"(__macosx|archived?|archiv|old|processed|done|backups?|bak|errors?|rejected|trash|lost\+found)$",
    IGNORECASE,
)
#: Formats beside CSV and JSON that are worth opening.
OTHER_FORMATS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet", ".pq", ".zip")


@dataclass(frozen=True)
class FolderFile:
    """One file to load; `note` says what is uncertain about its place among the others."""

    path: Path
    note: str = ""


@dataclass(frozen=True)
class Listing:
    """The fate of every file of a folder: those to load, in order, and those left out with why."""

    files: tuple[FolderFile, ...] = ()
    left_out: tuple[tuple[str, str], ...] = field(default=())


def list_folder(folder: Path, contracts: Mapping[str, SourceContract]) -> Listing:
    """Every file of a folder and below: sub-folders in order of name, in each parents before
    children, files of a source by what their names say and then by the time of the file.

    Links that lead out of the folder are not followed.
    """
    root, found, left_out = folder.resolve(), [], []
    unread: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=unread.append):
        for name in sorted(folders):
            below = Path(place, name)
            if below.is_symlink():
                left_out.append(
                    (_shown(below, folder), "a link to a folder, which is not followed")
                )
                folders.remove(name)
        for name in names:
            path = Path(place, name)
            if why := _why_not(path, folder, root, contracts):
                left_out.append((_shown(path, folder), why))
            else:
                found.append(path)
    for error in unread:
        why = f"a folder that cannot be opened ({error.strerror})"
        left_out.append((_shown(Path(error.filename), folder), why))
    return Listing(_in_order(found, contracts), tuple(sorted(left_out)))


def _shown(path: Path, folder: Path) -> str:
    return printable(str(path.relative_to(folder)))


def _why_not(
    path: Path, folder: Path, root: Path, contracts: Mapping[str, SourceContract]
) -> str | None:
    """Why a file is no delivery, or None."""
    if path.is_symlink() and _leads_out(path, root):
        return "a link out of the folder, which is not followed"
    if kind := _special(path):
        return f"{kind}, which is not opened"
    return why_left_out(path.relative_to(folder), contracts)


def _leads_out(link: Path, root: Path) -> bool:
    try:
        return not link.resolve().is_relative_to(root)
    except RuntimeError:  # a link that leads to itself
        return False


def _special(path: Path) -> str:
    """What a name stands for that is no file; empty for a file."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"cannot be looked at ({error.strerror})"
    for is_kind, what in (
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    ):
        if is_kind(mode):
            return what
    return "" if stat.S_ISREG(mode) else "no file"


def why_left_out(path: PurePath, contracts: Mapping[str, SourceContract]) -> str | None:
    """Why a file of this path in a folder or archive is no delivery, by its names; None for one
    that may be.
    """
    for part in path.parts[:-1]:
        if ASIDE.match(part) or part.startswith((".", "_")):
            return f"in {printable(part)}, where files are kept that are not to be loaded"
    for pattern, why in LITTER:
        if pattern.match(path.name):
            return why
    if (
        is_table_name(path.name)
        or path.suffix.lower() in OTHER_FORMATS
        or entity_of_name(path.name, contracts)
        or entity_of_name(path.stem, contracts)
    ):
        return None
    return "neither named after a source nor a table by its ending"


def _in_order(paths: list[Path], contracts: Mapping[str, SourceContract]) -> tuple[FolderFile, ...]:
    order = list(contracts)
    groups: dict[tuple, list[Path]] = {}
    for path in paths:
        entity = entity_of_name(path.name, contracts)
        place = order.index(entity) if entity else len(order)
        groups.setdefault((path.parent, place), []).append(path)
    ranked: list[FolderFile] = []
    for (_, place), group in sorted(groups.items()):
        told = name_order([path.name for path in group])
        group = sorted(group, key=lambda path: _rank(path, told))
        note = told.doubt if len(group) > 1 and place < len(order) else ""
        ranked += [FolderFile(path, note) for path in group]
    return tuple(ranked)


def _rank(path: Path, told: NameOrder) -> tuple:
    if told.doubt:
        return (path.stat().st_mtime, told.keys[path.name], path.name)
    return (told.keys[path.name], path.stat().st_mtime, path.name)
