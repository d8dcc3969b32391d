"""dbt-docs: dbt's own pages about the models."""

from pipeline.cli.command import Answer, verb
from pipeline.config import Settings


@verb("dbt-docs")
def dbt_docs(settings: Settings) -> Answer:
    """Have dbt write its pages about models and lineage; the page Catalogue leads to them."""
    from pipeline.services.catalogue import dbt_docs as service

    file = service.make(settings)
    return Answer({"file": str(file)}, (f"written to {file}",))
