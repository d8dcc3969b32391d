"""After an update of the project: are the built tables recent enough for these pages?"""

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.errors import PipelineError
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import builds


def outdated(settings: Settings) -> PipelineError | None:
    """What to do when a layer was built with other statements than the project has now; None when
    none was.
    """
    from pipeline.transform.fingerprint import layer_fingerprint

    if not warehouse_exists(settings):
        return None
    with open_warehouse(settings) as connection:
        if not has_relation(connection, "ops_layer_fingerprints"):
            columns = (
                {}
                if not has_relation(connection, "ops_build")
                else dict.fromkeys(layer.label for layer in Layer)
            )
        else:
            columns = {
                layer.label: builds.layer_fingerprint(connection, layer.label) for layer in Layer
            }
    behind = [
        layer
        for layer in Layer
        if layer.label in columns and columns[layer.label] != layer_fingerprint(layer)
    ]
    if not behind:
        return None
    return PipelineError(
        "were built by another version of the project, and this page needs what the next build adds",
        "The tables that stand",
        "build everything once on the page Run; until then the other pages work",
    )
