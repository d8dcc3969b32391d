"""What is said of a delivery as a whole."""

import pytest

from pipeline.services.deliveries.deliveries import DeliveredFile, Delivery, Fates

BUILT = Fates(3, 2, 1, 0, 0, 0)


def file(status: str = "loaded", gate: str = "open", fates: Fates | None = BUILT) -> DeliveredFile:
    return DeliveredFile("L1", "patients", "patients.csv", "patients", status, gate, "", fates)


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ([file(), file()], "in the tables"),
        ([file(fates=None)], "waits for a build"),
        ([file(), file(gate="held"), file()], "in the tables (2), waits at the gate (1)"),
        ([file(status="undone"), file(status="undone")], "taken back"),
    ],
)
def test_the_state_of_a_delivery_is_that_of_its_files(files, state):
    assert Delivery("L1", tuple(files)).state == state
