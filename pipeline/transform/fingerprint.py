"""Tell whether the statements of a layer are those with which its tables were built."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from pipeline.declared.layers import Layer
from pipeline.transform.dbt_project import DBT_PROJECT_DIR
from pipeline.transform.parse_cache import state_of_files


def layer_fingerprint(layer: Layer, project_dir: Path = DBT_PROJECT_DIR) -> str:
    """Hex digest of everything that shapes a layer: its models and their YAML, the macros, the
    project file.
    """
    return _layer_fingerprint(layer, project_dir, state_of_files(project_dir))


@lru_cache(maxsize=16)
def _layer_fingerprint(layer: Layer, project_dir: Path, state: str) -> str:
    folder = project_dir / "models" / layer.label
    return _digest(
        [*_shared(project_dir), *folder.rglob("*.sql"), *folder.rglob("*.yml")], project_dir
    )


def model_fingerprints(
    paths: Mapping[str, str], project_dir: Path = DBT_PROJECT_DIR
) -> dict[str, str]:
    """Model -> hex digest of everything that shapes it: its SQL (a path that starts with the
    project's folder), YAML, macros.
    """
    return dict(_model_fingerprints(tuple(paths.items()), project_dir, state_of_files(project_dir)))


@lru_cache(maxsize=16)
def _model_fingerprints(
    paths: tuple[tuple[str, str], ...], project_dir: Path, state: str
) -> dict[str, str]:
    shared = _digest(_shared(project_dir), project_dir)
    fingerprints = {}
    for model, path in paths:
        sql = project_dir.parent / path
        own = sql.with_suffix(".yml")
        described = [own] if own.exists() else sql.parent.glob("*.yml")
        fingerprints[model] = hashlib.sha256(
            f"{shared}{_digest([sql, *described], project_dir)}".encode()
        ).hexdigest()
    return fingerprints


def _shared(project_dir: Path) -> list[Path]:
    return [project_dir / "dbt_project.yml", *(project_dir / "macros").rglob("*.sql")]


def _digest(paths: Iterable[Path], project_dir: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(
            path.relative_to(project_dir).as_posix().encode() + b"\0" + path.read_bytes() + b"\0"
        )
    return digest.hexdigest()
