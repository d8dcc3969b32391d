"""Parquet -> rows of text, typed values written exactly.

Whole numbers and decimals with all their digits; other numbers with the fewest digits that stand
for no other number, without exponent and without `.0`; dates as `2026-01-31`, times of a day at
midnight without a zone as their date, others as ISO 8601; `true` and `false`; a list of plain
values as one cell of commas in brackets; null as an empty cell. Columns of objects are refused.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipeline.errors import InputRefused
from pipeline.ingest.batches import Noticed
from pipeline.ingest.damage import refusing_damage
from pipeline.ingest.delivery import Delivery, Progress
from pipeline.ingest.json_window import NOT_STORABLE, escaped

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

BATCH_ROWS = 4096


def unpacked_bytes(delivery: Delivery) -> int:
    """The bytes of the columns once unpacked, as the file states them; raises InputRefused when
    they are more than they may be.
    """
    with _opened(delivery) as found:
        groups = (found.metadata.row_group(at) for at in range(found.metadata.num_row_groups))
        size = sum(group.total_byte_size for group in groups)
    delivery.limits.refuse_bomb(delivery.name, size, delivery.size)
    return size


def header(delivery: Delivery) -> list[str]:
    """The names of the columns; raises InputRefused when one holds objects."""
    with _opened(delivery) as found:
        for column in found.schema_arrow:
            if not _is_plain(column.type):
                raise InputRefused(
                    f"has a column of objects ({column.type.id and str(column.type).split('<')[0]})",
                    f"{delivery.name}, column {column.name}",
                    "write its parts as columns of their own",
                )
        return [NOT_STORABLE.sub(escaped, name) for name in found.schema_arrow.names]


def rows(
    delivery: Delivery, noticed: Noticed, progress: Progress | None
) -> Generator[list[list[str]], None, None]:
    """The rows in batches, from the first on; memory: one batch and what Parquet packs together."""
    done = 0
    for total, columns in _columns(delivery, noticed):
        batch = list(map(list, zip(*columns, strict=True)))
        done += len(batch)
        if progress:
            progress(done, total)
        yield batch


def _columns(delivery: Delivery, noticed: Noticed) -> Iterator[tuple[int, list[list[str]]]]:
    """(rows of the file, the columns of the next ones as text)."""
    with _opened(delivery) as found:
        for batch in found.iter_batches(batch_size=BATCH_ROWS):
            yield (
                found.metadata.num_rows,
                [
                    list(map(_writer(column.type, noticed), _values(column)))
                    for column in _exact(batch)
                ],
            )


def _exact(batch: pa.RecordBatch) -> list[pa.Array]:
    """The columns, moments finer than a microsecond as text, which Python's moments cannot hold."""
    import pyarrow as pa

    return [
        column.cast(pa.string())
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns" and _is_finer(column)
        else column
        for column in batch.columns
    ]


def _values(column: pa.Array) -> list[Any]:
    """The values of a column; those beyond the years that Python's dates reach are text, so that
    one of them does not cost the file.
    """
    try:
        return column.to_pylist()
    except (OverflowError, ValueError):
        return list(map(_value, column))


def _value(cell: pa.Scalar) -> Any:
    import pyarrow as pa

    try:
        return cell.as_py()
    except (OverflowError, ValueError):
        if isinstance(cell, pa.ListScalar):
            return list(map(_value, cell.values))
        return cell.cast(pa.string()).as_py()


def _is_finer(column: pa.Array) -> bool:
    import pyarrow.compute as pc

    whole = pc.cast(column, "int64")
    return bool(pc.any(pc.not_equal(pc.multiply(pc.divide(whole, 1000), 1000), whole)).as_py())


def _is_plain(kind: pa.DataType) -> bool:
    import pyarrow as pa

    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    if is_list:
        return not pa.types.is_nested(kind.value_type)
    return not pa.types.is_nested(kind)


def _writer(kind: pa.DataType, noticed: Noticed) -> Callable[[Any], str]:
    """What writes the values of a column."""
    import pyarrow as pa

    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        each = _writer(kind.value_type, noticed)
        return lambda value: "" if value is None else f"[{','.join(map(each, value))}]"
    if pa.types.is_dictionary(kind):
        return _writer(kind.value_type, noticed)
    if pa.types.is_float32(kind) or pa.types.is_float16(kind):
        return _single
    if (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    ):
        return lambda value: _decoded(value, noticed)
    return _text


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(repr(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None and value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat(sep=" ")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _single(value: float | None) -> str:
    """A number of single precision with its own digits, not those of the double next to it."""
    import numpy as np

    return "" if value is None else _number(str(np.float32(value)))


def _number(shortest: str) -> str:
    """The digits of a number without exponent, and whole numbers without a point."""
    if shortest in ("nan", "inf", "-inf"):
        return shortest
    text = f"{Decimal(shortest):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decoded(value: bytes | None, noticed: Noticed) -> str:
    """Bytes without a type, which some writers mean as text."""
    if value is None:
        return ""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        noticed.escaped += 1
        return value.decode("ascii", "backslashreplace")


@contextmanager
def _opened(delivery: Delivery) -> Iterator[pq.ParquetFile]:
    """The file; raises InputRefused when it is damaged, encrypted or cut off."""
    import pyarrow.parquet as pq

    with (
        delivery.open() as stream,
        refusing_damage(
            "is a damaged, encrypted or cut off Parquet file",
            delivery.name,
            "write it again and deliver the whole file",
        ),
    ):
        yield pq.ParquetFile(stream)
