"""dbt's own pages about the models: made on demand, and served where they were made."""

from datetime import UTC, datetime
from pathlib import Path

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.services.access.roles import OPERATE, SEE, needs
from pipeline.store.sqlite.database import warehouse_exists
from pipeline.transform import docs_site

#: Where the workbench serves them, and what makes them.
ROAD, COMMAND = "/dbt-docs", "icon-health dbt-docs"


@needs(OPERATE)
def make(settings: Settings) -> Path:
    """Write the pages anew; raises InputRefused for a home without a warehouse, PipelineError when
    dbt cannot.
    """
    if not warehouse_exists(settings):  # dbt would make an empty one
        raise InputRefused("holds no warehouse", str(settings.home), "load and build first")
    return docs_site.make(settings)


def page(settings: Settings) -> Path | None:
    """The file that holds the pages, None before they were made."""
    file = docs_site.made_at(settings)
    return file if file.is_file() else None


@needs(SEE)
def made(settings: Settings) -> str | None:
    """When they were made, UTC; None before that."""
    file = page(settings)
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat() if file else None
