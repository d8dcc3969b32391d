"""Files broken at random: each loads with a ledger that balances, or is refused in one line.
Trouble of the machine is never told as a damaged file.
"""

import errno
import io

import pytest

from benchmarks.torture import ROWS, broken, whole_files
from pipeline.declared.sources import load_contracts
from pipeline.ingest.batch import load_into
from pipeline.ingest.delivery import Delivery

FILES = whole_files()
BROKEN = 60
CONTRACTS = load_contracts()


def fates(home, path):
    return load_into(home.connection, home.delivered, [path], contracts=CONTRACTS)


def stored(home, load_id: str) -> tuple[int, int]:
    """(rows, rejects) of a load in the landing zone."""
    return tuple(
        home.connection.execute(
            f"select count(*) from {table} where _load_id = ?", (load_id,)
        ).fetchone()[0]
        for table in ("raw_providers", "raw_rejects")
    )


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_loads_balanced_or_is_refused(home, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    for whole in fates(home, path):
        assert whole.received == (3 if name.endswith(".xls") else len(ROWS)), whole.reason
    before = home.state()
    for data in broken(FILES[name], name, BROKEN):
        path.write_bytes(data)
        results = fates(home, path)
        assert results
        for result in results:
            if result.status == "loaded":
                lines = dict(result.lines)
                assert lines.pop("delivered") == sum(lines.values()), result
                rejected = result.rejected
                assert stored(home, result.load_id) == (result.received - rejected, rejected)
                before = home.state()
            elif result.status == "refused":
                reason = result.reason
                assert reason.startswith(name) and reason.endswith(")") and "\n" not in reason
                assert not any(cell in reason for row in ROWS for cell in row[:2]), reason
            else:
                assert result.status in ("already_loaded", "left_out")
        assert home.state() == before


@pytest.mark.parametrize(
    "name", [name for name in FILES if "csv" not in name and "json" not in name]
)
def test_a_file_without_its_end_is_refused_as_damaged(home, tmp_path, name):
    """Formats that say themselves where they end."""
    path = tmp_path / name
    for share in (0.3, 0.6, 0.9):
        path.write_bytes(FILES[name][: int(len(FILES[name]) * share)])
        (result,) = fates(home, path)
        assert result.status == "refused" and ("damaged" in result.reason), result.reason


class Failing(io.BytesIO):
    """A file whose disk fails from a byte on."""

    def __init__(self, data: bytes, number: int, first: int) -> None:
        super().__init__(data)
        self._number, self._first = number, first

    def read(self, size: int | None = -1) -> bytes:
        self._fail(size)
        return super().read(size)

    def readinto(self, buffer) -> int:
        self._fail(len(buffer))
        return super().readinto(buffer)

    read1, readinto1 = read, readinto

    def _fail(self, size: int | None) -> None:
        is_all = size is None or size < 0
        if is_all or self.tell() + size > self._first:
            raise OSError(self._number, "the disk says no")


@pytest.mark.parametrize("place", [0, 0.5])
@pytest.mark.parametrize("name", FILES)
def test_trouble_of_the_disk_is_no_damage(home, tmp_path, monkeypatch, name, place):
    """Whichever of the openings of a file it is in which the disk fails, and at which byte."""
    path, whole, data = tmp_path / name, Delivery.open, FILES[name]
    path.write_bytes(data)
    openings = failing = 0

    def opened(delivery):
        nonlocal openings
        openings += 1
        stream = whole(delivery)
        if openings != failing:
            return stream
        with stream:
            return Failing(stream.read(), errno.EIO, int(place * len(data)))

    monkeypatch.setattr(Delivery, "open", opened)
    fates(home, path)
    needed, failures = openings, 0
    for failing in range(1, needed + 1):
        home.connection.execute("update ops_loads set status = 'undone'")
        openings = 0
        try:
            statuses = {result.status for result in fates(home, path)}
        except OSError as error:
            assert (error.errno, openings) == (errno.EIO, failing)
            failures += 1
        else:
            assert statuses == {"loaded"} and (place or openings < failing)
    assert failures > 2
