"""Counter-based random numbers: the draw for (seed, stream, index) needs no state.

A row's values depend on its index alone, so chunks may have any size, rows may be read in any
order, and the integers are the same on every platform and every numpy version.
"""

from __future__ import annotations

import zlib

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_MASK = (1 << 64) - 1


def splitmix64(words: np.ndarray) -> np.ndarray:
    """Mix uint64 words one to one (a bijection: distinct words in, distinct words out)."""
    with np.errstate(over="ignore"):
        mixed = words + _GOLDEN
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
        return mixed ^ (mixed >> np.uint64(31))


def stream_key(seed: int, stream: str) -> np.uint64:
    """The 64-bit key of one named stream of one seed."""
    start = np.array(
        [(seed * 0x2545F4914F6CDD1D + zlib.crc32(stream.encode()) * 0x9E3779B1) & _MASK], np.uint64
    )
    return splitmix64(splitmix64(start))[0]


def draw(seed: int, stream: str, index: np.ndarray) -> np.ndarray:
    """One uint64 per index; distinct indexes of a stream give distinct words."""
    return splitmix64(index.astype(np.uint64) ^ stream_key(seed, stream))


def draw_below(seed: int, stream: str, index: np.ndarray, limit: int) -> np.ndarray:
    """One int64 in [0, limit) per index, for limit up to 2**31."""
    return (
        (draw(seed, stream, index) >> np.uint64(32)) * np.uint64(limit) >> np.uint64(32)
    ).astype(np.int64)


def draw_one(seed: int, stream: str, index: int, limit: int) -> int:
    """`draw_below` for a single index."""
    return int(draw_below(seed, stream, np.array([index]), limit)[0])
