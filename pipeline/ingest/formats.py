"""What kind of file some bytes are, where it is no table of text: named truly, with what to do."""

import re

from pipeline.errors import InputRefused

EXPORT = "save it as CSV or JSON and deliver that"
MAGIC = (
    (b"%PDF", "a PDF document", EXPORT),
    (b"SQLite format 3", "a SQLite database", "export the table as CSV and deliver that"),
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
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "save it as .xlsx or CSV"),
    (b"$FL2", "an SPSS file", "export it as CSV and deliver that"),
    (b"<stata_dta>", "a Stata file", "export it as CSV and deliver that"),
    (b"HEADER RECORD*******LIBRARY", "a SAS transport file", "export it as CSV"),
)
ACCESS = (b"Standard Jet DB", b"Standard ACE DB")
SAS = bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
ZIP = b"PK\x03\x04"
PARQUET = b"PAR1"
#: A workbook is a ZIP archive of such parts.
WORKBOOK_PARTS = (b"[Content_Types].xml", b"xl/")
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
#: Sources have a handful; more cells in the first line are no names.
MAX_COLUMNS = 5_000
LINED_UP = re.compile(r"\S+(?: \S+)*(?: {2,}\S+(?: \S+)*){1,}\s*")


def refuse_other_formats(head: bytes, name: str) -> None:
    """Raise InputRefused when the first bytes are those of a file that is no table of text."""
    for magic, kind, hint in MAGIC:
        if head.startswith(magic):
            raise InputRefused(f"is binary: {kind}", name, hint)
    if head.startswith(ZIP):
        is_workbook = any(part in head for part in WORKBOOK_PARTS)
        raise InputRefused(
            f"is binary: {'an Excel workbook' if is_workbook else 'a ZIP archive'}",
            name,
            EXPORT if is_workbook else "unpack it and deliver the files in it",
        )
    if head.startswith(PARQUET):
        raise InputRefused("is binary: a Parquet file", name, EXPORT)
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


def refuse_endless_rows(lines: list[str], name: str) -> None:
    """Raise InputRefused when the first line would have more columns than any table."""
    first = next((line for line in lines if line.strip()), "")
    if max(map(first.count, ",;\t|")) > MAX_COLUMNS:
        raise InputRefused(
            f"has more than {MAX_COLUMNS:,} columns",
            name,
            "deliver the columns of the source, one row a line",
        )


def is_ebcdic(head: bytes) -> bool:
    """Whether the bytes are text of a mainframe: nonsense as they are, a table in EBCDIC."""
    if not head or sum(byte > 0x7F for byte in head) < 0.4 * len(head):
        return False
    text = head.decode("cp037")
    return len(EBCDIC_LETTERS.findall(text)) >= EBCDIC_SHARE * len(text) and any(
        separator in text for separator in ",;|\t\n\x85"
    )


def is_lined_up(lines: list[str]) -> bool:
    """Whether lines without any delimiter have their columns lined up with blanks."""
    lines = [line.rstrip("\r\n") for line in lines if line.strip()][:200]
    if len(lines) < 2 or not all(LINED_UP.fullmatch(line) for line in lines):
        return False
    starts = [{found.start() for found in re.finditer(r"(?<=  )\S", line)} for line in lines]
    return bool(set.intersection(*starts))
