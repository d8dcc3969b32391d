"""The SQL of a rule, cut out of the statements that the last build compiled: what runs, not what
was meant.
"""

import re
import textwrap
from pathlib import Path

from pipeline.declared.sources import Rule

BEFORE, AFTER = "case when coalesce(", ", true) then '' else"
#: Columns that only stand while a build compares deliveries.
COMPARES = re.compile(r"\bm\._(?!row_id|load_id|loaded_at|is_held|source_)")
#: Text of one verdict: it does not run into the next.
OWN = r"(?:(?!as passes_).)*"


def rule_sql(compiled_dir: Path, rule: Rule) -> str | None:
    """A statement that a person can read, and run when no comment says otherwise; None for a rule
    of the loader.

    `compiled_dir` holds the compiled landing zone; None as well before the first build.
    """
    if rule.stage == "table":
        return _table_check(_text(compiled_dir / "deliveries" / "table_checks.sql"), rule.name)
    folder = compiled_dir / rule.entity
    if rule.stage == "before_promotion":
        return _judged(_text(folder / f"int_{rule.entity}_verdicts.sql"), rule)
    if rule.stage == "after_promotion":
        return _remarked(_text(folder / f"dq_{rule.entity}.sql"), rule)
    return None


def _judged(text: str, rule: Rule) -> str | None:
    end = text.find(f'"name":"{rule.name}"')
    start = text.rfind(BEFORE, 0, end) + len(BEFORE) if end >= 0 else -1
    stop = text.rfind(AFTER, start, end)
    if end < 0 or start < len(BEFORE) or stop < 0:
        return None
    condition = text[start:stop]
    if COMPARES.search(condition):
        return (
            f"-- compares rows of deliveries: runs inside a build, while int_{rule.entity}_verdicts is made\n"
            + _failing("grouped", condition)
        )
    return _failing(f"row_verdicts_{rule.entity}", condition)


def _remarked(text: str, rule: Rule) -> str | None:
    match = re.search(rf"'{re.escape(rule.name)}',.*?where not (passes_\d+)", text, re.DOTALL)
    verdict = match and re.search(
        rf"(?:_row_id,|as passes_\d+,)\s*coalesce\(({OWN}), true\){OWN} as {match[1]}\b",
        text,
        re.DOTALL,
    )
    return (
        _failing(
            f"row_verdicts_{rule.entity}",
            verdict[1],
            "m._status in ('promoted', 'quarantined') and ",
        )
        if verdict
        else None
    )


def _table_check(text: str, name: str) -> str | None:
    """The step of `table_checks` that measures the rule."""
    match = re.search(rf"^{re.escape(name)} as \(\n(.*?)^\),", text, re.DOTALL | re.MULTILINE)
    return textwrap.dedent(match[1]).strip() if match else None


def _failing(table: str, condition: str, among: str = "") -> str:
    body = textwrap.indent(textwrap.dedent(condition).strip(), "    ")
    return f"select m.*\nfrom {table} as m\nwhere {among}not coalesce(\n{body},\n    true\n)"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
