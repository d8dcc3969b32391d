"""Bytes of a source onto the disk, piece by piece."""

import os
from collections.abc import Iterable
from pathlib import Path

from pipeline.connect.failures import CutOff

#: What a cut connection loses at most.
PIECE_BYTES = 128 * 1024
FILE_MODE = 0o600


def append(to: Path, pieces: Iterable[bytes], size: int | None, is_new: bool = False) -> None:
    """Write pieces behind what `to` holds, or instead of it; raises CutOff when it then has not
    `size` bytes. What came stays, so that the next attempt goes on from there.
    """
    flags = os.O_CREAT | os.O_WRONLY | (os.O_TRUNC if is_new else os.O_APPEND)
    with os.fdopen(os.open(to, flags, FILE_MODE), "ab") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        has = file.tell()
    if size is not None and has != size:
        if has > size:
            to.unlink()
        raise CutOff
