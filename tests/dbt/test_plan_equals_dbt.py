"""The same random history built twice, by the recorded plan and by dbt alone: the same verdicts,
and every table equal but for the clock.
"""

import re
from dataclasses import replace

import pytest

from pipeline.services.run import runs
from tests.dbt.random_history import AS_OF, ENTITIES, History
from tests.warehouse import differences, query

#: When something happened: the only columns that two builds of the same may differ in.
CLOCKS = (
    "event_timestamp",
    "created_at",
    "features_known_at",
    "_loaded_at",
    "loaded_at",
    "_source_high_watermark",
    "first_seen_at",
    "last_seen_at",
    "last_seen",
)
#: What follows from random numbers that each home has of its own.
BY_CHANCE = ("provider_group",)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z")


def tables(home) -> dict[str, list[tuple]]:
    """Every row that a build derives, clocks left out."""
    frames = {}
    for (name,) in query(
        home,
        "select name from sqlite_master where type = 'table' and name not glob 'ops_*' order by 1",
    ):
        columns = [
            column
            for _, column, *_ in query(home, f"pragma table_info('{name}')")
            if column not in (*CLOCKS, *BY_CHANCE)
        ]
        rows = query(home, f"select {', '.join(columns)} from '{name}'")
        frames[name] = sorted(
            (tuple(map(without_moments, row)) for row in rows),
            key=repr,
        )
    return frames


def without_moments(value: object) -> object:
    """A value with the moments in it left out: the hash of a feature row is its plain text."""
    return MOMENT.sub("", value) if isinstance(value, str) else value


def told(result) -> list[tuple]:
    return [
        (rule.rule_id, rule.entity, rule.action, rule.failing_rows, rule.status)
        for rule in result.rules
    ] + [(row.entity, row.received, row.promoted, row.quarantined) for row in result.ledger]


def lived(settings, folder, seed: int, steps: int):
    """A history with its builds; returns what each build told."""
    history = History(settings, folder, seed)
    results = []
    stock = history.build

    def build():
        outcome = stock()
        results.append(outcome)
        return outcome

    history.build = build  # type: ignore[method-assign]
    history.deliver(ENTITIES, 10, defects=0.1)
    history.build()
    for _ in range(steps):
        history.step()
    results.append(runs.run_now(settings, verb="build", as_of="2031-06-30"))
    results.append(runs.run_now(settings, verb="build", as_of=AS_OF))
    return results


@pytest.mark.long
@pytest.mark.parametrize("seed", [5])
def test_plan_and_dbt_build_the_same_from_the_same_history(settings, tmp_path, seed):
    steps = 2
    planned = replace(settings, home=tmp_path / "planned", builder="plan", gate_threshold=0.4)
    by_dbt = replace(settings, home=tmp_path / "by_dbt", builder="dbt", gate_threshold=0.4)
    # the first life teaches the plan what it does not know yet; the second follows it
    lived(replace(planned, home=tmp_path / "teacher"), tmp_path / "first", seed, steps)
    followed = lived(planned, tmp_path / "second", seed, steps)
    compared = lived(by_dbt, tmp_path / "third", seed, steps)
    assert {layer.built_by for layer in followed[-1].layers} == {"plan"}
    assert {layer.built_by for layer in compared[-1].layers} == {"dbt"}
    assert [told(one) for one in followed] == [told(one) for one in compared]
    assert differences(tables(planned.home), tables(by_dbt.home)) == []
