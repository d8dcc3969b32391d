"""The tables by which a provider is chosen, and what the oracle knows of the sample."""

import pytest

from tests.dbt.choice_oracle import TABLES, options
from tests.dbt.insight_oracle import centroids, read_tables


@pytest.fixture(scope="module")
def tables(sample_home):
    """The tables as frames, by name."""
    return read_tables(sample_home, TABLES)


@pytest.fixture(scope="module")
def offered(tables):
    """Whom each employer's network offers for each procedure, by the oracle."""
    return options(tables)


@pytest.fixture(scope="module")
def places():
    """Where each ZIP lies."""
    return centroids()
