"""Remakes the data that the project ships: `python -m pipeline.synthetic.shipped [DIR]` (default:
data).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.synthetic.generator import GenerateResult, generate

DATA_DIR = Path(__file__).resolve().parents[2] / "data"
SAMPLE_ROWS, SAMPLE_SEED = 1_000, 5
DELIVERIES_ROWS, DELIVERIES_SEED = 5_000, 6


def make_sample(out: Path) -> GenerateResult:
    """The sample: 1,000 encounters with the kinds of defects of a real delivery."""
    return generate(
        SAMPLE_ROWS,
        SAMPLE_SEED,
        out,
        employers=3,
        crlf=("patients", "referrals", "adverse_events"),
        final_newline=False,
    )


def make_deliveries(out: Path) -> GenerateResult:
    """The three deliveries: 5,000 encounters with late, corrected, repeated and conflicting
    rows.
    """
    return generate(DELIVERIES_ROWS, DELIVERIES_SEED, out, deliveries=3, employers=3)


def main(arguments: Sequence[str] = ()) -> int:
    """Writes `sample/` and `deliveries/` under the directory given; 0 when done."""
    folder = Path(arguments[0]) if arguments else DATA_DIR
    for name, make in (("sample", make_sample), ("deliveries", make_deliveries)):
        result = make(folder / name)
        print(
            f"{name}: {len(result.files)} files, {sum(result.rows.values())} rows, {result.seconds:.1f} s"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
