"""What a load or a preview comes back with."""

from dataclasses import asdict, dataclass, field

from pipeline.ingest.questions import Question


@dataclass(frozen=True)
class Finding:
    """Something noticed while loading: a file rule, the column it concerns (or None), how often,
    and what.
    """

    rule_id: str
    column_name: str | None
    count: int
    detail: str


@dataclass(frozen=True)
class LoadResult:
    """What became of one file. `status`: loaded, already_loaded, refused (then `reason` says why
    and what to do) or left_out (`reason` says why a file of a folder is no delivery).

    `asks`: what somebody has to decide before it can be loaded (field, what, choices), else None.
    `received` = accepted + `rejected`, data lines. `header`: matched, missing, extra (lists) and
    renamed (dict). `readings`: how it was read, step by step, each with what, value, why,
    confidence (0 to 1 or None) and runner_up; `lines`: its physical lines (elements of JSON) by
    their part of the file, all of them under `delivered`.
    """

    file: str
    entity: str | None
    load_id: str | None
    status: str
    received: int = 0
    rejected: int = 0
    encoding: str | None = None
    delimiter: str | None = None
    quotechar: str | None = None
    line_ending: str | None = None
    header: dict | None = None
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    seconds: float = 0.0
    asks: dict | None = None
    readings: tuple[dict, ...] = ()
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def accepted(self) -> int:
        """Lines that became rows."""
        return self.received - self.rejected

    def as_dict(self) -> dict:
        """The result as plain data, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Preview:
    """How a file would be read: what was inferred, its first rows, and why it would be refused or
    skipped, if so.

    `columns` names the cells of each of `rows` (contract columns first, then extra ones), `numbers`
    their physical lines; `header_cells` is the header as delivered, for mapping it by hand; `shape`
    is the key under which such a mapping is remembered; `header_line` is its last physical line,
    `skipped` counts lines with content above it. `readings` says how it is read (as `explained`),
    `question` what somebody has to decide first; `sheets` names those of a workbook with content,
    or the lists of a JSON document.
    """

    file: str
    entity: str | None
    encoding: str | None
    delimiter: str | None
    quotechar: str | None
    line_ending: str | None
    header: dict
    header_cells: tuple[str, ...]
    shape: str | None
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    rejects: tuple[tuple[int, str], ...]
    already_loaded: str | None
    refused: str | None
    numbers: tuple[int, ...] = ()
    header_line: int = 0
    skipped: int = 0
    format: str | None = None
    sha256: str | None = None
    readings: tuple[dict, ...] = field(default=(), hash=False)
    question: Question | None = None
    sheets: tuple[str, ...] = ()
