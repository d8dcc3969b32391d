"""What one pass over delivered bytes tells: their hash, what kind of file they are, how they are
encoded, and how large they are once unpacked.
"""

import hashlib
import io
from dataclasses import dataclass

from pipeline.errors import InputRefused
from pipeline.ingest import parquet_file, workbook
from pipeline.ingest.delivery import Delivery, chunks, refusing_broken_gzip, unpacked
from pipeline.ingest.encoding import EncodingScan
from pipeline.ingest.evidence import certain
from pipeline.ingest.formats import PARQUET, TEXT, WORKBOOKS, binary_format
from pipeline.ingest.text_encoding import TextEncoding
from pipeline.ingest.workbook import Sheet

GZIP_MAGIC = b"\x1f\x8b"
#: Workbooks and Parquet files say themselves how their text is encoded.
BY_FORMAT = TextEncoding("utf-8", "utf-8", evidence=certain("the format says so"))
#: Messages of a stream are written as lines of ASCII.
AS_WRITTEN = TextEncoding("utf-8", "utf-8", evidence=certain("messages are written so"))


@dataclass(frozen=True)
class Inspection:
    """SHA-256 (hex) of the bytes as delivered, whether they are gzipped, the encoding, the kind
    (`text` or the name of a binary format), the sheets of a workbook, and the bytes once unpacked.
    """

    sha256: str
    is_gzip: bool
    encoding: TextEncoding
    kind: str = TEXT
    sheets: tuple[Sheet, ...] = ()
    unpacked_bytes: int = 0


def inspect(delivery: Delivery) -> Inspection:
    """Hash the bytes, tell their kind and infer their encoding. Raises InputRefused for what is
    empty, cut off, too large, or no table.
    """
    if delivery.origin is not None:
        return _of_messages(delivery)
    with delivery.open() as stream:
        is_gzip = stream.read(2) == GZIP_MAGIC
        stream.seek(0)
        kind = TEXT if is_gzip else binary_format(stream, delivery.name)
        stream.seek(0)
        if kind != TEXT:
            return _of_binary(delivery, stream, kind)
        digest, scan = hashlib.sha256(), EncodingScan(delivery.name)
        for chunk in chunks(stream):
            digest.update(chunk)
            if not is_gzip:
                scan.feed(chunk)
    size = delivery.size
    if is_gzip:
        size = 0
        with unpacked(delivery, is_gzip) as stream, refusing_broken_gzip(delivery.name):
            for chunk in chunks(stream):
                size += len(chunk)
                delivery.limits.refuse_bomb(delivery.name, size, delivery.size)
                if size == len(chunk) and binary_format(io.BytesIO(chunk), delivery.name) != TEXT:
                    raise InputRefused(
                        "is a workbook or Parquet file that was gzipped",
                        delivery.name,
                        "unpack it and deliver the file in it",
                    )
                scan.feed(chunk)
    return Inspection(digest.hexdigest(), is_gzip, scan.result(), unpacked_bytes=size)


def _of_messages(delivery: Delivery) -> Inspection:
    """Messages were judged one by one and written by us, so nothing is inferred of them."""
    with delivery.open() as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return Inspection(sha256, False, AS_WRITTEN, unpacked_bytes=delivery.size)


def _of_binary(delivery: Delivery, stream: io.BufferedIOBase, kind: str) -> Inspection:
    sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    sheets: tuple[Sheet, ...] = ()
    if kind in WORKBOOKS:
        size = workbook.unpacked_bytes(delivery, kind)
        sheets = workbook.sheets(delivery, kind)
    else:
        assert kind == PARQUET
        size = parquet_file.unpacked_bytes(delivery)
    return Inspection(sha256, False, BY_FORMAT, kind, sheets, size)
