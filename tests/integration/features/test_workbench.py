"""A training set from the browser: beside an independent point-in-time computation on random
moments, and byte for byte beside the command and the Python that the page shows.
"""

import io
import json
import random
import shlex
from datetime import datetime, timedelta

import pandas as pd
import pytest

from pipeline.cli import main
from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.features.separation import separating
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.access.roles import NotAllowed
from pipeline.services.features import exports, spine, training, workbench
from pipeline.store.control import audit
from pipeline.store.control.actor import Actor, acting_as
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse
from tests.warehouse import copied, query

FIRST, LATER = "2020-01-01T00:00:00Z", "2020-06-01T00:00:00Z"
OF_PROVIDERS = ("provider:case_mix_index", "provider:encounter_count_to_date")
OF_ENCOUNTERS = (*OF_PROVIDERS, "patient:encounter_count_to_date", "risk_cell:encounter_count")
SAFE, INTERNAL = "safe_harbor", "internal"


@pytest.fixture(scope="module")
def settings(sample_home, tmp_path_factory):
    """The sample, with earlier versions of every feature of these tables before its delivery."""
    made = copied(sample_home, tmp_path_factory.mktemp("workbench") / "home")
    with open_warehouse(made, write=True) as connection:
        for table in ("feat_provider", "feat_patient", "feat_risk_cell"):
            names = [
                row[0]
                for row in connection.execute(f"select name from pragma_table_info('{table}')")
            ]
            for moment, number, count in ((FIRST, -1, 1), (LATER, 0, 2)):
                changed = {"event_timestamp": f"'{moment}'", "row_version": str(number)}
                changed |= {
                    name: f"{name} + {count} * 1000"
                    for name in names
                    if name.startswith("encounter_count")
                }
                connection.execute(
                    f"insert into {table} select {', '.join(changed.get(each, each) for each in names)} "
                    f"from {table} where row_version > 0"
                )
    return made


@pytest.fixture(scope="module")
def asked(settings) -> pd.DataFrame:
    """Providers at random moments around the versions, some that nobody knows."""
    chance = random.Random(5)
    npis = [npi for (npi,) in query(settings.home, "select distinct npi from feat_provider")]
    rows = [
        (
            chance.choice([*npis, "9999999999"]),
            (datetime(2019, 12, 1) + timedelta(hours=chance.randrange(24 * 300))).isoformat(),
            str(chance.randrange(2)),
        )
        for _ in range(200)
    ]
    return pd.DataFrame(rows, columns=["npi", "seen", "y"], dtype="str")


def test_a_join_is_the_newest_version_at_or_before_each_moment(settings, asked):
    content, manifest = exports.joined_in_memory(settings, OF_PROVIDERS, asked, "seen", INTERNAL)
    joined = _read(content)
    versions = query(
        settings.home,
        "select npi, event_timestamp, encounter_count_to_date from feat_provider order by row_version",
    )
    for row in joined.itertuples():
        known = [
            count for npi, at, count in versions if npi == row.npi and at[:19] <= row.seen[:19]
        ]
        told = row.provider__encounter_count_to_date
        assert (None if pd.isna(told) else told) == (known[-1] if known else None)
    assert joined["provider__encounter_count_to_date"].notna().any() and manifest["rows"] == 200
    told = workbench.of_file(settings, OF_PROVIDERS, asked, "seen", "y", INTERNAL)
    assert told.unknown == {"feat_provider": (asked["npi"] == "9999999999").sum()}
    assert (
        told.filled["provider__case_mix_index"] == joined["provider__case_mix_index"].notna().sum()
    )
    safe = workbench.of_file(settings, OF_PROVIDERS, asked, "seen", None, SAFE)
    for name, count in told.filled.items():
        assert safe.filled[name] + safe.hidden[name] == count and told.hidden == {}
    assert sum(safe.hidden.values()) and safe.positives is None
    assert told.positives == (asked["y"] == "1").sum() and sum(told.folds) == 200


@pytest.mark.parametrize("profile", [SAFE, INTERNAL])
@pytest.mark.parametrize("way", ["command", "snippet"])
def test_own_rows_leave_as_the_command_and_the_snippet_write_them(
    settings, asked, profile, way, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ICON_HEALTH_HOME", str(settings.home))
    asked.to_csv("asked.csv", index=False)
    frame = spine.read(tmp_path / "asked.csv", ".csv")
    content, manifest = exports.joined_in_memory(settings, OF_PROVIDERS, frame, "seen", profile)
    options = {"moment": "seen", "profile": profile}
    _written_again(way, OF_PROVIDERS, options, settings)
    assert (tmp_path / workbench.FILE).read_bytes() == content
    assert (
        json.loads((tmp_path / f"{workbench.FILE}.manifest.json").read_text())["sha256"]
        == (manifest["sha256"])
    )


@pytest.mark.parametrize("way", ["command", "snippet"])
@pytest.mark.parametrize("refs", [(), OF_ENCOUNTERS])
def test_the_label_leaves_as_the_command_and_the_snippet_write_it(
    settings, refs, way, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ICON_HEALTH_HOME", str(settings.home))
    content, _ = training.in_memory(settings, refs, False)
    _written_again(way, refs, {}, settings)
    assert (tmp_path / workbench.FILE).read_bytes() == content


def _written_again(way, refs, options, settings) -> None:
    if way == "snippet":
        exec(workbench.FileRequest(refs, **options).snippet, {})
        return
    words = shlex.split(workbench.FileRequest(refs, **options).command)
    assert main.main(["--home", str(settings.home), *words[1:]]) == 0


def _read(content: bytes) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(content))


def test_a_row_of_the_label_knows_what_was_known_before_its_delivery(settings):
    rows = training.training_set(settings, feature_refs=OF_ENCOUNTERS)
    shipped = training.training_set(settings)
    pd.testing.assert_frame_equal(rows[list(shipped.columns)], shipped, check_dtype=False)
    counts = dict(
        query(
            settings.home,
            f"select npi, encounter_count_to_date from feat_provider where event_timestamp = '{LATER}'",
        )
    )
    providers = query(
        settings.home,
        "select npi from fct_encounter where has_adverse_event is not null order by encounter_id",
    )
    assert rows["provider__encounter_count_to_date"].tolist() == [
        counts[npi] for (npi,) in providers
    ]
    assert rows["patient__encounter_count_to_date"].min() > 2000
    assert {"npi", "patient_id", "encounter_id"}.isdisjoint(rows.columns)


def test_what_came_with_the_delivery_itself_is_not_known(sample_home):
    rows = training.training_set(load_settings(home=sample_home), feature_refs=OF_ENCOUNTERS)
    assert rows[training.joined_names(OF_ENCOUNTERS)].isna().all(axis=None) and len(rows)


def test_small_counts_of_positives_are_hidden_and_so_is_what_gives_them_away(settings, monkeypatch):
    told = workbench.of_label(settings, (), False)
    rows = training.training_set(settings)
    assert told.positives == rows[training.LABEL].sum() >= SMALLEST_CELL
    assert told.rows == len(rows) and told.mature == rows[training.MATURE].sum()
    few = rows.assign(is_label_mature=1)
    few.loc[few.index[few[training.LABEL] == 1][:3], training.MATURE] = 0
    monkeypatch.setattr(training, "training_set", lambda *_, **__: few)
    assert workbench.of_label(settings, (), True).positives == workbench.HIDDEN
    monkeypatch.setattr(training, "training_set", lambda *_, **__: few.assign(has_adverse_event=0))
    assert workbench.of_label(settings, (), False).positives == workbench.HIDDEN


def test_people_leave_under_internal_alone_and_nothing_without_the_role(settings, asked):
    people = pd.DataFrame({"patient_id": ["1000001"] * 20, "event_timestamp": [LATER] * 20})
    with pytest.raises(InputRefused, match="use the profile internal"):
        exports.joined_in_memory(settings, ["patient"], people, spine.TIME, SAFE)
    with acting_as(Actor("somebody", ("viewer",))):
        with pytest.raises(NotAllowed):
            workbench.of_file(settings, OF_PROVIDERS, asked, "seen", None, SAFE)
        with pytest.raises(NotAllowed):
            training.in_memory(settings, (), False)


def test_keys_of_a_spine_are_nowhere_in_the_home(settings):
    """Patients that no delivery names, by a key that would be noticed: joined, recorded, gone."""
    key = "8765432109876"
    people = pd.DataFrame({"patient_id": [key] * 20, "event_timestamp": [LATER] * 20})
    told = workbench.of_file(settings, ("patient",), people, spine.TIME, None, INTERNAL)
    exports.joined_in_memory(settings, ["patient"], people, spine.TIME, INTERNAL, "me")
    assert told.unknown == {"feat_patient": 20}
    for path in settings.home.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("8765432109876,2020-01-01\n", "column 1 has no name"),
        ("npi,1950-02-03\n1,2\n", "column 2 has no name"),
        ('npi,seen\n"1,2\n', "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_file_that_is_no_spine_is_refused_without_a_word_of_its_cells(tmp_path, text, message):
    path = tmp_path / "asked.csv"
    path.write_text(text)
    with pytest.raises(InputRefused, match=message) as caught:
        spine.read(path, ".csv")
    assert "8765432109876" not in str(caught.value) and "1950" not in str(caught.value)


def test_a_label_of_other_values_is_refused_without_telling_them(settings, asked):
    wrong = asked.assign(y="8765432109876")
    with pytest.raises(InputRefused, match="is no label") as caught:
        workbench.of_file(settings, OF_PROVIDERS, wrong, "seen", "y", SAFE)
    assert "8765432109876" not in str(caught.value)


def test_a_feature_whose_key_no_encounter_has_is_refused(settings):
    with pytest.raises(InputRefused, match="referral_id in its key"):
        workbench.of_label(settings, ("referral:nearest_miles",), False)


def test_a_column_that_is_the_label_under_another_name_is_found():
    chance = random.Random(1)
    rows = pd.DataFrame({"y": [chance.randrange(2) for _ in range(400)]})
    rows["cell"] = [place % 25 for place in range(400)]
    rows["noise"] = [chance.random() for _ in range(400)]
    rows["copy"] = rows["y"] * 3 + rows["noise"]
    rows["text"] = rows["y"].map({0: "a", 1: "b"})
    rows["within"] = rows["cell"] * 10 - rows["y"]
    rows["empty"] = None
    names = ["noise", "copy", "text", "within", "empty"]
    assert separating(rows, "y", names) == ("copy", "text")
    assert separating(rows, "y", names, ["cell"]) == ("copy", "text", "within")


def test_who_looks_at_a_join_that_rests_on_hidden_cells_is_recorded(settings, asked):
    def looked() -> list:
        with open_control(settings) as control:
            return [each for each in audit.newest(control, 50) if each.action == "join features"]

    before = len(looked())
    workbench.of_file(settings, OF_PROVIDERS, asked, "seen", "y", SAFE)
    assert len(looked()) == before
    workbench.of_file(settings, OF_PROVIDERS, asked, "seen", "y", INTERNAL)
    newest = looked()[0]
    assert len(looked()) == before + 1 and newest.target == "feat_provider"
    assert newest.facts["rows"] == len(asked) and not set(asked["npi"]) & set(
        str(newest.facts).split("'")
    )
