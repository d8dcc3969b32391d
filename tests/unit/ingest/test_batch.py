from pipeline.config import load_settings
from pipeline.declared.sources import load_contracts
from pipeline.ingest.batch import load_paths
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.preview import PREVIEW_ROWS, preview
from pipeline.store.bootstrap import prepare_warehouse

PATIENTS = "patient_id,gender,birth_date\n7,female,1950-01-02\n"


def prepared(tmp_path):
    settings = load_settings(home=tmp_path / "home")
    prepare_warehouse(
        settings, {contract.raw_table: contract.delivered for contract in load_contracts().values()}
    )
    return settings


def test_one_refused_file_does_not_stop_the_others(tmp_path):
    inbox = tmp_path / "inbox" / "first"
    inbox.mkdir(parents=True)
    (inbox / "adverse_events.csv").write_text("encounter_id\nAAA\n")
    (inbox / "orders.csv").write_text("order\n1\n")
    (inbox / "patients.csv").write_text(PATIENTS)
    (inbox / "_manifest.json").write_text("{}")
    settings = prepared(tmp_path)
    results = load_paths(settings, [tmp_path / "inbox", tmp_path / "nowhere"])
    assert [(result.file, result.status) for result in results] == [
        ("patients.csv", "loaded"),
        ("adverse_events.csv", "loaded"),
        ("orders.csv", "refused"),
        ("first/_manifest.json", "left_out"),
        ("nowhere", "refused"),
    ]
    assert {result.status for result in load_paths(settings, [tmp_path / "inbox"])} == {
        "already_loaded",
        "refused",
        "left_out",
    }


def test_a_preview_shows_what_a_load_would_do_and_changes_nothing(home):
    before = home.state()
    rows = "".join(f"{number};female;1950-01-02;x\n" for number in range(90))
    look = preview(
        Delivery("members.csv", ("\ufeffPatient ID;sex;dob;site\n" + rows).encode()),
        connection=home.connection,
    )
    assert (look.entity, look.delimiter, look.encoding, look.refused) == (
        "patients",
        ";",
        "utf-8-sig",
        None,
    )
    assert look.columns == ("patient_id", "gender", "birth_date", "site")
    assert len(look.rows) == PREVIEW_ROWS and look.rows[0] == ("0", "female", "1950-01-02", "x")
    assert home.state() == before


def test_a_preview_names_the_load_that_holds_the_bytes(home):
    home.load("patients.csv", PATIENTS)
    assert (
        preview(Delivery("p.csv", PATIENTS.encode()), connection=home.connection).already_loaded
        == "L00001"
    )


def test_a_preview_of_an_unknown_file_still_shows_its_header_for_mapping():
    look = preview(Delivery("people.csv", b"who,sex,born\n7,female,1950-01-02\n"))
    assert look.entity is None and "none of the sources" in look.refused
    assert (look.header_cells, look.rows) == (
        ("who", "sex", "born"),
        (("7", "female", "1950-01-02"),),
    )


def test_a_preview_of_no_table_is_only_a_reason():
    look = preview(Delivery("people.csv", b""))
    assert (look.rows, look.columns) == ((), ()) and "empty" in look.refused
