"""Runs in Feast's environment: answer questions from a repository that `features push` made.

    python ask.py REPOSITORY QUESTIONS ANSWERS

QUESTIONS is a folder with, per feature view, `<view>.online.parquet` (keys) or
`<view>.historical.parquet` (keys, event_timestamp, row); the answers get the same names in ANSWERS.
"""

import json
import sys
from pathlib import Path

import pandas as pd
from feast import FeatureStore


def main(repository: Path, questions: Path, answers: Path) -> None:
    """Ask every question, and write down which feature views there are."""
    store = FeatureStore(repo_path=str(repository))
    views = {
        view.name: [field.name for field in view.features] for view in store.list_feature_views()
    }
    (answers / "views.json").write_text(json.dumps(views))
    for path in sorted(questions.glob("*.parquet")):
        view, kind, _ = path.name.split(".")
        frame, features = pd.read_parquet(path), [f"{view}:{name}" for name in views[view]]
        if kind == "online":
            features_online = store.get_online_features(
                features=features, entity_rows=frame.to_dict("records")
            ).to_df()
        else:
            features_online = store.get_historical_features(
                entity_df=frame, features=features
            ).to_df()
        features_online.to_parquet(answers / path.name)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
