"""One owner at a time writes the warehouse, whatever processes, machines and clocks do."""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from pipeline.config import load_settings
from pipeline.errors import LeaseLost
from pipeline.store.bootstrap import prepare_warehouse
from pipeline.store.control import lease, process_identity
from pipeline.store.control.control_file import open_control
from pipeline.store.control.process_identity import Process
from pipeline.store.sqlite import clock
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.sqlite.fence import writing_behind
from pipeline.store.sqlite.statements import transaction

SECONDS = 10.0


@pytest.fixture
def settings(tmp_path):
    settings = load_settings(home=tmp_path / "home", lease_seconds=SECONDS)
    prepare_warehouse(settings, {})
    with open_warehouse(settings, write=True) as warehouse:
        warehouse.execute("create table published (writer integer)")
    return settings


class World:
    """Machines with processes, seconds that pass, and a clock that anybody may set."""

    def __init__(self, monkeypatch) -> None:
        self.seconds, self.clock = 1000.0, 0.0
        self.living: set[Process] = set()
        self.present: Process | None = None
        monkeypatch.setattr(process_identity, "this_process", lambda: self.present)
        monkeypatch.setattr(process_identity, "seconds_of_machine", lambda: self.seconds)
        monkeypatch.setattr(process_identity, "lives", self.lives)
        monkeypatch.setattr(clock, "now", lambda: datetime.fromtimestamp(self.clock, UTC))

    def lives(self, process: Process) -> bool | None:
        assert self.present is not None
        return process in self.living if process.place == self.present.place else None

    def start(self, number: int, machine: int) -> Process:
        process = Process(f"m{machine}", f"boot{machine}", f"m{machine}", 7, str(number))
        self.living.add(process)
        return process


@pytest.fixture
def world(monkeypatch):
    return World(monkeypatch)


@dataclass
class Writer:
    """A process with what it believes."""

    number: int
    process: Process
    held: lease.Lease | None = None
    stands_still: bool = False


def take(settings, world, writer, who="a build"):
    world.present = writer.process
    with open_control(settings) as control:
        return lease.take(settings, control, who)


def publish(settings, world, writer) -> None:
    """Commit a row of this writer behind its lease."""
    world.present = writer.process
    with writing_behind(writer.held), open_warehouse(settings, write=True) as warehouse:
        with transaction(warehouse):
            warehouse.execute("insert into published values (?)", (writer.held.number,))


def published(settings) -> list[int]:
    with open_warehouse(settings) as warehouse:
        return [number for (number,) in warehouse.execute("select writer from published")]


@pytest.mark.parametrize("seed", range(12))
def test_in_a_random_history_only_the_newest_lease_ever_publishes(settings, world, seed):
    """What each step may do is told by a model of three lines: who holds the lease, how long each
    machine has seen it without a beat, and which leases were taken away.
    """
    chance = random.Random(seed)
    writers = [Writer(0, world.start(0, 0))]
    taken: list[int] = []  # numbers of the leases, in the order in which they were given
    expected: list[int] = []
    for step in range(1, 140):
        writer = chance.choice(writers)
        act = chance.choice(("start", "kill", "stop", "go on", "take", "beat", "publish", "wait"))
        world.clock = chance.uniform(0, 4e9)  # the clock is never to be believed
        if act == "start" and len(writers) < 6:
            writers.append(Writer(step, world.start(step, chance.randrange(3))))
        elif act == "kill" and len(writers) > 1:
            world.living.discard(writer.process)
            writers.remove(writer)
        elif act in ("stop", "go on"):
            writer.stands_still = act == "stop"
        elif act == "wait":
            world.seconds += chance.choice((0.1, SECONDS / 3, SECONDS))
        elif writer.stands_still:
            continue
        elif act == "take":
            held = take(settings, world, writer)
            if held is not None:
                assert held.number > max(taken, default=0)
                taken.append(held.number)
                writer.held = held
        elif writer.held is None:
            continue
        elif act == "beat":
            world.present = writer.process
            beats = writer.held.beat()
            assert not beats or writer.held.number == taken[-1]
            if beats and chance.random() < 0.3:
                writer.held.let_go()
                writer.held = None
        else:
            try:
                publish(settings, world, writer)
            except LeaseLost:
                with open_control(settings) as control:
                    world.present = writer.process
                    present = lease.owner(control)
                assert present is None or present.secret != writer.held.secret
                writer.held = None
            else:
                assert writer.held.number == taken[-1]
                expected.append(writer.held.number)
    assert published(settings) == expected == sorted(expected)
    # whatever happened, it never stays locked: who waits long enough gets it
    last = Writer(-1, world.start(-1, 9))
    got = take(settings, world, last)
    world.seconds += SECONDS
    assert got or take(settings, world, last)


def test_on_the_same_machine_a_dead_owner_holds_nothing(settings, world):
    first, second = Writer(1, world.start(1, 0)), Writer(2, world.start(2, 0))
    assert take(settings, world, first)
    assert take(settings, world, second) is None
    world.living.discard(first.process)
    assert take(settings, world, second)


def test_on_another_machine_an_owner_that_beats_keeps_it_and_a_silent_one_loses_it(settings, world):
    first, second = Writer(1, world.start(1, 0)), Writer(2, world.start(2, 1))
    first.held = take(settings, world, first)
    for _ in range(5):
        assert take(settings, world, second) is None
        world.seconds += SECONDS * 0.9
        assert first.held.beat()
    assert take(settings, world, second) is None
    world.seconds += SECONDS
    second.held = take(settings, world, second)
    assert second.held and not first.held.beat() and not first.held.is_held()
    with pytest.raises(LeaseLost):
        publish(settings, world, first)
    publish(settings, world, second)
    assert published(settings) == [second.held.number]


def test_a_look_that_finds_nobody_keeps_the_owner_from_publishing(settings, world):
    """A run that was told dead stays dead, also when nobody has taken the lease since."""
    first, other = Writer(1, world.start(1, 0)), Writer(2, world.start(2, 1))
    first.held = take(settings, world, first)
    world.present = other.process
    with open_control(settings) as control:
        assert lease.owner(control).process == first.process
        world.seconds += SECONDS
        assert lease.owner(control) is None
    with pytest.raises(LeaseLost):
        publish(settings, world, first)
    assert published(settings) == []


def test_a_clock_that_is_set_changes_nothing(settings, world):
    first, second = Writer(1, world.start(1, 0)), Writer(2, world.start(2, 1))
    first.held = take(settings, world, first)
    for moment in (0.0, 4e9, 1.0, 2e9):
        world.clock = moment
        assert take(settings, world, second) is None
        publish(settings, world, first)
    assert len(published(settings)) == 4


def test_an_owner_does_not_survive_the_loss_of_the_control_file(settings, world):
    """A new control file knows no lease; the number in the warehouse does."""
    first, second = Writer(1, world.start(1, 0)), Writer(2, world.start(2, 1))
    first.held = take(settings, world, first)
    publish(settings, world, first)
    for ending in ("", "-wal", "-shm"):
        settings.control_path.with_name(f"control.db{ending}").unlink(missing_ok=True)
    second.held = take(settings, world, second)
    assert second.held.number > first.held.number
    with pytest.raises(LeaseLost):
        publish(settings, world, first)
    publish(settings, world, second)


def test_a_higher_number_in_the_warehouse_stops_a_lease_that_the_control_file_believes(
    settings, world
):
    """The control file of an older backup beside a warehouse that went on."""
    first = Writer(1, world.start(1, 0))
    first.held = take(settings, world, first)
    with open_warehouse(settings, write=True) as warehouse:
        warehouse.execute("insert into ops_fence values (99)")
    with pytest.raises(LeaseLost):
        publish(settings, world, first)
    first.held.let_go()
    assert take(settings, world, first).number == 100


def test_a_number_of_a_process_that_is_used_again_is_another_process():
    me = process_identity.this_process()
    assert process_identity.lives(me) is True
    assert process_identity.lives(replace(me, start="1")) is False
    assert process_identity.lives(replace(me, place="another machine")) is None
