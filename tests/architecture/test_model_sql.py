"""What the SQL of the dbt project may say: no clock, no words of one engine, imports in steps."""

import re
from pathlib import Path

import pytest

from pipeline.config.project import PROJECT_DIR

DBT_DIR = PROJECT_DIR / "icon_dbt"
#: The layers above the gate.
LAYERS = ("standard_model", "enterprise_datasets", "feature_store")
CLOCK = re.compile(
    r"current_timestamp|current_date|\bnow\s*\(|'now'|getdate\(|run_started_at", re.IGNORECASE
)
ENGINE = re.compile(
    r"\b(glob|regexp|strftime|julianday|printf|group_concat|string_agg|json_each|json_extract|json_group_array|rowid|iif)\b"
    r"|\b(instr|strpos|date|datetime|unnest|typeof|char|chr)\s*\(|\bpragma\b",
    re.IGNORECASE,
)
COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)


def sql_files(*without: str) -> list[Path]:
    return [
        path
        for folder in ("models", "macros", "tests")
        for path in sorted((DBT_DIR / folder).rglob("*.sql"))
        if not any(f"macros/{folder}/" in path.as_posix() for folder in without)
    ]


def test_no_macro_of_gold_reads_a_relation_that_nobody_gave_it():
    """A macro reads what its arguments name or what it makes itself, never a CTE that its caller
    happens to have.
    """
    wrong = []
    for folder in ("statistics", "features"):
        for path in sorted((DBT_DIR / "macros" / folder).glob("*.sql")):
            sql = COMMENT.sub("", path.read_text(encoding="utf-8"))
            made = set(re.findall(r"(\w+) as (?:\{\{.*?\}\} )?\(", sql))
            read = re.findall(r"\b(?:from|join)\s+([a-z]\w*)", sql)
            wrong += [f"{path.name} reads {name}" for name in read if name not in made]
    assert wrong == []


#: Builds nothing: it answers `dbt source freshness`, which asks how old something is now.
ASKS_FOR_AGE = DBT_DIR / "macros" / "cross_db" / "source_freshness.sql"


@pytest.mark.parametrize(
    "path", [path for path in sql_files() if path != ASKS_FOR_AGE], ids=lambda path: path.name
)
def test_nothing_reads_the_clock(path):
    assert CLOCK.findall(COMMENT.sub("", path.read_text(encoding="utf-8"))) == []


def test_functions_of_one_engine_stand_only_where_engines_differ():
    offenders = {}
    for path in sql_files("cross_db", "materializations"):
        words = {
            match[0] for match in ENGINE.finditer(COMMENT.sub("", path.read_text(encoding="utf-8")))
        }
        if words:
            offenders[path.relative_to(DBT_DIR).as_posix()] = sorted(words)
    assert offenders == {}


def test_every_import_stands_in_a_step_of_its_own():
    """A reference with an alias hides what a model reads in the middle of a join."""
    aliased = re.compile(
        r"\}\}\s+(?!as\b|where|group|order|union|inner|left|cross|join|limit|on\b)[a-z_]+\s*\n",
        re.IGNORECASE,
    )
    files = [path for folder in LAYERS for path in (DBT_DIR / "models" / folder).rglob("*.sql")]
    assert [
        path.name
        for path in files
        if re.search(r"(from|join) \{\{ ref\([^}]+\}\}\s+as\s", path.read_text(encoding="utf-8"))
        or aliased.search(
            "".join(
                re.findall(
                    r"(?:from|join) \{\{ ref\([^}]+\}\}[^\n]*\n", path.read_text(encoding="utf-8")
                )
            )
        )
    ] == []
