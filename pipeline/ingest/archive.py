"""The files in a ZIP archive as deliveries of their own, each with its fate."""

import os
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile

from pipeline.declared.sources import SourceContract
from pipeline.errors import InputRefused
from pipeline.ingest.damage import AGAIN, refusing_damage
from pipeline.ingest.delivery import Delivery, chunks
from pipeline.ingest.folder import why_left_out
from pipeline.ingest.formats import ARCHIVE, ZIP_STARTS, kind_of_zip
from pipeline.ingest.name_order import NameOrder, name_order
from pipeline.ingest.recognition import entity_of_name

#: More files than this are no delivery.
MAX_MEMBERS = 1_000
LEADS_OUT = re.compile(r"[/\\]|[A-Za-z]:|(.*[/\\])?\.\.([/\\]|$)", re.DOTALL)


@dataclass(frozen=True)
class Member:
    """One file in an archive, under the archive's name and its own: what is wrong with it and what
    to do (`refusal`), or why it is no delivery (`left_out`); neither for one to load.
    """

    name: str
    place: int
    written: tuple[int, ...]
    refusal: tuple[str, str] | None = None
    left_out: str = ""
    note: str = ""


def is_archive(delivery: Delivery) -> bool:
    """Whether a delivery is a ZIP archive of files, and no workbook or other document."""
    with delivery.open() as stream:
        if not stream.read(4).startswith(ZIP_STARTS):
            return False
        return kind_of_zip(stream) == ARCHIVE


def members(delivery: Delivery, contracts: Mapping[str, SourceContract]) -> list[Member]:
    """Every file in an archive, parents before children, older ones first as far as names say.

    Raises InputRefused for an archive that is damaged, empty or far larger than it looks.
    """
    with _opened(delivery) as archive:
        infos = archive.infolist()
    files = [(at, info) for at, info in enumerate(infos) if not _is_folder(info)]
    if not files:
        raise InputRefused(
            "is a ZIP archive without any file", delivery.name, "deliver the files themselves"
        )
    if len(files) > MAX_MEMBERS:
        raise InputRefused(
            f"holds {len(files):,} files",
            delivery.name,
            f"unpack it, and deliver at most {MAX_MEMBERS:,} files at once",
        )
    delivery.limits.refuse_bomb(
        delivery.name, sum(info.file_size for _, info in files), delivery.size
    )
    found, seen = [], set()
    for at, info in files:
        member = _member(delivery, at, info, contracts)
        if member.name in seen:
            twice = ("stands twice in the archive", "leave one file of each name in it")
            member = Member(member.name, at, member.written, twice)
        seen.add(member.name)
        found.append(member)
    return _in_order(found, contracts)


@contextmanager
def unpacked_member(delivery: Delivery, member: Member, folder: Path) -> Iterator[Delivery]:
    """A file of an archive as a delivery, its bytes in a file of `folder` as long as it is open."""
    if member.refusal:
        yield Delivery(member.name, b"", limits=delivery.limits, refusal=member.refusal)
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=".member-") as copy:
        try:
            for chunk in member_chunks(delivery, member):
                copy.write(chunk)
        except InputRefused as error:
            yield Delivery(
                member.name, b"", limits=delivery.limits, refusal=(error.what, error.hint)
            )
            return
        copy.flush()
        os.utime(copy.name, (_time(member.written),) * 2)
        yield Delivery(member.name, Path(copy.name), member.note, delivery.limits)


def member_chunks(delivery: Delivery, member: Member) -> Iterator[bytes]:
    """The bytes of a file of an archive in pieces; raises InputRefused when they are damaged."""
    with _opened(delivery) as archive:
        info = archive.infolist()[member.place]
        with refusing_damage("is cut off or damaged in its archive", member.name):
            try:
                stream = archive.open(info)
            except NotImplementedError as error:
                raise InputRefused(
                    "is packed in a way that is not read", member.name, "pack it as a plain ZIP"
                ) from error
            with stream:
                yield from chunks(stream)


@contextmanager
def _opened(delivery: Delivery) -> Iterator[zipfile.ZipFile]:
    with delivery.open() as stream:
        with refusing_damage("is a damaged ZIP archive", delivery.name):
            archive = zipfile.ZipFile(stream)
        yield archive


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith("/")


def _member(
    delivery: Delivery, at: int, info: zipfile.ZipInfo, contracts: Mapping[str, SourceContract]
) -> Member:
    inner = info.filename.replace("\\", "/")
    name = f"{delivery.name}/{inner.lstrip('/')}"
    kind = stat.S_IFMT(info.external_attr >> 16)
    refusal = None
    left_out = ""
    if not inner:
        refusal = ("has no name", AGAIN)
    elif LEADS_OUT.match(info.orig_filename):
        refusal = ("has a path that leads out of its archive", "pack it under a plain name")
    elif stat.S_ISLNK(info.external_attr >> 16):
        refusal = ("is a link, which is not followed", "pack the file that it points to")
    elif kind and not stat.S_ISREG(info.external_attr >> 16):
        refusal = ("is no file but a device or pipe", "pack files only")
    elif why := why_left_out(PurePosixPath(inner), contracts):
        left_out = why
    elif info.flag_bits & 1:
        refusal = ("is encrypted", "decrypt it and deliver the file itself")
    return Member(name, at, info.date_time, refusal, left_out)


def _in_order(found: list[Member], contracts: Mapping[str, SourceContract]) -> list[Member]:
    order = list(contracts)
    groups: dict[int, list[Member]] = {}
    for member in found:
        entity = entity_of_name(member.name, contracts)
        groups.setdefault(order.index(entity) if entity else len(order), []).append(member)
    ranked: list[Member] = []
    for place, group in sorted(groups.items()):
        told = name_order([PurePosixPath(member.name).name for member in group])
        note = told.doubt if len(group) > 1 and place < len(order) else ""
        ranked += [replace(member, note=note) for member in sorted(group, key=partial(_rank, told))]
    return ranked


def _rank(told: NameOrder, member: Member) -> tuple:
    key = told.keys[PurePosixPath(member.name).name]
    return (member.written, key, member.name) if told.doubt else (key, member.written, member.name)


def _time(written: tuple[int, ...]) -> float:
    try:
        return datetime(*written[:6], tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]
    except ValueError:
        return 0.0
