"""Random deliveries, decisions and undone loads on small worlds: no row is lost, order of work does
not matter, undo is exact.

That goes for silver, gold and the newest features; and what the feature store once said of a
moment, it says for good.

A history is made from its seed alone, so that one that fails can be told again.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.declared.dictionary import load_dictionary
from pipeline.services.run import runs
from pipeline.services.upload import loads
from tests.dbt.random_history import AS_OF, ENTITIES, History
from tests.warehouse import contents, copied, differences, query, tables

#: Everything that a build derives from the loads in force; raw_ and mapped_ also keep the rows of
#: undone loads.
DERIVED = ("std_", "row_verdicts_", "promoted_", "quarantine_", "dq_", "ledger")
#: When a row became known and by which build: it differs although the row is the same.
STAMPS = (
    "event_timestamp",
    "created_at",
    "row_version",
    "row_hash",
    "features_known_at",
    "_build_id",
    "_as_of_date",
    "_source_high_watermark",
)


def insight(home: Path) -> dict[str, list[tuple]]:
    """Gold and the newest features without the stamps of the build."""
    frames = {}
    for name in tables(home):
        if (
            layer_of(name) == "enterprise_datasets"
            or name.endswith("_latest")
            or name.startswith("training_encounter_ae")
        ):
            columns = [
                column
                for _, column, *_ in query(home, f"pragma table_info({name})")
                if column not in STAMPS
            ]
            frames[name] = sorted(query(home, f"select {', '.join(columns)} from {name}"), key=repr)
    return frames


def layer_of(name: str) -> str:
    """The layer that a table is declared in, '' for one that no YAML describes."""
    entry = load_dictionary().get(name)
    return entry.layer if entry else ""


def assert_no_row_is_lost(home: Path) -> None:
    """The ledger balances and counts every row of every load in force."""
    unbalanced = query(
        home,
        """select load_id from ledger
        where received <> promoted + quarantined + superseded + duplicates + rejected""",
    )
    assert unbalanced == []
    for entity in ENTITIES:
        # a list of a network holds several rows: count those of the mapped grain
        ((mapped_rows,),) = query(
            home,
            f"""select count(*) from stg_{entity}
            where _load_id in (select load_id from ops_loads where status = 'loaded')""",
        )
        ((ledger_rows,),) = query(
            home, "select coalesce(sum(received), 0) from ledger where entity = ?", entity
        )
        assert ledger_rows == mapped_rows, entity
        ((silver, promoted),) = query(
            home,
            f"""select (select count(*) from std_{entity}),
            (select coalesce(sum(promoted), 0) from ledger where entity = ?)""",
            entity,
        )
        assert silver == promoted, entity


def live_through(history: History, steps: int) -> None:
    """A whole history with its three claims checked."""
    home = history.settings.home
    history.deliver(ENTITIES, 10, defects=0.1)
    history.build()
    for _ in range(steps):
        history.step()
        assert_no_row_is_lost(home)
    history.files += 1
    refreshed = replace(
        copied(home, history.folder / "refreshed"), gate_threshold=history.settings.gate_threshold
    )
    runs.run_now(refreshed, verb="build", as_of=AS_OF, full_refresh=True)
    rows = (*DERIVED, "raw_", "stg_", "feat_", "dim_", "fct_")
    assert differences(contents(home, rows), contents(refreshed.home, rows)) == [], history.log
    assert differences(insight(home), insight(refreshed.home)) == [], history.log
    before, before_insight = contents(home, DERIVED), insight(home)
    last = history.deliver(tuple(history.chance.sample(ENTITIES, 3)), 4)
    history.build()
    for load_id in last:
        loads.undo(history.settings, load_id)
    history.build()
    assert differences(before, contents(home, DERIVED)) == [], history.log
    assert differences(before_insight, insight(home)) == [], history.log


@pytest.mark.parametrize(("seed", "gate_threshold"), [(11, 0.4)])
def test_a_random_history_loses_no_row_equals_a_full_refresh_and_can_be_undone(
    settings, tmp_path, seed, gate_threshold
):
    live_through(
        History(replace(settings, gate_threshold=gate_threshold), tmp_path / "deliveries", seed),
        steps=2,
    )
