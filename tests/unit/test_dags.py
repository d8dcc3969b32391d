"""The DAGs need nothing but Airflow, and import from it what each Airflow since 3.1 has."""

import ast
import sys

from pipeline.config.project import PROJECT_DIR

TREE = ast.parse((PROJECT_DIR / "dags" / "icon_health.py").read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> dict[str, set[str]]:
    """Module -> the names that are imported from it, or itself."""
    names: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names.setdefault(node.module or "", set()).update(each.name for each in node.names)
        elif isinstance(node, ast.Import):
            for each in node.names:
                names.setdefault(each.name, set()).add(each.name)
    return names


def test_a_worker_installs_nothing_for_the_dags():
    rooms = {module.partition(".")[0] for module in imported(TREE)}
    assert rooms - set(sys.stdlib_module_names) == {"airflow"}


def test_exceptions_are_imported_from_where_either_airflow_has_them():
    names = imported(TREE)
    assert names["airflow.sdk.exceptions"] == names["airflow.exceptions"]
    (attempt,) = [node for node in TREE.body if isinstance(node, ast.Try)]
    assert "airflow.sdk.exceptions" in imported(attempt.body[0])
    (handler,) = attempt.handlers
    assert handler.type.id == "ImportError" and "airflow.exceptions" in imported(handler)
