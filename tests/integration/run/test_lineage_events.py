"""The OpenLineage events of a run fit the published schema, tell all that was loaded and built, and
no cell and no file name of a delivery.
"""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.errors import InputRefused, PipelineError
from pipeline.orchestrate import lineage_transport
from pipeline.services.run import lineage, runs
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.statements import column_types
from tests.receivers import http_server
from tests.warehouse import copied

SCHEMAS = {
    document["$id"]: document
    for path in sorted(Path(__file__).with_name("openlineage").glob("*.json"))
    if (document := json.loads(path.read_text(encoding="utf-8")))
}
REGISTRY = Registry().with_resources(
    (address, Resource.from_contents(document)) for address, document in SCHEMAS.items()
)
EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json"


def complaints(value: object, address: str) -> list[str]:
    validator = Draft202012Validator(
        {"$ref": address}, registry=REGISTRY, format_checker=FormatChecker()
    )
    return [error.message for error in validator.iter_errors(value)]


def facets(event: object):
    """Every facet of an event with its name."""
    if isinstance(event, dict):
        for key, value in event.items():
            if key.lower().endswith("facets") and isinstance(value, dict):
                yield from value.items()
            yield from facets(value)
    elif isinstance(event, list):
        for each in event:
            yield from facets(each)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A home into which the sample was loaded, the run, and what a catalogue got of it."""
    folder = tmp_path_factory.mktemp("lineage")
    file = folder / "openlineage.yml"
    with http_server() as catalogue:
        address = f"http://127.0.0.1:{catalogue.port}"
        file.write_text(f"transport: {{type: http, url: '{address}'}}", encoding="utf-8")
        settings = load_settings(home=folder / "home", openlineage_file=file)
        result = runs.run_now(settings, verb="run", paths=[PROJECT_DIR / "data" / "sample"])
    return settings, result.run_id, catalogue.documents


@pytest.fixture(scope="module")
def events(told):
    settings, run_id, _ = told
    return lineage.events(settings, run_id)


def test_every_event_and_every_facet_fits_the_schema(events):
    seen = set()
    for event in events:
        assert complaints(event, EVENT) == []
        datetime.fromisoformat(event["eventTime"])
        for name, facet in facets(event):
            assert facet["_schemaURL"].partition("#")[0] in SCHEMAS, name
            assert complaints({name: facet}, facet["_schemaURL"].partition("#")[0]) == [], name
            seen.add(name)
    assert seen == {
        "schema",
        "columnLineage",
        "outputStatistics",
        "dataQualityAssertions",
        "parent",
        "processing_engine",
    }


def test_a_wrong_event_does_not_fit(events):
    assert complaints({**events[0], "run": {"runId": "R000001"}}, EVENT)
    assert complaints({**events[0], "eventTime": "yesterday"}, EVENT)


def test_every_relation_that_was_built_is_an_output_with_its_columns(events, told):
    outputs = {output["name"]: output for event in events for output in event["outputs"]}
    with open_warehouse(told[0]) as connection:
        for name in ("raw_patients", "std_encounters", "provider_scorecard", "feat_provider"):
            columns = list(column_types(connection, name))
            fields = outputs[name]["facets"]["schema"]["fields"]
            assert [field["name"] for field in fields] == columns
            (rows,) = connection.execute(f"select count(*) from {name}").fetchone()
            assert outputs[name]["outputFacets"]["outputStatistics"]["rowCount"] == rows
    lines = outputs["provider_scorecard"]["facets"]["columnLineage"]["fields"]
    read = {(field["name"], field["field"]) for field in lines["encounter_count"]["inputFields"]}
    assert read and all(relation in outputs for relation, _ in read)


def test_events_hold_no_cell_and_no_file_name_of_a_delivery(events, told):
    words = set(re.findall(r"[^\s\"]+", json.dumps(events)))
    with open_warehouse(told[0]) as connection:
        for table, columns in {
            "raw_patients": ("patient_id", "birth_date"),
            "raw_encounters": ("encounter_id", "npi"),
            "ops_loads": ("source_file",),
        }.items():
            for column in columns:
                for (value,) in connection.execute(f"select distinct {column} from {table}"):
                    assert value not in words


def test_a_catalogue_gets_all_events_and_they_are_the_same_whenever_they_are_asked_for(
    events, told
):
    got = told[2]
    for event in got:  # the client says of itself what it is
        event["run"]["facets"].pop("tags", None)
    assert got == events and len(got) > 100
    assert got[0]["eventType"] == "START" and got[-1]["eventType"] == "COMPLETE"


@pytest.fixture
def settings_with(sample_home, tmp_path):
    def settings(transport: str):
        file = tmp_path / "openlineage.yml"
        file.write_text(transport, encoding="utf-8")
        home = copied(sample_home, tmp_path / "home").home
        return load_settings(home=home, openlineage_file=file)

    return settings


def test_a_catalogue_that_does_not_answer_changes_no_run_and_is_said(settings_with, capsys):
    login = "somebody:hidden"
    settings = settings_with(
        f"transport: {{type: http, url: 'http://{login}@127.0.0.1:9', retry: {{total: 0}}}}"
    )
    result = runs.run_now(settings, as_of="2031-05-06")
    assert result.status == "succeeded"
    said = capsys.readouterr().err
    assert "lineage not sent: OpenLineage" in said and result.run_id in said
    assert "hidden" not in said
    with pytest.raises(PipelineError, match="0 events"):
        lineage.send(settings, result.run_id)


def test_no_defect_of_the_events_changes_how_a_run_ends(settings_with, capsys, monkeypatch):
    def broken(settings, run_id):
        raise KeyError("a cell")

    monkeypatch.setattr(lineage_transport, "events", broken)
    settings = settings_with("transport: {type: console}")
    assert runs.run_now(settings, verb="build").status == "succeeded"
    said = capsys.readouterr().err
    assert "lineage not sent" in said and "a cell" not in said


@pytest.mark.parametrize("wrong", ["transport: {type: pigeon}", "transport: {type: http}", "[]"])
def test_a_file_that_names_no_transport_is_refused(settings_with, wrong):
    settings = settings_with(wrong)
    run = runs.listed(settings, 1)[0]
    with pytest.raises(InputRefused, match="transport"):
        lineage.send(settings, run.run_id)


def test_a_run_that_is_not_on_record_is_refused(sample_home):
    with pytest.raises(InputRefused, match="not on record"):
        lineage.events(load_settings(home=sample_home), "R999999")
