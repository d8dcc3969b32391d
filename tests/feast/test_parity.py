"""After a push Feast answers what our own retrieval answers, online and point in time, for every
table of the registry.
"""

import json
import random
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from pipeline.config import Settings, load_settings
from pipeline.declared.classes import load_classes
from pipeline.features.registry import read_registry
from pipeline.privacy.small_counts import leaves_out_few, tells_few
from pipeline.services.features import feast_push, retrieval
from pipeline.services.tables.visible import without_hidden_cells
from pipeline.store.sqlite.clock import FORMAT
from pipeline.store.sqlite.database import open_warehouse
from tests.warehouse import copied

TABLES = read_registry()
BY_VIEW = {table.name.removeprefix("feat_"): table for table in TABLES}
FEAST = load_settings().feast_python
CHANCE = random.Random(8)

pytestmark = pytest.mark.skipif(not FEAST.is_file(), reason="no Feast on this machine: make feast")


def later(moment: str, seconds: int) -> str:
    return (
        datetime.strptime(moment, FORMAT).replace(tzinfo=UTC) + timedelta(seconds=seconds)
    ).strftime(FORMAT)


def deliver(settings: Settings, seconds: int) -> None:
    """As a further build would: new versions of some keys with other values, others retired, and
    one key that is new.
    """
    with open_warehouse(settings, write=True) as connection:
        for table in TABLES:
            names, parts = [feature.name for feature in table.features], len(table.key)
            columns = ", ".join(
                [*table.key, "event_timestamp", "created_at", "row_version", "is_retired", *names]
            )
            newest = connection.execute(
                f"select {columns} from {table.latest} order by 1, 2"
            ).fetchall()
            for place, row in enumerate(CHANCE.sample(newest, min(len(newest), 12))):
                key = (f"NEW AFTER {seconds} S", *row[1:parts]) if place == 0 else row[:parts]
                event, created, version = row[parts : parts + 3]
                is_retired = place % 4 == 1
                values = [
                    None if is_retired else changed(feature.dtype) for feature in table.features
                ]
                connection.execute(
                    f"insert into {table.name} ({columns}) values ({', '.join('?' * len(row))})",
                    (
                        *key,
                        later(event, seconds),
                        later(created, seconds),
                        version + 1,
                        int(is_retired),
                        *values,
                    ),
                )


def changed(dtype: str) -> object:
    """Some value of the type, or none."""
    if CHANCE.random() < 0.2:
        return None
    return {
        "integer": CHANCE.randrange(10**6),
        "real": CHANCE.random() * 3,
        "text": f"t{CHANCE.randrange(99)}",
    }[dtype]


def questions(settings: Settings, folder: Path) -> Path:
    """Online: some keys of each table, retired ones and a stranger. Historical: the same keys
    before, between and after.
    """
    folder.mkdir()
    for view, table in BY_VIEW.items():
        names = ", ".join(table.key)
        with open_warehouse(settings) as connection:
            every = pd.read_sql_query(f"select distinct {names} from {table.name}", connection)
            often = pd.read_sql_query(
                f"select {names} from {table.name} group by {names} having count(*) > 1", connection
            )
        stranger = pd.DataFrame([dict.fromkeys(table.key, "nobody")])
        keys = pd.concat(
            [every.sample(min(len(every), 40), random_state=1), often]
        ).drop_duplicates()
        keys = pd.concat([keys, stranger], ignore_index=True)
        keys.to_parquet(folder / f"{view}.online.parquet")
        moments = retrieval.moments(settings, table.name)
        moments_to_ask = {
            later(moment, seconds) for moment in moments for seconds in (-1, 0, 1)
        } | {later(moments[0], -86400 * 400)}
        frame = keys.merge(
            pd.DataFrame({"event_timestamp": pd.to_datetime(sorted(moments_to_ask))}), how="cross"
        )
        frame = frame.sample(frac=1, random_state=2, ignore_index=True).assign(
            row=range(len(frame))
        )
        frame.to_parquet(folder / f"{view}.historical.parquet")
    return folder


def ask(settings: Settings, folder_of_questions: Path, answers: Path) -> Path:
    answers.mkdir()
    subprocess.run(
        [
            str(FEAST),
            "-I",
            str(Path(__file__).with_name("ask.py")),
            str(settings.feast_dir),
            str(folder_of_questions),
            str(answers),
        ],
        check=True,
        capture_output=True,
    )
    return answers


@pytest.fixture(scope="module")
def store(sample_home, tmp_path_factory):
    """(settings, questions, answers, result) of a home with three builds' worth of features, pushed
    whole.
    """
    folder = tmp_path_factory.mktemp("feast")
    settings = copied(sample_home, folder / "home")
    deliver(settings, 60)
    deliver(settings, 3600)
    result = feast_push.push(settings, profile="internal")
    questions_folder = questions(settings, folder / "asked")
    return settings, questions_folder, ask(settings, questions_folder, folder / "answers"), result


def plain(frame: pd.DataFrame, table) -> list[tuple]:
    """Feature values of each row as Python values, integers, nothing as None."""
    columns = []
    for feature in table.features:
        values = frame[feature.name]
        make = {"integer": int, "real": float, "text": str}[feature.dtype]
        columns.append([None if pd.isna(value) else make(value) for value in values])
    return list(zip(*columns, strict=True))


def test_every_table_of_the_registry_is_pushed_with_all_its_features(store):
    _, _, answers, result = store
    views = json.loads((answers / "views.json").read_text())
    assert views == {
        view: [feature.name for feature in table.features] for view, table in BY_VIEW.items()
    }
    assert {table.view for table in result.tables} == set(BY_VIEW) and result.left_out == ()
    assert all(table.rows > table.keys > 0 for table in result.tables)


@pytest.mark.parametrize("view", BY_VIEW)
def test_online_values_are_the_latest_ones_and_a_retired_or_unknown_key_has_none(store, view):
    settings, questions_folder, answers, _ = store
    table = BY_VIEW[view]
    keys, online = (
        pd.read_parquet(questions_folder / f"{view}.online.parquet"),
        pd.read_parquet(answers / f"{view}.online.parquet"),
    )
    latest = retrieval.latest(settings, table.name, limit=retrieval.ALL_ROWS)
    ours = keys.merge(latest, on=list(table.key), how="left")
    assert online[list(table.key)].values.tolist() == keys.values.tolist()
    assert plain(online, table) == plain(ours, table)
    alive = keys.merge(latest[list(table.key)], on=list(table.key))
    assert 0 < len(alive) < len(keys) - 1


@pytest.mark.parametrize("view", BY_VIEW)
def test_historical_values_are_those_known_at_each_rows_moment(store, view):
    settings, questions_folder, answers, _ = store
    table = BY_VIEW[view]
    frame, historical = (
        pd.read_parquet(questions_folder / f"{view}.historical.parquet"),
        pd.read_parquet(answers / f"{view}.historical.parquet"),
    )
    assert sorted(historical.row) == list(range(len(frame))), "Feast dropped or doubled rows"
    historical = historical.sort_values("row", ignore_index=True)
    ours = retrieval.point_in_time(settings, [view], frame)
    assert plain(historical, table) == plain(ours, table)
    before = frame.event_timestamp < pd.Timestamp(retrieval.moments(settings, table.name)[0])
    assert before.any() and set(plain(historical[before], table)) == {
        tuple([None] * len(table.features))
    }
    moment = retrieval.moments(settings, table.name)[1]
    history = retrieval.history(settings, table.name, as_known_at=moment, limit=retrieval.ALL_ROWS)
    then = frame[frame.event_timestamp == pd.Timestamp(moment)]
    assert plain(historical.loc[then.index], table) == plain(
        then.merge(history, on=list(table.key), how="left"), table
    )


def hold_no_small_cell(settings: Settings, result: feast_push.PushResult) -> None:
    """No file of the push tells an outcome of an earlier version, nor one of a small cell."""
    with open_warehouse(settings) as connection:
        pairs = connection.execute(
            "select npi, cpt from provider_procedure_scorecard where encounter_count < 11"
        ).fetchall()
    assert pairs
    for table in result.tables:
        classes = load_classes()[table.table]
        rows = pd.read_parquet(table.file)
        outcomes = [name for name in rows if classes.get(name) == "outcome"]
        is_earlier = rows.duplicated(list(table.key), keep="last")
        assert is_earlier.any()
        assert not rows.loc[is_earlier, outcomes].notna().any(axis=None), table.table
        if table.key == ("npi", "cpt"):
            small = pd.Series([key in pairs for key in zip(rows.npi, rows.cpt, strict=True)])
            assert outcomes and small.any()
            assert not rows.loc[small, outcomes].notna().any(axis=None)


def test_a_later_push_moves_on_and_takes_back_what_its_profile_does_not_let_out(store, tmp_path):
    settings, questions_folder, _, _ = store
    deliver(settings, 7200)
    result = feast_push.push(settings)
    assert "feat_patient" in result.left_out
    assert {table.table for table in result.tables} == {table.name for table in TABLES} - set(
        result.left_out
    )
    assert {path.stem for path in settings.feast_dir.rglob("*.parquet")} == {
        table.table for table in result.tables
    }
    (tmp_path / "asked").mkdir()
    shutil.copy(questions_folder / "provider.online.parquet", tmp_path / "asked")
    answers = ask(settings, tmp_path / "asked", tmp_path / "answers")
    table = BY_VIEW["provider"]
    keys = pd.read_parquet(questions_folder / "provider.online.parquet")
    latest = retrieval.latest(settings, table.name)
    shown = without_hidden_cells(settings, latest, table.name, for_export=True)
    for name in shown.columns:
        kind = load_classes()[table.name].get(name)
        if leaves_out_few(kind, "safe_harbor"):
            few = shown[name].map(lambda value, kind=kind: tells_few(value, kind))
            shown[name] = shown[name].mask(few)
    ours = keys.merge(shown, on=["npi"], how="left")
    assert plain(pd.read_parquet(answers / "provider.online.parquet"), table) == plain(ours, table)
    assert not [
        path
        for path in settings.feast_dir.rglob("*")
        if path.is_file() and path.stat().st_mode & 0o077
    ]
    hold_no_small_cell(settings, result)
    patients = retrieval.latest(settings, "patient").patient_id
    stored = b"".join(path.read_bytes() for path in settings.feast_dir.rglob("*") if path.is_file())
    assert not [patient for patient in patients[:50] if patient.encode() in stored]
