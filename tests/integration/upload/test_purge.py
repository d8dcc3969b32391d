"""What was purged is nowhere in the home: canaries in every column of every source, searched in the
bytes of every file.
"""

import json
import os
import shutil
from zipfile import ZipFile

import pytest

from pipeline.cli import main
from pipeline.config import load_settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest import tray
from pipeline.orchestrate.lock import hold_lock
from pipeline.services.quarantine import corrections
from pipeline.services.tables import export
from pipeline.services.upload import loads, purge
from pipeline.store.control import audit
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_drafts, open_warehouse
from tests.factories import adverse_event, network, patient, provider, referral
from tests.warehouse import query


def canary(entity: str, column: str) -> str:
    return f"ZQ{entity}X{column}QZ".replace("_", "")


def write_canaries(folder) -> None:
    """A file a source, named with a canary, with a valid-looking row and one of canaries only; one
    of them in an archive, and one that is no source.
    """
    folder.mkdir()
    for entity, contract in load_contracts().items():
        columns = list(contract.delivered)
        example = {
            "patients": patient(777_777),
            "providers": provider(7_777_777),
            "referrals": referral(777_777),
            "adverse_events": adverse_event("canary"),
            "employer_networks": network(7_777_777, employer_id="98765"),
        }.get(entity)
        lines = [",".join(columns)]
        if example:
            lines.append(",".join(f'"{example.get(column, "")}"' for column in columns))
        lines.append(",".join(canary(entity, column) for column in columns))
        # a line that is no row
        lines.append(",".join([canary(entity, "reject")] * (len(columns) + 3)))
        name = f"zqcanaryfile_jürgen_{contract.file_name}"
        if entity == "encounters":
            with ZipFile(folder / "zqcanaryarchive.zip", "w") as archive:
                archive.writestr(f"zqcanaryfolder/{name}", "\n".join(lines) + "\n")
        else:
            (folder / name).write_text("\n".join(lines) + "\n")
    (folder / "zqcanaryrefused.csv").write_text("zqcanarycolumn,x\n1,2\n")


def deliver_with_words(folder, call):
    """Two files of a sender: words that are stated for the first are remembered for the second."""
    folder.mkdir()
    for number in (1, 2):
        rows = [
            f"77771{number}{place},zqcanaryword,1950-01-0{place},zqcanaryextra"
            for place in range(1, 4)
        ]
        path = folder / f"zqcanarysender_{number}_patients.csv"
        path.write_text("\n".join(["patient_id,gender,birth_date,zqcanaryheader", *rows]) + "\n")
        words = ["--words", "gender:zqcanaryword=male"] if number == 1 else []
        main.main([*call, "ingest", str(path), *words])


def query_control(home, sql):
    with open_control(load_settings(home=home)) as control:
        return [tuple(row) for row in control.execute(sql)]


def needles() -> list[bytes]:
    words = [
        canary(entity, column)
        for entity, contract in load_contracts().items()
        for column in [*contract.delivered, "reject"]
    ]
    words += ["zqcanary", "zqdraft", "zqtray", patient(777_777)["patient_id"]]
    return [
        form
        for word in words
        for form in {word.encode(), word.lower().encode(), word.upper().encode()}
    ]


def found_in(home) -> dict[str, list[bytes]]:
    """File -> canaries in its bytes."""
    searched = needles()
    hits = {}
    for path in sorted(home.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            here = [needle for needle in searched if needle in content]
            if here:
                hits[str(path.relative_to(home))] = here
    return hits


def test_nothing_of_a_purged_load_is_left_in_the_home(sample_home, tmp_path, capsys):
    home = shutil.copytree(sample_home, tmp_path / "home")
    settings = load_settings(home=home)
    before = {
        table: query(home, f"select count(*) from {table}")[0][0]
        for table in ("std_patients", "std_encounters", "fct_encounter", "raw_patients")
    }
    write_canaries(tmp_path / "new")
    call = ["--home", str(home)]
    deliver_with_words(tmp_path / "words", call)
    main.main([*call, "run", str(tmp_path / "new"), "--json"])
    history = loads.history(settings)
    names = dict(query(home, "select load_id, source_file from ops_loads"))
    new = history[history.load_id.map(names).str.contains("zqcanary")]
    assert set(new.entity) >= {"patients", "referrals", "providers", "encounters"}
    (memory,) = query_control(home, "select told from ops_intake_memory where ended_at is null")
    assert "zqcanaryword" in memory[0]
    main.main([*call, "undo", new.load_id.iloc[-1], "--no-build"])
    main.main([*call, "redo", new.load_id.iloc[-1]])
    waiting = query(home, "select _row_id from quarantine_patients where _row_id like ?", "L%")
    row_id = next(row for (row,) in waiting if row.split("-")[0] in set(new.load_id))
    corrections.correct(
        settings, "patients", [row_id], {"gender": "female"}, "canary in a decision", "T"
    )
    with open_drafts(settings) as connection:
        connection.execute(
            "insert into ops_drafts values ('T', 'patients', ?, 'gender', 'zqdraft', '', '')",
            (row_id,),
        )
    tray.put(settings.tray_dir, "zqtray.csv", iter([b"zqtray"]))
    export.into_home(settings, "raw_patients", ".csv", "internal")
    capsys.readouterr()
    assert len(found_in(home)) > 4  # databases, bytes, export, tray

    assert main.main([*call, "purge", *new.load_id, "--reason", "asked to", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["build_status"] == "succeeded"
    assert found_in(home) == {}
    after = {table: query(home, f"select count(*) from {table}")[0][0] for table in before}
    assert after == before
    with open_control(settings) as control:
        records = list(audit.about(control, ["purge"]))
    assert [record.target for record in records] == list(new.load_id)
    assert all(record.facts["reason"] == "asked to" for record in records)
    assert main.main([*call, "audit", "verify"]) == 0


def test_a_purge_that_cannot_be_is_refused_and_changes_nothing(sample_home, tmp_path):
    settings = load_settings(home=shutil.copytree(sample_home, tmp_path / "home"), wait_seconds=0)
    with pytest.raises(InputRefused, match="no such load"):
        purge.purge(settings, "L99999", "why")
    with pytest.raises(InputRefused, match="reason"):
        purge.purge(settings, "L00001", " ")
    with hold_lock(settings, "a build"), pytest.raises(Exception, match="build"):
        purge.purge(settings, "L00001", "why")
    with pytest.raises(InputRefused, match="RETENTION"):
        purge.expired(settings)
    with open_warehouse(settings) as connection:
        assert (
            connection.execute("select count(*) from ops_loads where status = 'loaded'").fetchone()[
                0
            ]
            == 6
        )


def test_loads_expire_by_the_setting(sample_home, tmp_path):
    home = shutil.copytree(sample_home, tmp_path / "home")
    with open_warehouse(load_settings(home=home), write=True) as connection:
        connection.execute(
            "update ops_loads set loaded_at = '2020-01-01T00:00:00Z' where load_id = 'L00002'"
        )
    assert purge.expired(load_settings(home=home, retention_days=30)) == ["L00002"]


def test_an_open_home_is_closed_to_others(sample_home, tmp_path):
    home = shutil.copytree(sample_home, tmp_path / "home")
    for path in (home, home / "delivered", home / "icon_health.db", home / "control.db"):
        os.chmod(path, 0o777)
    with open_control(load_settings(home=home)):
        pass
    wide = [
        path for path in home.rglob("*") if path.stat().st_mode & 0o077 and "dbt" not in str(path)
    ]
    assert home.stat().st_mode & 0o077 == 0 and wide == []
