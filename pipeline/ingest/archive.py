"""The files in a ZIP archive as deliveries of their own."""

import io
import zipfile
from pathlib import PurePath

from pipeline.errors import InputRefused
from pipeline.ingest.delivery import MAX_RATIO, RATIO_COUNTS_FROM, Delivery
from pipeline.ingest.folder import printable

ZIP_MAGIC = b"PK\x03\x04"
#: Members of an archive, and unpacked bytes of all.
MAX_MEMBERS, MAX_BYTES = 1_000, 1024**3


def is_archive(delivery: Delivery) -> bool:
    """Whether a delivery is a ZIP archive of files, and no workbook."""
    with delivery.open() as stream:
        if stream.read(4) != ZIP_MAGIC:
            return False
        try:
            names = set(zipfile.ZipFile(stream).namelist())
        except zipfile.BadZipFile:
            return False
    return "[Content_Types].xml" not in names and "mimetype" not in names


def members(delivery: Delivery) -> list[Delivery]:
    """The files in an archive, each under its own name, without folders and hidden files.

    Raises InputRefused for an archive that is encrypted, damaged, empty or far larger than it
    looks.
    """
    with delivery.open() as stream:
        try:
            archive = zipfile.ZipFile(io.BytesIO(stream.read()))
        except zipfile.BadZipFile as error:
            raise InputRefused(
                "is a damaged ZIP archive", delivery.name, "deliver the whole file again"
            ) from error
    infos = [each for each in archive.infolist() if _is_file(each)]
    if not infos:
        raise InputRefused(
            "is a ZIP archive without any file", delivery.name, "deliver the files themselves"
        )
    size = sum(each.file_size for each in infos)
    packed = max(sum(each.compress_size for each in infos), 1)
    if len(infos) > MAX_MEMBERS or size > MAX_BYTES:
        raise InputRefused(
            f"holds {len(infos)} files of {size:,} bytes, more than is unpacked here",
            delivery.name,
            f"unpack it, and deliver at most {MAX_MEMBERS} files and 1 GB at once",
        )
    if size > RATIO_COUNTS_FROM and size > MAX_RATIO * packed:
        raise _bomb(delivery.name)
    return [_unpacked(archive, each, delivery) for each in infos]


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, delivery: Delivery) -> Delivery:
    name = printable(PurePath(info.filename.replace("\\", "/")).name)
    try:
        with archive.open(info) as stream:
            data = stream.read(info.file_size + 1)
    except RuntimeError as error:
        raise InputRefused(
            "is an encrypted ZIP archive", delivery.name, "decrypt it and deliver the files in it"
        ) from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise InputRefused(
            "is a damaged ZIP archive", f"{delivery.name}, {name}", "deliver the whole file again"
        ) from error
    if len(data) > info.file_size:
        raise _bomb(delivery.name)
    return Delivery(name, data)


def _bomb(name: str) -> InputRefused:
    return InputRefused(
        f"is unpacked more than {MAX_RATIO} times as large",
        name,
        "unpack it, look at it, and deliver the files in it",
    )


def _is_file(info: zipfile.ZipInfo) -> bool:
    parts = PurePath(info.filename.replace("\\", "/")).parts
    return not info.is_dir() and not any(part.startswith((".", "__MACOSX", "~$")) for part in parts)
