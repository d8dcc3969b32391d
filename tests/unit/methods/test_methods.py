"""Methods says what the docs, the declarations and the build say, and nothing of its own."""

import re

import pytest

from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.declared.variables import load_variables
from pipeline.services.methods import methods
from tests.warehouse import query

DOCS = (PROJECT_DIR / "docs" / "statistics.md").read_text(encoding="utf-8")


def test_every_section_of_the_docs_stands_on_the_page():
    titles = re.findall(r"^## (.+)$", DOCS, re.M)
    shown = [section.title for section in methods.methods().sections]
    assert len(shown) > 4 and set(titles) == {*shown, methods.MEASURED}
    text = "\n".join(section.text for section in methods.methods().sections)
    for name in ("Power", "Funnel verdict", "Shrunken ratio", "Savings"):
        assert f"**{name}**" in text
    assert not re.search(r"\]\([\w./]+\.md", text), "no link into the docs"


def test_what_was_measured_is_what_the_benchmark_wrote_with_its_seeds():
    found = methods.methods()
    assert [table.text for table in found.measured] == [
        block.strip() for block in re.findall(r"<!-- made: chance-.+? -->\n(.*?)<!-- /made -->", DOCS, re.S)
    ]  # fmt: skip
    assert len(found.measured) >= 5 and len({table.title for table in found.measured}) >= 5
    for table in found.measured:
        lines = table.text.splitlines()
        assert table.rows.shape == (len(lines) - 2, lines[0].count("|") - 1)
        assert not table.rows.isna().any(axis=None)
        rebuilt = [f"| {' | '.join(row)} |" for row in table.rows.itertuples(index=False)]
        assert rebuilt == lines[2:]
    assert methods.Section("nothing", "").rows.empty
    assert re.search(r"--seeds \d+ --first-seed \d+", found.command)


def test_every_variable_of_the_build_is_shown_with_its_meaning():
    assumptions = {each.name: each for each in methods.methods().assumptions}
    assert assumptions.keys() == load_variables().keys()
    assert assumptions["small_cell_size"].value == str(load_variables()["small_cell_size"])
    # a variable without a comment of its own stands under that of the one above it
    assert sum(not each.meaning for each in assumptions.values()) <= 1


def test_estimates_are_those_of_the_build(sample_home):
    shown = methods.estimated(load_settings(home=sample_home)).set_index("parameter")
    ((mu, tau2),) = query(
        sample_home, "select mu, tau2_used from model_parameter where name = 'provider'"
    )
    assert float(shown.loc["mu", "provider"]) == pytest.approx(mu)
    assert float(shown.loc["tau2_used", "provider"]) == pytest.approx(tau2)
    assert (shown["meaning"].str.len() > 10).all()
