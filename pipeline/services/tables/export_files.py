"""Frames to a CSV or Parquet file, one after the other, so that no table has to fit into memory."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pandas as pd

from pipeline.errors import InputRefused
from pipeline.privacy.export_profiles import safe_for_spreadsheets

FOLDER_MODE, FILE_MODE = 0o700, 0o600


def write(path: Path, pieces: Iterable[pd.DataFrame], types: Mapping[str, str]) -> int:
    """Write all pieces to `path` and return the rows; the file appears whole or not at all.

    `types` are the declared types of the columns that keep their values; every other column is
    written as text.
    """
    with whole(path) as partial:
        return (_csv if path.suffix == ".csv" else _parquet)(partial, pieces, types)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write what becomes `path`, for its owner only, when the block ends well; a file of
    that name stands until then.

    Raises InputRefused for a folder.
    """
    if not path.name or path.is_dir():
        raise InputRefused("is a folder", str(path), "name the file to write")
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.touch(FILE_MODE)
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write one frame to a CSV or Parquet file by its ending, whole or not at all, each cell as it
    is.
    """
    with whole(path) as partial:
        if path.suffix == ".csv":
            frame.to_csv(partial, index=False, lineterminator="\n")
        else:
            frame.to_parquet(partial, index=False)


def _csv(path: Path, pieces: Iterable[pd.DataFrame], types: Mapping[str, str]) -> int:
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, piece in enumerate(pieces):
            safe_for_spreadsheets(piece).to_csv(
                file, index=False, header=number == 0, lineterminator="\n"
            )
            rows += len(piece)
    return rows


def parquet_bytes(pieces: Iterable[pd.DataFrame], types: Mapping[str, str]) -> bytes:
    """All pieces as one Parquet file in memory, packed: a fraction of what the frames would take
    together.
    """
    buffer = BytesIO()
    _parquet(buffer, pieces, types)
    return buffer.getvalue()


def _parquet(path: Path | BytesIO, pieces: Iterable[pd.DataFrame], types: Mapping[str, str]) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, writer = 0, None
    try:
        for piece in pieces:
            if writer is None:
                schema = pa.schema(
                    [(name, _arrow(types.get(name, "text"), piece[name])) for name in piece.columns]
                )
                writer = pq.ParquetWriter(path, schema)
            arrays = [_array(piece[field.name], field.type) for field in writer.schema]
            writer.write_table(pa.Table.from_arrays(arrays, schema=writer.schema))
            rows += len(piece)
    finally:
        if writer is not None:
            writer.close()
    return rows


def _arrow(declared: str, values: pd.Series):
    """The Arrow type of a column: as declared, or by its values for an expression of a view, which
    has no type.
    """
    import pyarrow as pa

    if declared.startswith("int") or not declared and pd.api.types.is_integer_dtype(values):
        return pa.int64()
    is_number = declared.startswith(("real", "num", "float", "double", "dec"))
    return (
        pa.float64()
        if is_number or not declared and pd.api.types.is_float_dtype(values)
        else pa.string()
    )


def _array(values: pd.Series, kind):
    """One column in its Arrow type; SQLite keeps any value in any column, so numbers become text
    where text is due.
    """
    import pyarrow as pa

    if pa.types.is_string(kind):
        return pa.array([None if pd.isna(value) else str(value) for value in values], kind)
    return pa.array(pd.to_numeric(values), kind, from_pandas=True)
