"""Layers asked for one by one: none is built from one that never was."""

import pytest

from pipeline.errors import InputRefused
from pipeline.services.run import runs
from tests.factories import small_world, write_delivery


@pytest.mark.parametrize(
    ("layers", "missing", "above"),
    [
        (["enterprise_datasets"], "landing_zone", "enterprise_datasets"),
        (["landing_zone", "feature_store"], "standard_model", "feature_store"),
    ],
)
def test_a_layer_whose_parents_were_never_built_is_refused_in_one_sentence(
    settings, tmp_path, layers, missing, above
):
    runs.run_now(
        settings, verb="ingest", paths=[write_delivery(tmp_path / "first", **small_world())]
    )
    with pytest.raises(
        InputRefused, match=f"{missing}: is not built yet, and {above} is made from it"
    ):
        runs.run_now(settings, layers=layers)
