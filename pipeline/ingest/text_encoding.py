"""How the bytes of a text are decoded, why so, and what is open about it."""

from dataclasses import dataclass

from pipeline.ingest.codecs_of_ours import KEEP_BYTES
from pipeline.ingest.evidence import Evidence
from pipeline.ingest.questions import Question


@dataclass(frozen=True)
class TextEncoding:
    """How to decode: `label` for people, `codec` and `errors` for Python; whether a mark led and
    NULs are among the characters.

    `evidence` says why; `question` is open when somebody has to decide.
    """

    label: str
    codec: str
    errors: str = "strict"
    has_mark: bool = False
    has_nulls: bool = False
    evidence: Evidence = Evidence()
    question: Question | None = None

    @property
    def needs_escapes(self) -> bool:
        """Whether the text may hold what cannot be stored."""
        return self.has_nulls or self.errors == KEEP_BYTES
