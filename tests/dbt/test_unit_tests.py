"""dbt's own unit tests, run on a copy of the sample: each is hand-computed beside the model that it
tests.
"""

import shutil

import pytest

from pipeline.config import load_settings
from pipeline.declared.layers import Layer
from pipeline.transform.dbt_project import DbtProject
from pipeline.transform.one_transaction import one_transaction
from tests.warehouse import query


@pytest.mark.parametrize(
    "layer",
    [Layer.LANDING_ZONE, Layer.STANDARD_MODEL, Layer.ENTERPRISE_DATASETS, Layer.FEATURE_STORE],
    ids=lambda layer: layer.label,
)
def test_every_unit_test_of_the_layer_passes(layer, sample_home, tmp_path):
    shutil.copytree(sample_home, tmp_path / "home")
    settings = load_settings(home=tmp_path / "home")
    ((as_of,),) = query(settings.home, "select as_of from ops_build")
    with one_transaction(settings) as transaction:
        project = DbtProject(settings, transaction, as_of)
        project.parse()
        step = project.build(layer, unit_tests=True)
    outcomes = {
        node.name: (node.status, node.message) for node in step.nodes if node.kind == "unit_test"
    }
    assert outcomes
    assert {name: outcome for name, outcome in outcomes.items() if outcome[0] != "success"} == {}
