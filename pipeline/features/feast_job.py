"""Runs in Feast's own environment, which knows nothing of this project: apply a feature repository
and fill its online store.

    python feast_job.py REPOSITORY FROM UNTIL

FROM and UNTIL are ISO moments that enclose every row. Prints one JSON document.
"""

import contextlib
import json
import os
import sys
from datetime import datetime
from pathlib import Path


def main(repository: Path, first: datetime, last: datetime) -> dict:
    """Register what definitions.py declares, forget what it no longer does, and write the newest
    row of every key online.
    """
    from feast import FeatureStore
    from feast.repo_config import load_repo_config
    from feast.repo_operations import apply_total
    from feast.version import get_version

    os.chdir(repository)
    sys.path.insert(0, str(repository))  # Feast imports definitions.py by its path relative to here
    apply_total(
        load_repo_config(repository, repository / "feature_store.yaml"),
        repository,
        skip_source_validation=False,
    )
    store = FeatureStore(repo_path=str(repository))
    store.materialize(first, last)
    return {
        "feast_version": get_version(),
        "feature_views": sorted(view.name for view in store.list_feature_views()),
    }


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        answer = main(Path(sys.argv[1]), *(datetime.fromisoformat(text) for text in sys.argv[2:4]))
    print(json.dumps(answer))
