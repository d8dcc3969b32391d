"""Ids that have the right shape and cannot belong to anyone.

NPIs begin with 2 (valid, unassigned so far), ZIP codes use prefixes that USPS does not use, and
people's ids start above every id of a real delivery.
"""

from __future__ import annotations

import numpy as np

from pipeline.synthetic.hashing import draw, draw_below, draw_one, stream_key

FIRST_PATIENT_ID = 1_000_000
FIRST_REFERRAL_PATIENT_ID = 5_000_000
EMPLOYER_IDS = ("91001", "91002", "91003", "91004", "91005")
ZIP_PREFIXES = ("002", "003", "345")
ZIP5_POOL = tuple(f"{prefix}{suffix:02d}" for prefix in ZIP_PREFIXES for suffix in range(100))

_BASE32 = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", np.uint8)
_DIGITS = "0123456789"


def luhn_check_digit(first_nine: str) -> str:
    """The tenth digit of an NPI: Luhn over `80840` and the first nine."""
    total = 24
    for position, digit in enumerate(first_nine):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def is_npi(text: str) -> bool:
    """Ten digits, the first 1 or 2, and a correct check digit."""
    shaped = len(text) == 10 and all(c in _DIGITS for c in text) and text[0] in "12"
    return shaped and luhn_check_digit(text[:9]) == text[9]


def npis(seed: int, count: int) -> list[str]:
    """`count` distinct NPIs in ascending order of the stream, each `2` + 8 digits + check digit."""
    numbers: dict[str, None] = {}
    index = 0
    while len(numbers) < count:
        first_nine = f"2{1 + draw_one(seed, 'npi', index, 99_999_999):08d}"
        numbers.setdefault(first_nine + luhn_check_digit(first_nine))
        index += 1
    return list(numbers)


def zip_codes(seed: int, stream: str, index: np.ndarray) -> np.ndarray:
    """Nine-digit ZIP codes (int64, leading zeros not shown) of the pool, one per index."""
    pool = np.array([int(zip5) for zip5 in ZIP5_POOL], np.int64)
    plus4 = 1000 + draw_below(seed, f"{stream}-plus4", index, 9000)
    return pool[draw_below(seed, stream, index, len(pool))] * 10_000 + plus4


def encounter_ids(seed: int, index: np.ndarray) -> np.ndarray:
    """Encounter ids as bytes, shape (n, 32): base32 of 128 bits, unique for distinct indexes."""
    high, low = draw(seed, "encounter-high", index), draw(seed, "encounter-low", index)
    out = np.full((len(index), 32), ord("="), np.uint8)
    for position in range(26):
        shift = 123 - 5 * position  # bit of the 128 at which these five bits begin
        if shift >= 64:
            bits = high >> np.uint64(shift - 64)
        elif shift > 59:
            bits = (high << np.uint64(64 - shift)) | (low >> np.uint64(shift))
        elif shift >= 0:
            bits = low >> np.uint64(shift)
        else:
            bits = low << np.uint64(-shift)
        out[:, position] = _BASE32[(bits & np.uint64(31)).astype(np.uint8)]
    return out


def shuffled(seed: int, index: np.ndarray, count: int) -> np.ndarray:
    """The index after a fixed shuffle of range(count): an affine bijection, so no table is kept."""
    if count < 2:
        return index
    step = int(stream_key(seed, "shuffle-step")) % count or 1
    while np.gcd(step, count) != 1:
        step += 1
    offset = int(stream_key(seed, "shuffle-offset")) % count
    return (index.astype(np.int64) * (step % count) + offset) % count
