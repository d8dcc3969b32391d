"""Training sets by name and version: kept as they were, recorded, opened again."""

import json

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.access.roles import NotAllowed
from pipeline.services.features import saved_sets
from pipeline.store.control import audit
from pipeline.store.control.actor import Actor, acting_as
from pipeline.store.control.control_file import open_control

ONE, OTHER = ("provider:case_mix_index",), ("provider:case_mix_index", "patient:sex")


def test_a_name_with_its_version_means_the_same_features_for_ever(tmp_path):
    settings = load_settings(home=tmp_path)
    first = saved_sets.save(settings, "baseline", ONE, by="me")
    assert saved_sets.save(settings, "baseline", ONE) == first
    second = saved_sets.save(settings, "baseline", OTHER, mature_only=True, by="you")
    third = saved_sets.save(settings, "baseline", ONE, by="me")
    assert [each.version for each in (first, second, third)] == [1, 2, 3]
    assert saved_sets.all_sets(settings) == [third, second, first]
    assert (second.features, second.mature_only, second.title) == (OTHER, True, "baseline v2")
    with open_control(settings) as control:
        records = list(audit.about(control, ["save feature set"]))
    assert len(records) == 3 and json.loads(records[1].detail)["features"] == list(OTHER)


@pytest.mark.parametrize(
    ("name", "features"),
    [
        ("", ONE),
        ("Two words", ONE),
        ("a1234567890123", ONE),
        ("baseline", ()),
        ("baseline", ("provider:nothing",)),
        ("baseline", ("nobody",)),
    ],
)
def test_what_is_no_name_and_what_is_no_feature_is_not_kept(tmp_path, name, features):
    settings = load_settings(home=tmp_path)
    with pytest.raises(InputRefused):
        saved_sets.save(settings, name, features)
    assert saved_sets.all_sets(settings) == []


def test_a_viewer_opens_and_does_not_save(tmp_path):
    settings = load_settings(home=tmp_path)
    with acting_as(Actor("somebody", ("viewer",))):
        assert saved_sets.all_sets(settings) == []
        with pytest.raises(NotAllowed):
            saved_sets.save(settings, "baseline", ONE)
