"""Small files of every format that is read, broken at random: how many load with a ledger that
balances, how many are refused, and how many end otherwise (which none may).
"""

import gzip
import io
import json
import random
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config import load_settings
from pipeline.declared.sources import load_contracts
from pipeline.ingest.batch import load_into
from pipeline.ingest.results import LoadResult
from pipeline.store.bootstrap import prepare_warehouse
from pipeline.store.sqlite.database import open_warehouse

HEADER = ["provider_name", "npi", "zip"]
ROWS = [[f"Noren, Fen {at}", str(2000000000 + at), f"{at:05d}"] for at in range(40)]
XLS = Path(__file__).with_name("providers.xls")


def as_csv() -> bytes:
    lines = [",".join(HEADER), *(f'"{name}",{npi},{code}' for name, npi, code in ROWS)]
    return "\r\n".join([*lines, ""]).encode()


def as_json() -> bytes:
    return json.dumps([dict(zip(HEADER, row, strict=True)) for row in ROWS], indent=1).encode()


def as_json_lines() -> bytes:
    lines = [json.dumps(dict(zip(HEADER, row, strict=True))) for row in ROWS]
    return "\n".join([*lines, ""]).encode()


def as_wrapped_json() -> bytes:
    return b'{"count": 40, "data": {"providers": ' + as_json() + b"}}"


def as_xlsx() -> bytes:
    workbook = openpyxl.Workbook()
    for row in (HEADER, *ROWS):
        workbook.active.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def as_ods() -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("table", "text", "office")
    )
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in (HEADER, *ROWS)
    )
    return as_zip(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": (
                f"<office:document-content {spaces}><office:body><office:spreadsheet>"
                f'<table:table table:name="Data">{rows}</table:table>'
                "</office:spreadsheet></office:body></office:document-content>"
            ).encode(),
        }
    )


def as_parquet() -> bytes:
    columns = dict(zip(HEADER, map(list, zip(*ROWS, strict=True)), strict=True))
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def as_zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def whole_files() -> dict[str, bytes]:
    """File name -> bytes of a file that loads."""
    return {
        "providers.csv": as_csv(),
        "providers.csv.gz": gzip.compress(as_csv(), mtime=0),
        "providers.json": as_json(),
        "wrapped.json": as_wrapped_json(),
        "providers.jsonl": as_json_lines(),
        "providers.json.gz": gzip.compress(as_json(), mtime=0),
        "providers.xlsx": as_xlsx(),
        "providers.xls": XLS.read_bytes(),
        "providers.ods": as_ods(),
        "providers.parquet": as_parquet(),
        "delivery.zip": as_zip({"providers.csv": as_csv(), "providers.json": as_json()}),
    }


def broken(data: bytes, seed: str, count: int) -> Iterator[bytes]:
    """The file cut off, with bytes flipped, zeroed, left out, doubled or put in, at random but
    always the same for a seed.
    """
    chance = random.Random(seed)
    for _ in range(count):
        yield chance.choice(DAMAGES)(bytearray(data), chance)


def cut_off(data: bytearray, chance: random.Random) -> bytes:
    return bytes(data[: chance.randrange(len(data))])


def headless(data: bytearray, chance: random.Random) -> bytes:
    return bytes(data[chance.randrange(1, len(data)) :])


def flipped(data: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def overwritten(data: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 2, 16))):
        data[chance.randrange(len(data))] = chance.choice((0, 255, chance.randrange(256)))
    return bytes(data)


def zeroed(data: bytearray, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    length = min(chance.choice((4, 64, 512)), len(data) - start)
    data[start : start + length] = bytes(length)
    return bytes(data)


def left_out(data: bytearray, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    del data[start : start + chance.choice((1, 3, 40, 512))]
    return bytes(data)


def doubled(data: bytearray, chance: random.Random) -> bytes:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice((1, 30, 400))]
    return bytes(data[:start] + piece + data[start:])


def continued(data: bytearray, chance: random.Random) -> bytes:
    return bytes(data + chance.randbytes(chance.choice((1, 50, 600))))


DAMAGES = (cut_off, headless, flipped, flipped, overwritten, zeroed, left_out, doubled, continued)


LOADED, REFUSED, UNBALANCED, CRASHED = COUNTS = (
    "loaded and balanced",
    "refused with a reason",
    "unbalanced",
    "ended in an error",
)


def measure(count: int, seed: str = "torture") -> dict[str, Counter]:
    """Name of the whole file -> fate (one of COUNTS) -> broken copies of it, `count` in all."""
    contracts, counts = load_contracts(), {}
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=Path(folder) / "home")
        prepare_warehouse(settings, {each.raw_table: each.delivered for each in contracts.values()})
        with open_warehouse(settings, write=True) as connection:
            for name, whole in whole_files().items():
                fates = counts[name] = Counter()
                path = Path(folder) / name
                for data in broken(whole, f"{seed} {name}", count):
                    path.write_bytes(data)
                    try:
                        results = load_into(
                            connection, settings.delivered_dir, [path], contracts=contracts
                        )
                    except Exception:
                        fates[CRASHED] += 1
                        continue
                    fates[max((_fate(result) for result in results), key=COUNTS.index)] += 1
    return counts


def _fate(result: LoadResult) -> str:
    if result.status in ("refused", "left_out"):
        return REFUSED
    lines = dict(result.lines)
    return LOADED if lines.pop("delivered") == sum(lines.values()) else UNBALANCED
