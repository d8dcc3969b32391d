"""What kind of file some bytes are, where it is no table of text: named truly, with what to do."""

import io
import re
import zipfile

from pipeline.errors import InputRefused
from pipeline.ingest.damage import AGAIN, trouble_behind

#: Kinds of files that are read.
TEXT, XLSX, XLS, ODS, PARQUET = "text", "xlsx", "xls", "ods", "parquet"
WORKBOOKS = (XLSX, XLS, ODS)
EXPORT = "save its table as CSV, JSON, Parquet or a workbook (.xlsx, .ods) and deliver that"
MAGIC = (
    (b"%PDF", "a PDF document", EXPORT),
    (b"SQLite format 3", "a SQLite database", "export the table as CSV and deliver that"),
    (b"\x1f\x8b", "gzipped more than once", "unpack it once"),
    (b"BZh", "a bzip2 archive", "unpack it, or pack it with gzip"),
    (b"\xfd7zXZ", "an xz archive", "unpack it, or pack it with gzip"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it, or pack it with gzip"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it, or pack it with gzip"),
    (b"Rar!", "a RAR archive", "unpack it, or pack it with gzip"),
    (b"\x89PNG", "a picture", EXPORT),
    (b"\xff\xd8\xff", "a picture", EXPORT),
    (b"GIF8", "a picture", EXPORT),
    (b"\x7fELF", "a program", EXPORT),
    (b"MZ\x90", "a program", EXPORT),
    (b"ARROW1", "an Arrow file", "write it as Parquet or CSV and deliver that"),
    (b"ORC", "an ORC file", "write it as Parquet or CSV and deliver that"),
    (b"Obj\x01", "an Avro file", "write it as JSON or CSV and deliver that"),
    (b"$FL2", "an SPSS file", "export it as CSV and deliver that"),
    (b"<stata_dta>", "a Stata file", "export it as CSV and deliver that"),
    (b"HEADER RECORD*******LIBRARY", "a SAS transport file", "export it as CSV"),
)
ACCESS = (b"Standard Jet DB", b"Standard ACE DB")
SAS = bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
PARQUET_START, PARQUET_ENCRYPTED = b"PAR1", b"PARE"
#: Files of parts in the manner of a disk (OLE 2), by the name of a part they hold.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_PARTS = (
    ("EncryptedPackage", "an encrypted workbook or document", "save it without a password"),
    ("WordDocument", "a Word document", EXPORT),
    ("PowerPoint Document", "a presentation", EXPORT),
    ("__substg1.0_", "an Outlook message", "deliver the file attached to it"),
)
OLE_WORKBOOK = ("Workbook", "Book")
#: ZIP archives that are one document, by the name of a part they hold.
ZIP_PARTS = (
    ("xl/workbook.xml", XLSX),
    ("xl/workbook.bin", ("a binary Excel workbook (.xlsb)", "save it as .xlsx or CSV")),
    ("word/document.xml", ("a Word document", EXPORT)),
    ("ppt/presentation.xml", ("a presentation", EXPORT)),
    ("Index/Document.iwa", ("a Numbers or Pages document", "export it as .xlsx or CSV")),
)
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
#: So much of a damaged file is looked at.
HEAD_BYTES = 64 * 1024
TAR_MARK, TAR_AT = b"ustar", 257
#: What a ZIP archive is that is no document.
ARCHIVE, DAMAGED = "archive", "damaged"
UNPACK = "unpack it and deliver the files in it"
#: Text that is no table: what its beginning looks like, what it is, and what to do.
TEXTS = (
    (r"\{\\rtf", "an RTF document, made by a word processor", "save it as plain text (.csv)"),
    (r"(<!doctype html|<html|<table|<head\b|<body\b)", "an HTML page", EXPORT),
    (r"(<\?xml|<[a-z][\w:.-]*( [^<>]*)?>\s*<)", "an XML file", EXPORT),
    (r"ISA.{1}\d\d.{1}", "an X12 interchange", "convert its segments to a table of rows"),
    (r"(MSH|FHS|BHS)\|", "HL7 messages", "convert them to a table of rows, or export as CSV"),
    (r"(UNA.{6}|UNB\+)", "an EDIFACT interchange", "convert its segments to a table of rows"),
    (
        r"(--[^\n]*\n|/\*.*?\*/|\s|set [^;]*;|use [^;]*;|begin[^;]*;|drop table[^;]*;)*"
        r"(insert into |create table |pragma )",
        "an SQL script",
        "export the table as CSV and deliver that",
    ),
    (
        r"version https://git-lfs\.github\.com/spec/",
        "a pointer of Git LFS to the file",
        "fetch the file itself",
    ),
    (r"-----BEGIN PGP", "encrypted with PGP", "decrypt it and deliver the table in it"),
    (
        r"(MIME-Version|Received|Return-Path|Message-ID): ",
        "an e-mail",
        "deliver the file attached to it",
    ),
    (r"%!PS", "a PostScript document", EXPORT),
)
TEXT_PATTERNS = tuple(
    (re.compile(rf"[\s\ufeff]*{pattern}", re.IGNORECASE | re.DOTALL), kind, hint)
    for pattern, kind, hint in TEXTS
)
#: So many bytes of EBCDIC stand for letters, digits, blanks, line ends and separators in a table.
EBCDIC_SHARE = 0.97
EBCDIC_LETTERS = re.compile(r"[A-Za-z0-9 ,;|\t\r\n\x85\"'._:/#=+()-]")


def binary_format(stream: io.BufferedIOBase, name: str) -> str:
    """The kind of a file by its content, TEXT for whatever could be text. Raises InputRefused for a
    document, an archive or a damaged file of a kind that holds no table.
    """
    head = stream.read(8)
    if head.startswith(OLE):
        return _of_ole(head + stream.read(), name)
    if head.startswith(ZIP_STARTS):
        return _of_zip(stream, name)
    if head.startswith(PARQUET_ENCRYPTED):
        raise InputRefused("is an encrypted Parquet file", name, "write it without encryption")
    return PARQUET if head.startswith(PARQUET_START) else TEXT


def _of_ole(data: bytes, name: str) -> str:
    for part, kind, hint in OLE_PARTS:
        if part.encode("utf-16-le") in data:
            raise InputRefused(f"is {kind}", name, hint)
    if any(part.encode("utf-16-le") in data for part in OLE_WORKBOOK):
        return XLS
    raise InputRefused(
        "is a document of an old program of Microsoft, or a damaged one", name, EXPORT
    )


def _of_zip(stream: io.BufferedIOBase, name: str) -> str:
    kind = kind_of_zip(stream)
    if isinstance(kind, tuple):
        raise InputRefused(f"is {kind[0]}", name, kind[1])
    if kind in WORKBOOKS:
        return kind
    if kind == DAMAGED:
        stream.seek(0)
        head = stream.read(HEAD_BYTES)
        is_workbook = any(part in head for part in (b"[Content_Types].xml", b"xl/"))
        what = "an Excel workbook" if is_workbook else "a ZIP archive"
        raise InputRefused(f"is cut off or damaged: it begins as {what}", name, AGAIN)
    raise InputRefused("is a ZIP archive of files", name, UNPACK)


def kind_of_zip(stream: io.BufferedIOBase) -> str | tuple[str, str]:
    """What a ZIP archive is: a kind of workbook, `archive`, `damaged`, or (kind, hint) of another
    document.
    """
    try:
        archive = zipfile.ZipFile(stream)
        names = {part.replace("\\", "/") for part in archive.namelist()}
        if "mimetype" in names:
            is_sheet = archive.read("mimetype").strip() == ODS_TYPE
            return ODS if is_sheet else ("an OpenDocument text or an e-book", EXPORT)
    except Exception as error:
        if trouble := trouble_behind(error):
            raise trouble from None
        return DAMAGED
    for part, kind in ZIP_PARTS:
        if part in names:
            return kind
    if "[Content_Types].xml" not in names:
        return ARCHIVE
    is_workbook = any(part.startswith("xl/") for part in names)
    return DAMAGED if is_workbook else ("a document of Microsoft Office", EXPORT)


def refuse_other_formats(head: bytes, name: str) -> None:
    """Raise InputRefused when the first bytes are those of a file that is no table of text."""
    for magic, kind, hint in MAGIC:
        if head.startswith(magic):
            raise InputRefused(f"is binary: {kind}", name, hint)
    if head[TAR_AT : TAR_AT + len(TAR_MARK)] == TAR_MARK:
        raise InputRefused("is binary: a tar archive", name, UNPACK)
    if any(word in head[:64] for word in ACCESS):
        raise InputRefused("is binary: an Access database", name, "export the table as CSV")
    if SAS in head[:64]:
        raise InputRefused("is binary: a SAS data set", name, "export it as CSV")


def refuse_other_texts(text: str, name: str) -> None:
    """Raise InputRefused when the first characters are those of a document or message, not of a
    table.
    """
    for pattern, kind, hint in TEXT_PATTERNS:
        if pattern.match(text):
            raise InputRefused(f"is no table: it is {kind}", name, hint)


def is_ebcdic(head: bytes) -> bool:
    """Whether the bytes are text of a mainframe: nonsense as they are, a table in EBCDIC."""
    if not head or sum(byte > 0x7F for byte in head) < 0.4 * len(head):
        return False
    text = head.decode("cp037")
    return len(EBCDIC_LETTERS.findall(text)) >= EBCDIC_SHARE * len(text) and any(
        separator in text for separator in ",;|\t\n\x85"
    )
