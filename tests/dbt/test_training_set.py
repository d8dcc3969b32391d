"""The training set: every statistic recomputed in pandas from earlier deliveries alone, and the
leak auditor on the whole of it.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.cli import main
from pipeline.config import load_settings
from pipeline.errors import InputRefused, PipelineError
from pipeline.features import leak_audit as attacks
from pipeline.services.features import leak_audit, retrieval, training
from pipeline.services.run import runs
from pipeline.store.marts import null_labels
from pipeline.store.sqlite.database import open_file, open_warehouse
from pipeline.store.sqlite.migrations import migrate_warehouse
from pipeline.synthetic import generate
from tests.warehouse import copied, query

PRIOR, FLOOR = 20, 0.04
CELL = ["cpt", "age_band", "sex"]
HISTORY = (
    "case_mix_rate",
    "provider_encounter_count",
    "provider_adverse_event_count",
    "provider_expected_adverse_event_count",
    "provider_observed_to_expected",
    "provider_shrunken_ratio",
    "provider_ln_volume",
    "provider_procedure_encounter_count",
    "provider_procedure_adverse_event_count",
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory, parsed_project):
    """A home with four deliveries of a world in which no provider differs."""
    folder = tmp_path_factory.mktemp("deliveries")
    generate(1_500, 8, folder / "out", world="null", deliveries=4, defects=False)
    made = load_settings(home=folder / "home")
    runs.run_now(
        made, verb="run", paths=sorted((folder / "out").glob("delivery_*")), as_of="2026-06-01"
    )
    return made


@pytest.fixture(scope="module")
def encounters(settings) -> pd.DataFrame:
    """Encounters in the order of the training rows, with when they, their outcome and their event
    arrived (inf: not yet).
    """
    rows = pd.DataFrame(
        query(
            settings.home,
            """
            select encounter_id, fct.npi, fct.cpt, age_band, sex, has_adverse_event, loads.load_seq, events.load_seq
            from fct_encounter as fct join std_encounters using (encounter_id)
            join ops_loads as loads on loads.load_id = std_encounters._load_id
            left join std_adverse_events as adverse using (encounter_id)
            left join ops_loads as events on events.load_id = adverse._load_id order by encounter_id""",
        ),
        columns=["encounter_id", "npi", *CELL, "has_adverse_event", "came", "event"],
    )
    loads = [
        seq
        for (seq,) in query(
            settings.home, "select load_seq from ops_loads where entity = 'adverse_events'"
        )
    ]
    rows["outcome"] = [min((s for s in loads if s > came), default=np.inf) for came in rows["came"]]
    rows["event"] = rows["event"].astype(float).fillna(np.inf)
    return rows


def recomputed(encounters: pd.DataFrame, place: int) -> dict[str, float]:
    """What one encounter may know: encounters, outcomes and events that came before its load."""
    own = encounters.loc[place]
    came = encounters[encounters.came < own.came]
    known = came[came.outcome < own.came]
    known = known.assign(y=(known.event < own.came).astype(int))
    mine, same = came[came.npi == own.npi], came[(came.npi == own.npi) & (came.cpt == own.cpt)]
    counts = {
        "provider_encounter_count": len(mine),
        "provider_ln_volume": np.log(1 + len(mine)),
        "provider_procedure_encounter_count": len(same),
    }
    if known.empty:
        return dict.fromkeys(HISTORY, np.nan) | counts
    cells = known.groupby(CELL).y.agg(["size", "sum"])
    procedure = known.groupby("cpt").y.mean()
    smoothed = (cells["sum"] + PRIOR * cells.index.get_level_values("cpt").map(procedure)) / (
        cells["size"] + PRIOR
    )
    factor = known.y.sum() / (smoothed * cells["size"]).sum()
    my_outcomes = known[known.npi == own.npi]
    events = my_outcomes.y.sum()
    expected = (smoothed * factor).reindex(pd.MultiIndex.from_frame(my_outcomes[CELL])).sum()
    return counts | {
        "case_mix_rate": (smoothed * factor).get(
            tuple(own[CELL]), procedure.get(own.cpt, known.y.mean() / factor) * factor
        ),
        "provider_adverse_event_count": events,
        "provider_expected_adverse_event_count": expected,
        "provider_observed_to_expected": events / expected if expected else np.nan,
        "provider_shrunken_ratio": (events + 1 / FLOOR) / (expected + 1 / FLOOR),
        "provider_procedure_adverse_event_count": my_outcomes[my_outcomes.cpt == own.cpt].y.sum(),
    }


def test_every_statistic_is_one_of_earlier_deliveries(settings, encounters):
    rows = training.training_set(settings)
    assert rows.has_adverse_event.tolist() == encounters.has_adverse_event.tolist()
    assert encounters.came.nunique() == 4 and np.isfinite(encounters.event).sum() > 100
    places = encounters.groupby("came").sample(25, random_state=1).index
    smallest = encounters.groupby(CELL).encounter_id.transform("size").sort_values().index[:6]
    for place in [*places, *smallest]:
        for name, expected in recomputed(encounters, place).items():
            assert rows.loc[place, name] == pytest.approx(
                expected, rel=1e-8, abs=1e-9, nan_ok=True
            ), (place, name)
    assert rows[list(HISTORY)].notna().all(axis=1).sum() > 200


def test_a_label_changes_no_feature_of_its_own_delivery(settings, encounters, tmp_path):
    """Every event of the last two deliveries taken away: their rows keep their features."""
    copy = copied(settings.home, tmp_path / "home")
    first, second, *late = sorted(encounters.came.unique())
    with open_file(copy.warehouse_path, write=True) as connection:
        connection.execute(
            "delete from std_adverse_events where encounter_id in (select encounter_id from std_encounters "
            "join ops_loads on load_id = std_encounters._load_id where load_seq >= ?)",
            (int(late[0]),),
        )
    runs.run_now(copy, layers=["enterprise_datasets", "feature_store"])
    before, after = training.training_set(settings), training.training_set(copy)
    assert before.has_adverse_event.sum() > after.has_adverse_event.sum()
    concerned = encounters.came <= late[0]
    pd.testing.assert_frame_equal(
        before.loc[concerned, list(HISTORY)], after.loc[concerned, list(HISTORY)]
    )


def test_the_auditor_finds_no_leak_in_the_training_set(settings):
    audit = leak_audit.audit(settings, seed=5)
    assert audit.leaks == ()
    judged = {attack.attacker for attack in audit.attacks}
    assert set(attacks.TREES) | set(training.columns()) - {training.LABEL} <= judged
    assert min(attack.pairs for attack in audit.attacks) > 2_000


def test_permuted_labels_stay_in_their_delivery_and_cell_and_keep_their_load(settings, tmp_path):
    sql = """select encounters._load_id, cells.cpt, cells.age_band, cells.sex, events._load_id, count(*)
        from std_adverse_events as events join std_encounters as encounters using (encounter_id)
        join int_encounter_risk_cell as cells using (encounter_id) group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5"""
    copy = copied(settings.home, tmp_path / "home")
    with open_file(copy.warehouse_path, write=True) as connection:
        assert null_labels.permute(connection, "risk cell", 3) > 100
    assert query(copy.home, sql) == query(settings.home, sql)
    ids = "select encounter_id from std_adverse_events order by 1"
    assert query(copy.home, ids) != query(settings.home, ids)


def test_a_row_names_nobody(settings):
    rows = training.training_set(settings)
    assert not {"encounter_id", "patient_id", "npi", "birth_date", "birth_year"} & set(rows.columns)
    assert rows.provider_group.nunique() == rows.provider_group.max() and set(
        training.feature_names()
    ) < set(rows.columns)


def test_provider_groups_follow_a_secret_of_the_home_and_not_the_npi(settings, tmp_path):
    with open_warehouse(settings) as connection:
        order = pd.read_sql_query("select * from training_provider_group order by npi", connection)
        (key,) = connection.execute("select * from ops_provider_group_key").fetchall()
    expected = order["npi"].astype("int64") % (2**31 - 1)
    for addend in key:
        expected = (expected + addend) % (2**31 - 1)
        expected = expected * expected % (2**31 - 1)
    assert order["group_order"].tolist() == expected.tolist()
    with open_file(tmp_path / "other.db", write=True) as connection:
        migrate_warehouse(connection)
        assert connection.execute("select * from ops_provider_group_key").fetchall() != [key]
    with open_file(copied(settings.home, tmp_path / "home").warehouse_path, True) as connection:
        connection.execute(
            "update ops_provider_group_key set addend_1 = (addend_1 + 12345) % 2147483647"
        )
        moved = pd.read_sql_query("select * from training_provider_group order by npi", connection)
    assert moved["group_order"].rank().tolist() != order["group_order"].rank().tolist()


def test_providers_of_one_place_in_the_order_share_no_group(settings, tmp_path):
    """As NPIs that are no numbers have one place; the build numbers groups in the same way."""
    moment, home = retrieval.settled_until(settings), copied(settings.home, tmp_path / "home")
    before = training.training_set(settings, moment).provider_group
    with open_file(home.warehouse_path, True) as connection:
        connection.execute("drop view training_provider_group")
        connection.execute(
            "create view training_provider_group as "
            "select distinct npi, 7 as group_order from training_encounter_fact"
        )
    after = training.training_set(home, moment).provider_group
    assert sorted(after.unique()) == sorted(before.unique())


def test_as_known_at_the_newest_moment_is_what_the_build_left(settings):
    now, then = (
        training.training_set(settings),
        training.training_set(settings, retrieval.settled_until(settings)),
    )
    pd.testing.assert_frame_equal(then, now, check_dtype=False, rtol=0)
    assert training.training_set(settings, "1999-01-01").empty


def test_labels_of_the_newest_delivery_are_not_mature(settings, encounters):
    rows = training.training_set(settings)
    assert (rows.is_label_mature == 0).tolist() == (
        encounters.came == encounters.came.max()
    ).tolist()
    mature = training.training_set(settings, mature_only=True)
    assert len(mature) == rows.is_label_mature.sum() and mature.is_label_mature.all()


def test_the_command_writes_what_the_service_says(settings, tmp_path):
    out = tmp_path / "rows.parquet"
    words = ["--home", str(settings.home), "features", "training", "--out", str(out)]
    assert main.main(words) == 2 and not out.exists()
    assert main.main([*words, "--profile", "internal"]) == 0
    pd.testing.assert_frame_equal(pd.read_parquet(out), training.training_set(settings))
    with pytest.raises(InputRefused, match="neither"):
        training.export(settings, tmp_path / "rows.xlsx")


def test_an_audit_is_refused_where_nothing_can_be_judged(settings, tmp_path):
    with pytest.raises(PipelineError, match="no warehouse"):
        leak_audit.audit(replace(settings, home=tmp_path / "empty"))
