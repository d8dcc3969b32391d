"""Tell whether the statements of a layer are those with which its tables were built."""

import hashlib
from pathlib import Path

from pipeline.layers import Layer
from pipeline.transform.dbt_project import DBT_PROJECT_DIR


def layer_fingerprint(layer: Layer, project_dir: Path = DBT_PROJECT_DIR) -> str:
    """Hex digest of everything that shapes a layer: its models and their YAML, the macros, the project file."""
    shaping = [project_dir / "dbt_project.yml", *(project_dir / "macros").rglob("*.sql"),
               *(project_dir / "models" / layer.label).rglob("*.sql"), *(project_dir / "models" / layer.label).rglob("*.yml")]
    digest = hashlib.sha256()
    for path in sorted(shaping):
        digest.update(path.relative_to(project_dir).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
