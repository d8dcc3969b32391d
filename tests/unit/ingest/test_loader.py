import hashlib
import json
import os

from pipeline.ingest.delivery import Delivery
from pipeline.ingest.loader import load
from pipeline.store.warehouse import load_evidence, loads

ENCOUNTERS = (
    "encounter_id,npi,patient_id,cpt,paid_amount\n"
    "2E5AAAAAAAAAAAAAAAAAAAAAAA======,1699797928,0017,29806,1200\n"
    "MEAAAAAAAAAAAAAAAAAAAAAAAA======,2000000002,18,27447,980.50\n"
)
PROVIDERS = 'provider_name,npi,zip\n"Norsen, Holo",2000000002,063450001\n"Fenwick ""Fen"" Noren",,063450001\n'


def test_every_cell_stays_the_text_it_was(home):
    result = home.load("encounters_details.csv", ENCOUNTERS)
    assert (result.status, result.entity, result.load_id) == ("loaded", "encounters", "L00001")
    first = home.rows("raw_encounters")[0]
    assert (first["encounter_id"], first["npi"], first["patient_id"]) == (
        "2E5AAAAAAAAAAAAAAAAAAAAAAA======",
        "1699797928",
        "0017",
    )
    kinds = home.rows(
        "raw_encounters",
        "distinct typeof(encounter_id) as a, typeof(npi) as b, typeof(paid_amount) as c",
    )
    assert kinds == [{"a": "text", "b": "text", "c": "text"}]


def test_each_row_says_where_it_came_from(home):
    home.load("encounters_details.csv", ENCOUNTERS)
    rows = home.rows(
        "raw_encounters", "_row_id, _load_id, _source_file, _source_row_number, _extra"
    )
    assert rows[1] == {
        "_row_id": "L00001-3",
        "_load_id": "L00001",
        "_source_file": "encounters_details.csv",
        "_source_row_number": 3,
        "_extra": None,
    }


def test_the_original_bytes_are_kept_under_their_hash(home):
    home.load("encounters_details.csv", ENCOUNTERS)
    sha256 = hashlib.sha256(ENCOUNTERS.encode()).hexdigest()
    stored = home.delivered / sha256
    assert stored.read_bytes() == ENCOUNTERS.encode()
    assert stored.stat().st_mode & 0o777 == 0o600


def test_quoted_cells_keep_commas_quotes_and_line_ends(home):
    home.load("providers.csv", PROVIDERS + '"two\r\nlines",2000000010,\n"after",2000000028,1\n')
    names = [
        (row["provider_name"], row["_source_row_number"]) for row in home.rows("raw_providers")
    ]
    assert names == [
        ("Norsen, Holo", 2),
        ('Fenwick "Fen" Noren', 3),
        ("two\r\nlines", 4),
        ("after", 6),
    ]


def test_the_same_bytes_again_are_a_no_op_that_names_the_load(home):
    home.load("encounters_details.csv", ENCOUNTERS)
    before = home.state()
    again = home.load("encounters_2024-05-01.csv", ENCOUNTERS)
    assert (again.status, again.load_id, again.received) == ("already_loaded", "L00001", 2)
    assert "L00001" in again.reason
    assert home.state() == before


def test_an_undone_load_can_be_loaded_again(home):
    home.load("encounters_details.csv", ENCOUNTERS)
    assert loads.undo(home.connection, "L00001")["status"] == "undone"
    again = home.load("encounters_details.csv", ENCOUNTERS)
    assert (again.status, again.load_id) == ("loaded", "L00002")


def test_a_line_that_is_no_row_is_rejected_with_its_reason_and_the_rest_is_loaded(home):
    lines = ENCOUNTERS.splitlines()
    content = "\n".join([*lines, "only,two", "A,1,2,3,4,5", 'x,"open,2,3,4', lines[1], ""])
    result = home.load("encounters_details.csv", content)
    assert (result.status, result.received, result.rejected) == ("loaded", 6, 3)
    rejects = home.rows("raw_rejects", "_load_id, _source_row_number, raw_line, reason")
    assert [
        (reject["_source_row_number"], reject["raw_line"], reject["reason"]) for reject in rejects
    ] == [
        (4, "only,two", "2 cells, the header has 5"),
        (5, "A,1,2,3,4,5", "6 cells, the header has 5"),
        (6, 'x,"open,2,3,4', "unclosed quote"),
    ]
    assert home.rows("raw_encounters")[-1]["_row_id"] == "L00001-7"


def test_received_is_accepted_plus_rejected_in_the_list_of_loads(home):
    home.load("encounters_details.csv", ENCOUNTERS + "\n\nonly,two\n")
    load = loads.get(home.connection, "L00001")
    assert (load["received"], load["accepted"], load["rejected"]) == (3, 2, 1)
    assert [
        finding["rule_id"] for finding in load_evidence.findings(home.connection, "L00001")
    ] == ["FIL-06"]


def test_a_stray_quote_never_swallows_the_lines_after_it(home):
    rows = [f'"Name, {number}",20000000{number:02},063450001' for number in range(50)]
    rows[10] = '"Name 10,2000000010,063450001'
    result = home.load("providers.csv", "provider_name,npi,zip\n" + "\n".join(rows) + "\n")
    assert (result.received, result.rejected) == (50, 1)


def test_undoubled_quotes_inside_a_quoted_cell_are_read_as_text(home):
    result = home.load(
        "providers.csv", 'provider_name,npi,zip\n"Holo "Bo" Norsen",2000000002,1\n"a","b","c"\n'
    )
    assert result.rejected == 0
    assert home.rows("raw_providers")[0]["provider_name"] == 'Holo "Bo" Norsen'
    assert ("FIL-06", 1) in {(finding.rule_id, finding.count) for finding in result.findings}


def test_extra_columns_are_kept_aside_as_json(home):
    result = home.load(
        "patients.csv", "birth_date,Patient ID,sex,site\n1950-01-02,7,female,\u00c5rhus\n"
    )
    assert result.header == {
        "matched": ["patient_id", "gender", "birth_date"],
        "missing": [],
        "extra": ["site"],
        "renamed": {"Patient ID": "patient_id", "sex": "gender"},
    }
    (row,) = home.rows("raw_patients")
    assert (row["patient_id"], row["gender"], row["birth_date"]) == ("7", "female", "1950-01-02")
    assert json.loads(row["_extra"]) == {"site": "\u00c5rhus"}
    assert {finding.rule_id for finding in result.findings} == {"FIL-03", "FIL-04"}


def test_a_mapping_by_hand_goes_before_the_names(home):
    content = "who,f,m\n7,1950-01-02,male\n"
    refused = home.load("patients.csv", content)
    assert refused.status == "refused" and "patient_id" in refused.reason
    loaded = home.load(
        "patients.csv", content, mapping={"who": "patient_id", "f": "birth_date", "m": "gender"}
    )
    assert loaded.status == "loaded"
    assert home.rows("raw_patients")[0]["birth_date"] == "1950-01-02"


def test_progress_ends_at_the_size_of_the_file(home):
    heard = []
    home.load(
        "encounters_details.csv",
        ENCOUNTERS,
        progress=lambda rows_done, total: heard.append((rows_done, total)),
    )
    assert heard[-1] == (len(ENCOUNTERS.encode()), len(ENCOUNTERS.encode()))


def test_identifiers_written_as_floats_are_kept_and_reported(home):
    result = home.load("encounters_details.csv", ENCOUNTERS.replace("1699797928", "1699797928.0"))
    assert home.rows("raw_encounters")[0]["npi"] == "1699797928.0"
    assert ("ROW-07", "npi", 1) in {
        (finding.rule_id, finding.column_name, finding.count) for finding in result.findings
    }


def test_a_load_reads_batches_and_not_the_whole_file(home):
    lines = [f"{number},female,1950-01-02" for number in range(20_000)]
    lines[9_000] = '9000,"fe'
    result = home.load("patients.csv", "patient_id,gender,birth_date\n" + "\n".join(lines) + "\n")
    assert (result.received, result.rejected) == (20_000, 1)
    numbers = home.rows(
        "raw_patients", "min(_source_row_number) as a, max(_source_row_number) as b, count(*) as n"
    )
    assert numbers == [{"a": 2, "b": 20_001, "n": 19_999}]


def test_a_file_without_rows_is_a_delivery_of_its_own_day_and_name(home, tmp_path):
    header = "encounter_id\n"
    file = tmp_path / "adverse_events.csv"

    def deliver(name, text, day):
        file.write_text(text)
        os.utime(file, (day * 86_400, day * 86_400))
        return load(home.connection, home.delivered, Delivery(name, file)).status

    assert deliver("adverse_events_2026-05.csv", header, 20_000) == "loaded"
    assert deliver("adverse_events_2026-05.csv", header, 20_000) == "already_loaded"
    assert deliver("adverse_events_2026-06.csv", header, 20_000) == "loaded"
    assert deliver("adverse_events_2026-05.csv", header, 20_031) == "loaded"
    assert deliver("adverse_events.csv", header + "AAA\n", 20_000) == "loaded"
    assert deliver("adverse_events_2026-07.csv", header + "AAA\n", 20_062) == "already_loaded"
    assert len(home.rows("ops_loads")) == 4


def test_a_header_that_is_code_is_the_name_of_a_column_aside_and_nothing_else(home):
    hostile = (
        'x"; drop table ops_delivered_patients;--',
        "{{ env_var('HOME') }}",
        "`id`",
        "'); select 1;--",
    )
    cells = ",".join('"' + name.replace('"', '""') + '"' for name in hostile)
    result = home.load(
        "patients.csv", f"patient_id,gender,birth_date,{cells}\n7,female,1950-01-02,a,b,c,d\n"
    )
    assert (result.status, result.header["extra"]) == ("loaded", list(hostile))
    (row,) = home.rows("raw_patients")
    assert json.loads(row["_extra"]) == dict(zip(hostile, "abcd", strict=True))
    assert row["patient_id"] == "7"
    names = home.rows("pragma_table_xinfo('raw_patients')", "name")
    assert not any(name in str(names) for name in ("drop", "env_var", "select"))
