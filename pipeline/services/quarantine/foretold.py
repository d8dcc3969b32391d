"""What the next build will do with the decisions that wait for it, said before the build."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.services.quarantine import causes, what_if
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.store.control import approvals, decisions
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.store.warehouse import state


@dataclass(frozen=True)
class Foretold:
    """Rows that would be `promoted` and `rejected`, and decisions `taken_back` whose rows are
    judged without them again.

    `is_exact` is False where some decision is judged by the build alone, where two of them may set
    the same row free, or where events of few encounters are not counted.
    """

    promoted: int = 0
    rejected: int = 0
    taken_back: int = 0
    is_exact: bool = True

    @property
    def sentence(self) -> str:
        """`The next build will promote 68 rows and reject 1 row.`; empty where nothing waits."""
        parts = [
            f"{verb} {'' if self.is_exact else 'about '}{count:,} row{'' if count == 1 else 's'}"
            for verb, count in (("promote", self.promoted), ("reject", self.rejected))
            if count
        ]
        said = [f"The next build will {' and '.join(parts)}."] if parts else []
        if self.taken_back:
            what = "1 decision is" if self.taken_back == 1 else f"{self.taken_back:,} decisions are"
            said.append(f"{what} taken back: those rows are judged without it again.")
        return " ".join(said)


def foretold(settings: Settings) -> Foretold:
    """What the decisions in force that no build has applied would do; nothing is written."""
    if not warehouse_exists(settings):
        return Foretold()
    with open_bookkeeping(settings) as connection:
        applied = state.applied_decisions(connection)
    with open_control(settings) as control:
        in_force = decisions.in_force(control, utc_now()[:10])
        asked = approvals.waiting(control).keys() if settings.four_eyes else set()
    waiting = [
        each
        for each in in_force
        if each["decision_id"] not in applied and each["decision_id"] not in asked
    ]
    rejected = {(each["entity"], each["row_id"]) for each in waiting if each["kind"] == "reject"}
    repairs: dict[str, dict[str, dict[str, str | None]]] = defaultdict(lambda: defaultdict(dict))
    waived: dict[tuple[str, str], list[str]] = defaultdict(list)
    is_exact = True
    for each in waiting:
        entity, row_id = each["entity"], each["row_id"]
        if (entity, row_id) in rejected:
            continue
        if each["kind"] == "correct":
            repairs[entity][row_id][each["column_name"]] = each["new_value"]
        elif row_id and each["rule_id"]:
            waived[entity, each["rule_id"]].append(row_id)
        else:
            is_exact = False  # every rule of a row, or every row of a rule: judged by the build
    promoted: Counter[str] = Counter()
    for entity, rows in repairs.items():
        effect = what_if.what_if(
            settings,
            entity,
            tuple((row_id, tuple(cells.items())) for row_id, cells in rows.items()),
        )
        is_exact &= not effect.left_out and not effect.released.leaves_out
        is_exact &= not promoted.keys() & effect.released.by_source.keys()
        promoted.update(effect.released.by_source)
    for (entity, rule_id), row_ids in waived.items():
        released = causes.waiver(settings, entity, rule_id, tuple(row_ids)).released
        is_exact &= not released.leaves_out and not promoted.keys() & released.by_source.keys()
        promoted.update(released.by_source)
    return Foretold(
        promoted.total(),
        len(rejected),
        len(applied - {each["decision_id"] for each in in_force}),
        is_exact,
    )
