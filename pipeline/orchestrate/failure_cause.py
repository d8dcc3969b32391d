"""What made a build fail, as a run reports it: the load, file, line and column, and the way out."""

from dataclasses import asdict, dataclass

from pipeline.errors import printable


@dataclass(frozen=True)
class FailureCause:
    """Why the step `node` failed. `verdict` says how much is known:

    - `load`: without `loads` (usually one) the step passes; file, line and column where known;
    - `decision`: without `decision_id` it passes; load, file, line and column of its row;
    - `project`: the step fails without any load and decision, so nothing delivered is to blame;
    - `passing`: tried again, the step did not fail;
    - `unknown`: not found; `note` says why, and `suspects` are loads that no published build has
      read, or all of them when there is none.

    No value of a row is ever a part of it.
    """

    node: str
    verdict: str = "unknown"
    loads: tuple[str, ...] = ()
    source_file: str | None = None
    line: int | None = None
    column: str | None = None
    more_lines: bool = False
    decision_id: str | None = None
    suspects: tuple[str, ...] = ()
    rehearsals: int = 0
    seconds: float = 0.0
    note: str = ""

    @property
    def next_step(self) -> str:
        """The command that leads out."""
        if self.verdict in ("load", "decision"):
            undone = self.loads if self.verdict == "load" else ()
            steps = [f"icon-health undo {load_id}" for load_id in undone]
            if self.decision_id:
                steps.append(f"icon-health quarantine revert {self.decision_id} --reason TEXT")
            return ", ".join(steps)
        if self.verdict == "unknown" and self.suspects:
            return "icon-health undo LOAD_ID, one of them after another"
        return "icon-health build" if self.verdict == "passing" else ""

    @property
    def sentence(self) -> str:
        """What is known, in one sentence."""
        if self.verdict == "load":
            also = f" and decision {self.decision_id}" if self.decision_id else ""
            return f"{self.node} fails because of {_listed(self.loads)}{also}{self._place()}"
        if self.verdict == "decision":
            return f"{self.node} fails because of decision {self.decision_id}{self._place()}"
        if self.verdict == "project":
            return (
                f"{self.node} fails without any load and decision as well: nothing delivered "
                "is to blame, the project is"
            )
        if self.verdict == "passing":
            return f"{self.node} did not fail when it was tried again"
        first = f"; try without {_listed(self.suspects)} first" if self.suspects else ""
        return f"what makes {self.node} fail is not known: {self.note or 'not looked for'}{first}"

    def as_dict(self) -> dict:
        """All of it as plain values, sentence and next step included."""
        return asdict(self) | {"sentence": self.sentence, "next_step": self.next_step}

    def _place(self) -> str:
        parts = [
            printable(self.source_file or ""),
            f"line {self.line}{' and others' if self.more_lines else ''}" if self.line else "",
            f"column {self.column}" if self.column else "",
        ]
        place = ", ".join(part for part in parts if part)
        unfinished = f" (not narrowed further: {self.note})" if self.note else ""
        return f"{f': {place}' if place else ''}{unfinished}"


def _listed(loads: tuple[str, ...], longest: int = 6) -> str:
    more = f" and {len(loads) - longest} more" if len(loads) > longest else ""
    return f"load{'s' if len(loads) > 1 else ''} {', '.join(loads[:longest])}{more}"
