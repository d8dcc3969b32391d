"""What an update of the project does to a warehouse that an older version built."""

from pipeline.services.run import runs
from tests.factories import small_world, write_delivery
from tests.warehouse import contents, differences, query

LAYERS = ["landing_zone", "standard_model"]


def test_changed_statements_build_the_layer_from_scratch(settings, tmp_path, monkeypatch):
    runs.run_now(
        settings,
        verb="run",
        layers=LAYERS,
        paths=[write_delivery(tmp_path / "delivery", **small_world())],
    )
    before = contents(settings.home)
    spoil(settings)
    runs.run_now(settings, verb="build", layers=LAYERS)
    assert differences(before, contents(settings.home)) != [], (
        "what is mapped is not mapped again while nothing changed"
    )
    monkeypatch.setattr(
        "pipeline.orchestrate.build.layer_fingerprint", lambda layer: "another version"
    )
    runs.run_now(settings, verb="build", layers=LAYERS)
    assert differences(before, contents(settings.home)) == []
    assert query(settings.home, "select distinct fingerprint from ops_layer_fingerprints") == [
        ("another version",)
    ]


def spoil(settings) -> None:
    """Write into a mapped row what an older version may have mapped it to."""
    from pipeline.store.sqlite.database import open_warehouse

    with open_warehouse(settings, write=True) as warehouse:
        warehouse.execute("update stg_patients set gender = 'F' where _source_row_number = 2")
