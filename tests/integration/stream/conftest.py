import pytest

from tests import brokers


@pytest.fixture(scope="session")
def cluster():
    """A broker of the real protocol; tests take topics of their own names."""
    return brokers.start()
