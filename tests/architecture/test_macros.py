"""One macro of dbt a file, named as the file; what a macro reads is given to it."""

import re
from pathlib import Path

import pytest

from pipeline.config.project import PROJECT_DIR

MACROS_DIR = PROJECT_DIR / "icon_dbt" / "macros"
MACRO = re.compile(r"{%-?\s*macro (\w+)\s*\((.*?)\)\s*-?%}(.*?){%-?\s*endmacro", re.DOTALL)
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
JINJA = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)
#: Macros that dbt calls by names of its own, and those with a branch for each engine: a file a
#: subject.
BY_SUBJECT = ("cross_db", "materializations")
#: Files that hold the words of one subject, all of which others use.
VOCABULARIES = {
    "landing_zone/cleaning/parts_of_dates": "steps from a delivered day to a day",
    "landing_zone/declared_source": "what the YAML of a source declares",
    "landing_zone/rule_kinds": "the kinds of rules, a macro a kind",
    "landing_zone/source_names": "lists of sources, written by docs.make",
    "landing_zone/verdict_journal": "the journal of changed verdicts, before and after",
    "landing_zone/verdict_reviews": "what a dq_ model remembers and looks at again",
    "standard_model/known_sources": "what an expression needs to know",
    "statistics/normal": "quantiles and tail of the normal distribution",
    "statistics/poisson_interval": "both ends of an interval",
    "statistics/wilson": "both ends of an interval",
}
#: Checks are found by their names, `measured__<source>__<check>`.
CHECKS = "measured__"
READS = re.compile(r"\b(?:from|join)\s+([a-z_]\w*)\b(?!\s*\()")
MAKES = re.compile(r"\b([a-z_]\w*) as\s+(?:(?:J|materialized)\s+)?\(")
TEXT = re.compile(r"'[^']*'")
#: Tables of the home and of the engines, which no CTE may be called after.
TABLES = ("ops_", "sqlite_", "information_schema", "duckdb_")


def files(*, by_subject: bool = False) -> dict[str, str]:
    """File of macros -> its text without comments; those by subject only when asked for."""
    return {
        path.relative_to(MACROS_DIR).with_suffix("").as_posix(): COMMENT.sub(
            "", path.read_text(encoding="utf-8")
        )
        for path in sorted(MACROS_DIR.rglob("*.sql"))
        if by_subject or path.relative_to(MACROS_DIR).parts[0] not in BY_SUBJECT
    }


def public(text: str) -> list[str]:
    return [name for name, _, _ in MACRO.findall(text) if not name.startswith("_")]


def stem_of(macro: str) -> str:
    """The name of the file of a macro; a check has its own without the word before it."""
    return macro.removeprefix(CHECKS).replace("__", "_") if CHECKS in macro else macro


@pytest.mark.parametrize("file", sorted(files()))
def test_a_file_is_named_after_its_macro(file):
    names = public(files()[file])
    if file in VOCABULARIES:
        assert len(names) > 1
    else:
        assert [stem_of(name) for name in names] == [Path(file).name]


def test_what_only_its_own_file_calls_starts_with_an_underscore_and_nothing_else_does():
    texts = files()
    everywhere = {
        path.as_posix(): path.read_text(encoding="utf-8")
        for folder in ("macros", "models", "tests")
        for path in (PROJECT_DIR / "icon_dbt" / folder).rglob("*")
        if path.suffix in (".sql", ".yml")
    } | {"project": (PROJECT_DIR / "icon_dbt/dbt_project.yml").read_text(encoding="utf-8")}
    wrong = []
    for file, text in texts.items():
        for name, _, _ in MACRO.findall(text):
            if "__" in name.strip("_"):  # found by its name: a kind of rule, a check
                continue
            own = f"{MACROS_DIR.as_posix()}/{file}.sql"
            called = re.compile(rf"(?<!\w){name}(?!\w)")
            others = any(called.search(each) for path, each in everywhere.items() if path != own)
            if others == name.startswith("_"):
                wrong.append(f"{file}: {name}")
    assert len(texts) > 60 and wrong == []


def reads_of_caller(body: str) -> set[str]:
    """The relations that a macro names in `from` or `join` without making or being given them."""
    plain = TEXT.sub("''", JINJA.sub(" J ", body))
    return {
        name
        for name in set(READS.findall(plain)) - set(MAKES.findall(plain))
        if not name.startswith(TABLES)
    }


def steps_written_by(body: str, bodies: dict[str, str]) -> set[str]:
    """The CTEs that the macros called in a body write into it, at any depth."""
    called = {name for name in bodies if re.search(rf"(?<!\w){name}\(", body)}
    written = {step for name in called for step in MAKES.findall(JINJA.sub(" J ", bodies[name]))}
    given = set(re.findall(r"'(\w+)'", " ".join(re.findall(r"{{.*?}}", body, re.DOTALL))))
    return written | given


def test_a_macro_names_no_relation_of_its_caller():
    texts = files(by_subject=True).values()
    bodies = {name: body for text in texts for name, _, body in MACRO.findall(text)}
    foreign = {
        name: reads_of_caller(body) - steps_written_by(body, bodies)
        for name, body in bodies.items()
    }
    assert {name: names for name, names in foreign.items() if names} == {}


def test_the_search_finds_a_relation_of_the_caller():
    assert reads_of_caller("a as (select 1 from b join {{ c }}), d as (select 2 from a)") == {"b"}
    assert reads_of_caller("select 1 from ops_loads cross join json_each(x)") == set()
