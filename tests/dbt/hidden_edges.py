"""What compiled statements read without dbt's knowledge."""

import json
import re
from pathlib import Path

RELATION = re.compile(r'main\."(\w+)"')


def hidden_edges(dbt_dir: Path) -> list[str]:
    """`model reads table` for each table in the last compiled statement of a model that is neither
    the model itself nor among those that dbt says it depends on.
    """
    target = dbt_dir / "target"
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    names = {
        key: node.get("alias") or node["identifier"]
        for key, node in (manifest["nodes"] | manifest["sources"]).items()
        if node["resource_type"] in ("model", "seed", "source")
    }
    statements = {path.stem: path for path in (target / "compiled").rglob("models/**/*.sql")}
    models = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["name"] in statements
    ]
    assert models, "no build has left its statements"
    return sorted(
        f"{node['name']} reads {table}"
        for node in models
        for table in set(RELATION.findall(statements[node["name"]].read_text(encoding="utf-8")))
        - {names[parent] for parent in node["depends_on"]["nodes"]}
        - {node["name"]}
    )
