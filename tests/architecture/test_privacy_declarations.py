"""Every column has one class, that of what it is made of; what has none is hidden."""

import json
import shutil

import pytest

from docs.making.column_classes import class_file, complaints, inputs_file, work_out
from pipeline.declared import column_inputs
from pipeline.declared.classes import CLASSES, FILE, load_classes, strictest
from pipeline.declared.dictionary import DBT_DIR, load_dictionary
from pipeline.privacy.cell_policy import emptied
from pipeline.privacy.column_meaning import (
    ALL_ROWS,
    UNDECLARED,
    TableMeaning,
    meaning,
    missing_declarations,
)
from pipeline.privacy.masking import column_class, is_hidden
from pipeline.privacy.treatments import READERS, TREATMENTS, treatment
from tests.warehouse import query, tables

SCORECARD = "provider_procedure_scorecard"
FCT = "models/enterprise_datasets/patients/fct_encounter.sql"
#: What somebody adds to the select of fct_encounter -> the class that it must get by itself.
PLANTED = {
    "substr(risk.patient_id, 1, 4)": "direct_identifier",
    "case when risk.patient_id like '1%' then 1 else 0 end": "direct_identifier",
    "risk.age * 3 + 1": "age",
    "risk.has_adverse_event * 100": "outcome",
    "1 - coalesce(risk.has_adverse_event, 0)": "outcome",
    "dense_rank() over (order by risk.npi)": "count",
    "row_number() over (order by risk.paid_cents)": "amount",
    "(select max(born.birth_date) from std_patients as born where born.patient_id = risk.patient_id)": "date",
    "(select count(*) from std_adverse_events as ae where ae.encounter_id = risk.encounter_id)": "outcome",
    "exists (select 1 from std_adverse_events as ae where ae.encounter_id = risk.encounter_id)": "outcome",
    "(select home.zip5 from std_referrals as home where home.patient_id = risk.patient_id limit 1)": "place",
    "(select c.latitude from zip_centroid as c inner join std_referrals as r on c.zip5 = r.zip5)": "place",
    "'no column at all'": "public",
}


def test_the_written_classes_are_what_the_models_say(sample_home):
    assert FILE.read_text(encoding="utf-8") == class_file(sample_home), (
        "python -m docs.make --classes"
    )


def test_the_written_inputs_of_columns_are_what_the_models_say(sample_home):
    assert column_inputs.FILE.read_text(encoding="utf-8") == inputs_file(sample_home), (
        "python -m docs.make --classes"
    )


def test_every_column_has_a_class_and_every_exception_a_reason(sample_home):
    assert complaints(sample_home) == []


def test_every_column_that_stands_has_a_class(sample_home):
    unknown = [
        f"{table}.{column}"
        for table in tables(sample_home)
        for (column,) in query(sample_home, "select name from pragma_table_info(?)", table)
        if load_classes().get(table, {}).get(column) not in CLASSES
    ]
    assert unknown == []


@pytest.fixture(scope="module")
def derived(sample_home, tmp_path_factory):
    """The classes of columns that somebody adds to a gold model without declaring anything."""
    home = tmp_path_factory.mktemp("planted") / "home"
    compiled = "dbt/target/compiled"
    shutil.copytree(sample_home / compiled, home / compiled)
    shutil.copy(sample_home / "icon_health.db", home)
    (path,) = (home / compiled).glob(f"*/{FCT}")
    added = ", ".join(f"{sql} as planted_{place}" for place, sql in enumerate(PLANTED))
    path.write_text(
        f"with made as ({path.read_text()}), risk as (select * from int_encounter_risk_cell) "
        f"select made.*, {added} from made inner join risk on made.encounter_id = risk.encounter_id"
    )
    lineage, _ = work_out(home)
    return lineage.known["fct_encounter"].columns


@pytest.mark.parametrize(("place", "sql"), list(enumerate(PLANTED)))
def test_a_column_added_tomorrow_has_the_class_of_what_it_is_made_of(derived, place, sql):
    assert strictest(derived[f"planted_{place}"]) == PLANTED[sql]


def test_a_class_is_made_less_strict_only_with_a_reason(sample_home, tmp_path):
    """Somebody calls the patient's identifier public, and somebody's reason is one word."""
    project = tmp_path / "icon_dbt"
    shutil.copytree(DBT_DIR, project, ignore=shutil.ignore_patterns("target", "logs"))
    path = project / "models/enterprise_datasets/patients/fct_encounter.yml"
    said = path.read_text()
    for meta in ("classification: public", "classification: public, reviewed: fine"):
        path.write_text(
            said.replace(
                "      - name: patient_id\n",
                f"      - name: patient_id\n        config: {{meta: {{{meta}}}}}\n",
                1,
            )
        )
        assert any(
            found.startswith("fct_encounter.patient_id: is direct_identifier; say why")
            for found in complaints(sample_home, project)
        )


def test_every_class_has_a_treatment_for_every_reader_and_an_unknown_one_shows_nothing():
    assert {name for name, _ in TREATMENTS} >= CLASSES.keys()
    for reader in READERS:
        assert treatment("no such class", reader) == treatment(None, reader)
        assert treatment(None, reader) in ("hidden", "refused", "left out")


def test_a_column_without_a_class_is_hidden_everywhere():
    for table in (SCORECARD, "feat_provider", "feat_provider_latest", "std_encounters"):
        hidden = [rule for rule in emptied(table, ["npi", "complications"]) if not rule.count]
        assert [rule.grain for rule in hidden if "complications" in rule.columns] == [ALL_ROWS]
        assert column_class(table, "complications") == UNDECLARED
        assert is_hidden(table, "complications")
    assert emptied("a_table_of_yesterday", ["npi", "n"])[0].columns == ("npi", "n")


def test_every_table_that_tells_outcomes_says_of_which_small_cells():
    gaps = [
        gap
        for entry in load_dictionary().values()
        if entry.layer in ("enterprise_datasets", "feature_store")
        for gap in missing_declarations(entry.name, meaning(entry.name))
    ]
    assert gaps == []
    outcome = TableMeaning({"npi": "provider_key", "harm": "outcome"})
    assert "of which small cells is not said" in missing_declarations("new", outcome)[0]
    elsewhere = TableMeaning({"harm": "outcome"}, cells=("npi", "ward"))
    assert "names npi" in missing_declarations("new", elsewhere)[0]


def test_the_file_of_classes_is_plain():
    assert all(
        told in CLASSES
        for classes in json.loads(FILE.read_text()).values()
        for told in classes.values()
    )
