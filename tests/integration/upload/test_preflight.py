"""What is said of files before they are loaded is what the build then does with them."""

import shutil
from dataclasses import replace

from pipeline.declared.layers import Layer
from pipeline.orchestrate import empty_warehouse
from pipeline.quality import preflight as quality_preflight
from pipeline.services.run import runs
from pipeline.services.upload import preflight, tray
from pipeline.transform.plan_run import PlanDeviates, PlanRun
from tests import factories
from tests.conftest import DELIVERIES_DIR, SAMPLE_DIR
from tests.integration.upload.dropped import drop, only
from tests.warehouse import query

FATES = ("promoted", "quarantined", "superseded", "duplicate")


def test_a_delivery_fares_in_the_build_as_it_was_told(own):
    for path in sorted((DELIVERIES_DIR / "delivery_1").glob("*.csv")):
        with path.open("rb") as stream:
            tray.keep(own, path.name, stream)
    files = tray.waiting(own)
    reports = preflight.check(own, files).reports
    before = {
        report.entity: query(own.home, f"select count(*) from std_{report.entity}")[0][0]
        for report in reports.values()
    }
    results = {result.entity: result for result in tray.load(own, [file.tray_id for file in files])}
    assert tray.waiting(own) == ()
    runs.run_now(own, layers=["landing_zone", "standard_model"])
    for report in reports.values():
        checked, load_id = f"row_verdicts_{report.entity}", results[report.entity].load_id
        assert report.is_whole and report.rows == results[report.entity].accepted
        assert report.fates == dict(
            query(
                own.home,
                f"select _status, count(*) from {checked} where _load_id = ? group by 1",
                load_id,
            )
        )
        judged = query(
            own.home,
            "select failed.value ->> 'name', count(*), min(_source_row_number) "
            f"from {checked}, json_each(_failed) as failed where _load_id = ? group by 1",
            load_id,
        )
        assert {
            (rule["rule_name"], rule["rows"], rule["first_line"]) for rule in report.rules
        } == set(judged)
        after = query(own.home, f"select count(*) from std_{report.entity}")[0][0]
        difference = report.difference
        assert difference["new"] + difference["changed"] > 0
        if report.entity == "employer_networks":
            assert after - before[report.entity] == difference["new"] - difference["gone"]
        else:
            assert (
                difference["gone"]
                == before[report.entity] - difference["changed"] - difference["unchanged"]
            )


def test_changed_unchanged_new_and_gone_keys_are_told_apart_with_masked_cells(own):
    promoted = query(
        own.home, "select patient_id, gender, birth_date from promoted_patients order by 1 limit 3"
    )
    other = "male" if promoted[1][1] == "female" else "female"
    lines = [
        ",".join(promoted[0]),
        ",".join((promoted[1][0], other, promoted[1][2])),
        "999,male,1950-01-02",
    ]
    drop(own, "patients.csv", "patient_id,gender,birth_date\n" + "\n".join(lines) + "\n")
    report = only(own)
    ((total,),) = query(own.home, "select count(*) from promoted_patients")
    assert {name: report.difference[name] for name in ("new", "changed", "unchanged", "gone")} == {
        "new": 1,
        "changed": 1,
        "unchanged": 1,
        "gone": total - 2,
    }
    assert report.difference["columns"] == {"gender": 1}
    (cell,) = report.difference["sample"]
    assert (cell["line"], cell["old"], cell["new"]) == (3, promoted[1][1], other)
    assert promoted[1][0] not in str(report) and promoted[0][2] not in str(report)


def test_identifiers_in_a_wrong_column_are_not_shown(own):
    drop(
        own,
        "patients.csv",
        "patient_id,gender,birth_date\nmale,1234567,1950-01-02\nsideways,1950-03-04,1234568\n",
    )
    report, (file,) = only(own), tray.waiting(own)
    screen_text = f"{report} {tray.look(own, file).rows.to_dict()}"
    assert [
        text for text in ("1234567", "1234568", "1950-03-04", "1950-01-02") if text in screen_text
    ] == []
    assert [cell["value"] for cell in report.cells if cell["column"] == "gender"] == [
        "9999999",
        "9999-99-99",
    ]


def test_a_bad_cell_is_shown_with_the_physical_line_of_the_file(own):
    ((patient,),) = query(own.home, "select min(patient_id) from promoted_patients")
    ((npi,),) = query(own.home, "select min(npi) from promoted_providers")
    good, bad = "HUUUJ4KVWOLHJ2RHQ3GYOYH2UU======", "HUUUJ4KVWOLHJ2RHQ3GYOYH2UA======"
    drop(
        own,
        "encounters_details.csv",
        "made by hand\n\nencounter_id,npi,patient_id,cpt,paid_amount\n"
        f'{good},{npi},{patient},27130,"1,200.00"\n\n{bad},{npi},{patient},27130,nothing\n',
    )
    report = only(own)
    assert report.fates == {"promoted": 1, "quarantined": 1}
    assert [
        (cell["line"], cell["column"], cell["value"], cell["rule_id"])
        for cell in report.cells
        if cell["action"] == "quarantine"
    ] == [(6, "paid_amount_usd", "nothing", "ENC-11")]
    assert bad not in str(report)


def test_children_find_the_parents_that_came_with_them(own):
    npi, event = factories.npi(1), "HUUUJ4KVWOLHJ2RHQ3GYOYH2UU======"
    ((patient,),) = query(own.home, "select min(patient_id) from promoted_patients")
    drop(own, "adverse_events.csv", f"encounter_id\n{event}\n")
    assert only(own).fates == {"quarantined": 1}
    drop(
        own,
        "encounters.csv",
        f"encounter_id,npi,patient_id,cpt,paid_amount\n{event},{npi},{patient},27130,1200\n",
    )
    drop(own, "providers.csv", f'provider_name,npi,zip\n"Other, One",{npi},063450001\n')
    reports = preflight.check(own, tray.waiting(own)).reports.values()
    assert [report.fates for report in reports] == [{"promoted": 1}] * 3


def test_only_the_first_rows_of_a_large_file_are_judged_and_that_is_told(own):
    drop(
        own,
        "patients.csv",
        "patient_id,gender,birth_date\n"
        + "".join(f"{1000 + n},male,1950-01-02\n" for n in range(9_000)),
    )
    report = only(own, 5_000)
    assert (report.is_whole, 0 < report.rows <= 5_000, report.difference["gone"]) == (
        False,
        True,
        None,
    )
    assert only(own, None).rows == 9_000


def test_judging_slice_by_slice_changes_nothing(own, monkeypatch):
    for path in (
        *sorted((DELIVERIES_DIR / "delivery_1").glob("*.csv")),
        SAMPLE_DIR / "employer_in_network.csv",
    ):
        with path.open("rb") as stream:
            tray.keep(
                own,
                path.name.replace("network", "network_2")
                if path.parent == SAMPLE_DIR
                else path.name,
                stream,
            )
    files = tray.waiting(own)
    at_once = preflight.check(own, files, None).reports
    monkeypatch.setattr(quality_preflight, "SLICE", 7)
    monkeypatch.setattr(quality_preflight, "PORTION", 50)
    shares = []
    sliced = preflight.check(own, files, None, lambda share, what: shares.append(share)).reports
    assert {tray_id: replace(report, seconds=0) for tray_id, report in sliced.items()} == {
        tray_id: replace(report, seconds=0) for tray_id, report in at_once.items()
    }
    assert len(shares) > 50 and shares == sorted(shares) and shares[-1] == 1


def test_a_child_is_not_said_to_wait_for_a_parent_that_was_read_in_part(own):
    people = "".join(f"{900_000 + n},male,1950-01-02\n" for n in range(1_500))
    drop(own, "patients.csv", "patient_id,gender,birth_date\n" + people)
    ((npi,),) = query(own.home, "select min(npi) from promoted_providers")
    drop(
        own,
        "encounters.csv",
        f"encounter_id,npi,patient_id,cpt,paid_amount\nHUUUJ4KVWOLHJ2RHQ3GYOYH2UU======,{npi},901499,27130,1200\n",
    )
    files = tray.waiting(own)

    def child(rows_at_most):
        return next(
            report
            for report in preflight.check(own, files, rows_at_most).reports.values()
            if report.entity == "encounters"
        )

    assert (child(1_000).fates, child(1_000).unproven, child(1_000).rules) == (
        {"promoted": 1},
        ["ENC-08"],
        [],
    )
    assert (child(None).fates, child(None).unproven) == ({"promoted": 1}, [])


def test_before_the_first_build_the_rules_of_an_empty_warehouse_judge_and_what_they_cannot_know_is_told(
    settings, rules
):
    drop(
        settings,
        "patients.csv",
        "patient_id,gender,birth_date\n1,male,1950-01-02\n2,male,1850-01-02\n",
    )
    judgement = preflight.check(settings, tray.waiting(settings))
    assert (judgement.reports, "no rules in this home yet" in judgement.unjudged) == ({}, True)
    shutil.copytree(rules, settings.home / empty_warehouse.FOLDER)
    assert preflight.can_judge(settings) and only(settings).fates == {
        "promoted": 1,
        "quarantined": 1,
    }
    tray.load(settings, [file.tray_id for file in tray.waiting(settings)])
    drop(
        settings,
        "encounters.csv",
        "encounter_id,npi,patient_id,cpt,paid_amount\n"
        f"HUUUJ4KVWOLHJ2RHQ3GYOYH2UU======,{factories.npi(1)},1,27130,1200\n",
    )
    drop(settings, "patients_2.csv", "patient_id,gender,birth_date\n3,male,1950-01-02\n")
    reports = {
        report.entity: report
        for report in preflight.check(settings, tray.waiting(settings)).reports.values()
    }
    assert (
        reports["encounters"].unproven,
        [rule["rule_id"] for rule in reports["encounters"].rules],
    ) == (["ENC-08"], ["ENC-06"])
    assert reports["patients"].aside == ["L00001"]


def test_the_same_files_fare_alike_before_the_first_build_and_in_it(settings, rules):
    for path in SAMPLE_DIR.glob("*.csv"):
        with path.open("rb") as stream:
            tray.keep(settings, path.name, stream)
    shutil.copytree(rules, settings.home / empty_warehouse.FOLDER)
    reports = preflight.check(settings, tray.waiting(settings)).reports.values()
    tray.load(settings, [file.tray_id for file in tray.waiting(settings)])
    runs.run_now(settings, layers=["landing_zone"])
    for report in reports:
        assert report.fates == dict(
            query(
                settings.home,
                f"select _status, count(*) from row_verdicts_{report.entity} group by 1",
            )
        )
    assert not (settings.home / empty_warehouse.FOLDER).exists()


def test_the_rules_are_built_by_dbt_where_the_recorded_plan_does_not_lead_on(
    own, monkeypatch, rules
):
    carry_out, deviations = PlanRun.carry_out, []

    def deviate(self, call):
        deviations.append(carry_out(self, call))
        raise PlanDeviates(
            Layer.LANDING_ZONE, "model.of.somebody", "an answer that dbt has not heard yet"
        )

    monkeypatch.setattr(PlanRun, "carry_out", deviate)
    empty_warehouse.build(own)
    assert len(deviations) == 1
    assert tables(own.home / empty_warehouse.FOLDER) == tables(rules)


def tables(home) -> list:
    return query(home, "select name, sql from sqlite_master where type = 'table' order by name")
