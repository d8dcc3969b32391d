"""Writes synthetic deliveries of any size with the truth about them."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import InputRefused
from pipeline.synthetic import variants as file_variants
from pipeline.synthetic.batches import plan_batches
from pipeline.synthetic.defects import DEFECT_BY_NAME, selected_defects
from pipeline.synthetic.distributions import SIGMA_BY_WORLD
from pipeline.synthetic.encoding import FORMATS
from pipeline.synthetic.manifest import delivery_entry, write_manifest
from pipeline.synthetic.oracle import judge
from pipeline.synthetic.plan import DeliveryPlan
from pipeline.synthetic.planting import plan_single
from pipeline.synthetic.population import Population
from pipeline.synthetic.redelivery import EXTRAS, plan_extras
from pipeline.synthetic.tables import TABLES
from pipeline.synthetic.truth import write_truth
from pipeline.synthetic.writing import CHUNK_ROWS, WrittenFile, write_delivery

MOST_ROWS_JUDGED = 50_000
AGE_MODES = ("observed", "clinical")


@dataclass(frozen=True)
class GenerateResult:
    """What `generate` wrote; `rows` and `sha256` are by path relative to `out`."""

    out: Path
    files: tuple[Path, ...]
    rows: dict[str, int]
    sha256: dict[str, str]
    manifest: Path
    seconds: float


def generate(
    rows: int,
    seed: int,
    out: Path,
    *,
    world: str = "null",
    age: str = "observed",
    deliveries: int = 1,
    defects: bool | str | tuple[str, ...] = True,
    rows_per_defect: int = 1,
    overlap: bool = False,
    fmt: str = "csv",
    crlf: tuple[str, ...] = (),
    final_newline: bool = True,
    variants: tuple[str, ...] = (),
    extra: tuple[str, ...] = (),
    employers: int = 5,
    encounters_per_patient: int = 1,
    referral_overlap_percent: int = 0,
    chunk_rows: int = CHUNK_ROWS,
) -> GenerateResult:
    """Writes deliveries of `rows` encounters in total into `out`; the same arguments give the same
    bytes.

    `world`: `null` (no provider differs) or `signal` (effects with sd 0.4 log odds; see
    `_truth.csv`). `defects`: True for the kinds of a real delivery, `all`, a tuple of names of
    `DEFECTS`, or False; with two deliveries or more True adds the events of `plan_batches`. `each`:
    rows per defect of a big table. `overlap` lets defects meet in a row or in a cascade; then
    cascades may count a row twice. One delivery is written into `out` itself, several into
    `out/delivery_<n>`; `extra` adds deliveries of `EXTRAS` after them. `variants` are
    `<variant>:<entity>` changes of the first delivery's CSV files. Memory depends on `chunk_rows`.
    Raises InputRefused for arguments that cannot be met.
    """
    started = time.monotonic()
    _check(rows, world, age, deliveries, defects, fmt, variants, extra, employers, rows_per_defect)
    population = Population(
        rows, seed, world, age, employers, encounters_per_patient, referral_overlap_percent
    )
    if deliveries == 1:
        plans = [plan_single(population, selected_defects(defects), rows_per_defect, overlap)]
    else:
        plans = plan_batches(population, deliveries, events=defects is True)
        plans += plan_extras(plans, extra)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    written: list[WrittenFile] = []
    entries = []
    for plan in plans:
        folder = out if deliveries == 1 else out / f"delivery_{plan.number}"
        _check_folder(folder, fmt)
        files, cascades = write_delivery(
            population,
            plan,
            folder,
            fmt=fmt,
            crlf=crlf,
            final_newline=final_newline,
            chunk_rows=chunk_rows,
        )
        changed = _apply_variants(variants if plan.number == 1 else (), files)
        written += files
        entries.append(
            delivery_entry(plan, folder.relative_to(out).as_posix(), files, cascades, changed)
        )
    write_truth(population, out / "_truth.csv", chunk_rows)
    manifest = out / "_manifest.json"
    settings = {
        "rows": rows,
        "seed": seed,
        "world": world,
        "age": age,
        "deliveries": deliveries,
        "defects": list(defects) if isinstance(defects, tuple) else defects,
        "each": rows_per_defect,
        "overlap": overlap,
        "fmt": fmt,
        "employers": employers,
        "encounters_per_patient": encounters_per_patient,
        "referral_overlap_percent": referral_overlap_percent,
        "extra": list(extra),
    }
    write_manifest(manifest, settings, entries, _expected(rows, out, plans, entries, variants))
    names = {f.path.relative_to(out).as_posix(): f for f in written}
    return GenerateResult(
        out=out,
        files=tuple(f.path for f in written),
        rows={name: f.rows for name, f in names.items()},
        sha256={name: f.sha256 for name, f in names.items()},
        manifest=manifest,
        seconds=time.monotonic() - started,
    )


def _check(
    rows: int,
    world: str,
    age: str,
    deliveries: int,
    defects: bool | str | tuple[str, ...],
    fmt: str,
    variants: tuple[str, ...],
    extra: tuple[str, ...],
    employers: int,
    rows_per_defect: int,
) -> None:
    file_variants.parsed(variants)
    allowed = (
        (rows >= 1, f"rows is {rows}", "ask for 1 encounter or more"),
        (world in SIGMA_BY_WORLD, f"world is {world!r}", f"use {' or '.join(SIGMA_BY_WORLD)}"),
        (age in AGE_MODES, f"age is {age!r}", f"use {' or '.join(AGE_MODES)}"),
        (fmt in FORMATS, f"fmt is {fmt!r}", f"use {', '.join(FORMATS)}"),
        (1 <= employers <= 5, f"employers is {employers}", "use 1 to 5"),
        (rows_per_defect >= 1, f"each is {rows_per_defect}", "use 1 or more"),
        (fmt == "csv" or not variants, "variants need CSV", "leave out fmt"),
        (set(extra) <= set(EXTRAS), f"extra is {extra}", f"use {', '.join(EXTRAS)}"),
        (
            not extra or (deliveries > 1 and defects is True),
            "extra needs a series with events",
            "use deliveries=3",
        ),
        (
            deliveries == 1 or isinstance(defects, bool),
            "a series has its own events",
            "use defects=True or False",
        ),
    )
    for met, what, hint in allowed:
        if not met:
            raise InputRefused(what, "generate", hint)
    unknown = set(defects) - set(DEFECT_BY_NAME) if isinstance(defects, tuple) else set()
    if unknown or (isinstance(defects, str) and defects != "all"):
        raise InputRefused(
            f"there is no defect {', '.join(unknown) or defects}", "generate", "see DEFECTS"
        )


def _check_folder(folder: Path, fmt: str) -> None:
    for table in TABLES:
        others = [path for path in folder.glob(f"{table.stem}.*") if path.suffix != FORMATS[fmt]]
        if others:
            raise InputRefused(
                f"{others[0].name} of another format is there",
                str(folder),
                "choose an empty folder",
            )


def _apply_variants(variants: tuple[str, ...], files: list[WrittenFile]) -> list[dict[str, str]]:
    """Changes files in place and puts their new digests into the list."""
    changed = []
    for variant, entity in file_variants.parsed(variants):
        at = next(position for position, f in enumerate(files) if f.entity == entity)
        path = files[at].path
        file_variants.apply(variant, path)
        content = path.read_bytes()
        files[at] = replace(
            files[at], size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest()
        )
        changed.append(
            {
                "variant": variant.name,
                "file": path.name,
                "rule_id": variant.rule_id,
                "action": variant.action,
            }
        )
    return changed


def _expected(
    rows: int, out: Path, plans: list[DeliveryPlan], entries: list[dict], variants: tuple[str, ...]
) -> list[dict] | None:
    lossless = all(variant.lossless for variant, _ in file_variants.parsed(variants))
    if rows > MOST_ROWS_JUDGED or not lossless:
        return None
    folders = [out / entry["folder"] for entry in entries]
    return [judge(folders[: last + 1]).as_dict() for last in range(len(plans))]
