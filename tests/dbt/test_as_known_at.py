"""What the feature store says of a moment: which rows a late, another-day or undone delivery adds,
and when a label is mature.
"""

import pandas as pd
import pytest

from pipeline.services.features import retrieval, training
from pipeline.services.run import runs
from pipeline.services.upload import loads
from tests.factories import adverse_event, patient_id, small_world, write_delivery
from tests.warehouse import query

STAGES = ("first", "events", "later day", "undone", "sent again")


@pytest.fixture(scope="module")
def story(tmp_path_factory, parsed_project) -> dict[str, dict]:
    """Five builds of one home; per stage what is known now, and what is known of each earlier
    stage.
    """
    from pipeline.config import load_settings

    folder = tmp_path_factory.mktemp("story")
    settings = load_settings(home=folder / "home")
    world = small_world()
    answers_by_stage: dict[str, dict] = {"settings": settings}

    def note(stage: str) -> None:
        moment = retrieval.settled_until(settings)
        answers_by_stage[stage] = {
            "moment": moment,
            "now": answers(settings, moment),
            "earlier": {
                name: answers(settings, answers_by_stage[name]["moment"])
                for name in STAGES[: STAGES.index(stage)]
            },
            "versions": dict(
                query(settings.home, "select patient_id, count(*) from feat_patient group by 1")
            ),
        }

    runs.run_now(
        settings, verb="run", paths=[write_delivery(folder / "1", **world)], as_of="2026-06-01"
    )
    note("first")
    runs.run_now(
        settings,
        verb="run",
        as_of="2026-06-01",
        paths=[write_delivery(folder / "2", adverse_events=[adverse_event(5)])],
    )
    note("events")
    runs.run_now(settings, verb="build", as_of="2036-06-01")
    note("later day")
    first_events, more_events = query(
        settings.home, "select load_id from ops_loads where entity = 'adverse_events' order by 1"
    )
    loads.undo(settings, *more_events)
    runs.run_now(settings, verb="build", as_of="2036-06-01")
    note("undone")
    loads.undo(settings, *first_events)
    events = [*world["adverse_events"], adverse_event(5)]
    runs.run_now(
        settings,
        verb="run",
        as_of="2036-06-01",
        paths=[write_delivery(folder / "3", adverse_events=events)],
    )
    note("sent again")
    return answers_by_stage


def answers(settings, moment: str) -> dict[str, pd.DataFrame]:
    history = {
        table.name: retrieval.history(settings, table.name, as_known_at=moment)
        for table in retrieval.registry()
    }
    history["training"] = training.training_set(settings, moment)
    keys = retrieval.latest(settings, "provider")[["npi"]].assign(event_timestamp=moment)
    history["joined"] = retrieval.point_in_time(
        settings,
        ["provider", "procedure:encounter_count_to_date"],
        keys.assign(cpt="27130"),
        full_names=True,
    )
    return history


@pytest.mark.parametrize("stage", STAGES[1:])
def test_what_was_known_at_an_earlier_moment_stays_what_was_known(story, stage):
    for earlier, rows in story[stage]["earlier"].items():
        for name, frame in rows.items():
            pd.testing.assert_frame_equal(
                frame,
                story[earlier]["now"][name],
                rtol=0,
                obj=f"{name} at {earlier}, asked when {stage}",
            )


def test_moments_only_go_forward(story):
    moments = [story[stage]["moment"] for stage in STAGES]
    assert moments == sorted(set(moments))


def test_one_late_event_adds_a_version_of_its_patient_and_of_no_other(story):
    changed = {
        key
        for key, count in story["events"]["versions"].items()
        if count != story["first"]["versions"][key]
    }
    assert changed == {patient_id(1 + 5 % 12)}
    assert all(count >= 2 for count in story["later day"]["versions"].values()), (
        "everybody is ten years older"
    )


def test_an_undone_delivery_gives_the_features_of_before_in_a_version_of_its_own(story):
    stamps = [
        "event_timestamp",
        "created_at",
        "row_version",
        "_build_id",
        "_source_high_watermark",
        "_as_of_date",
    ]
    before, after = (
        story[stage]["now"]["feat_procedure"]
        .drop(columns=stamps)
        .sort_values("cpt", ignore_index=True)
        for stage in ("first", "undone")
    )
    with_event = (
        story["events"]["now"]["feat_procedure"]
        .drop(columns=stamps)
        .sort_values("cpt", ignore_index=True)
    )
    pd.testing.assert_frame_equal(before, after)
    assert not before.equals(with_event)


def test_a_label_is_mature_once_a_later_delivery_of_events_is_in_force(story):
    shares = {stage: story[stage]["now"]["training"].is_label_mature.mean() for stage in STAGES}
    # events that replace those of their own delivery confirm nothing
    assert shares == {"first": 0, "events": 1, "later day": 1, "undone": 0, "sent again": 0}
    assert [int(story[stage]["now"]["training"].has_adverse_event.sum()) for stage in STAGES] == [
        2,
        3,
        3,
        2,
        3,
    ]
