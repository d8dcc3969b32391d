"""What was decided about the files of a sender, done again for its next file and kept when a file
loads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused, of_the_machine
from pipeline.ingest.delivery import Delivery
from pipeline.ingest.header import shape
from pipeline.ingest.identification import identify, read_header
from pipeline.ingest.inspection import Inspection
from pipeline.ingest.reading import Reading
from pipeline.ingest.sender import sender_shapes
from pipeline.store.control import sender_memory
from pipeline.store.control.control_file import open_control
from pipeline.store.control.sender_memory import Memory


def has_memory(settings: Settings) -> bool:
    """Whether anything is remembered of any sender."""
    if not settings.control_path.exists():
        return False
    with open_control(settings) as control:
        return any(memory.ended_at is None for memory in sender_memory.all_memories(control))


def recalled(
    settings: Settings, delivery: Delivery, reading: Reading, inspection: Inspection
) -> Reading:
    """The reading, with what was decided for earlier files of this sender and header where nothing
    is decided yet; as it is for a file on which the reader stumbles.
    """
    with _refusals_left_to_the_next_reader():
        shaped = _with_shape(settings, delivery, reading, inspection)
        reading = with_mapping(settings, delivery, shaped, inspection)
    return reading


def with_mapping(
    settings: Settings, delivery: Delivery, reading: Reading, inspection: Inspection
) -> Reading:
    """The reading, with the mapping made for an earlier file with this header when the header alone
    does not do; as it is for a file on which the reader stumbles.
    """
    is_decided = reading.mapping is not None or reading.entity is not None
    if is_decided or not settings.control_path.exists():
        return reading
    header = None
    with _refusals_left_to_the_next_reader():
        if not _can_be_read(delivery, reading, inspection):
            header = read_header(delivery, load_contracts(), reading, inspection).header
    if header is None:
        return reading
    with open_control(settings) as control:
        memory = sender_memory.recall(control, sender_memory.MAPPING, shape(header))
        if memory is None:
            return reading
        sender_memory.note_use(control, memory.memory_id)
    return replace(
        reading,
        entity=memory.values["entity"],
        mapping=tuple(memory.values["mapping"].items()),
        is_remembered=True,
    )


@contextmanager
def _refusals_left_to_the_next_reader() -> Iterator[None]:
    """Whoever reads the file next says what is wrong with it; errors of the machine are raised."""
    try:
        yield
    except InputRefused:
        return
    except Exception as error:
        if of_the_machine(error):
            raise


def _can_be_read(delivery: Delivery, reading: Reading, inspection: Inspection) -> bool:
    """Whether the file is a source, so read."""
    try:
        identify(delivery, load_contracts(), reading, inspection)
    except InputRefused:
        return False
    return True


def _with_shape(
    settings: Settings, delivery: Delivery, reading: Reading, inspection: Inspection
) -> Reading:
    """The reading, with encoding, delimiter and header as decided for an earlier file of this
    sender, unless only what is inferred makes a table of the file.
    """
    if reading.is_shape:
        return reading
    memory = shape_memory(settings, delivery, inspection)
    if memory is None:
        return reading
    remembered = remembered_reading(memory, reading)
    if not _can_be_read(delivery, remembered, inspection) and _can_be_read(
        delivery, reading, inspection
    ):
        return reading
    with open_control(settings) as control:
        sender_memory.note_use(control, memory.memory_id)
    return remembered


def shape_memory(
    settings: Settings, delivery: Delivery, inspection: Inspection | None = None
) -> Memory | None:
    """What is in force for the shape of files of this sender; it does not count as used."""
    if not settings.control_path.exists():
        return None
    shapes = sender_shapes(delivery, load_contracts(), inspection) or ()
    with open_control(settings) as control:
        memories = (sender_memory.recall(control, sender_memory.READING, each) for each in shapes)
        return next(filter(None, memories), None)


def versions(settings: Settings, delivery: Delivery) -> list[Memory]:
    """Every version of what was decided for the shape of files of this sender, the newest first."""
    shapes = sender_shapes(delivery, load_contracts()) or ()
    if not shapes or not settings.control_path.exists():
        return []
    with open_control(settings) as control:
        return sender_memory.of_shapes(control, sender_memory.READING, shapes)


def remembered_reading(memory: Memory, reading: Reading) -> Reading:
    """A reading with what is remembered, and from where."""
    return replace(
        reading,
        **memory.values,
        recalled=tuple(memory.values),
        recalled_from=memory.load_id or "an earlier file",
        recalled_id=memory.memory_id,
    )


def remember(
    settings: Settings,
    delivery: Delivery,
    reading: Reading,
    entity: str | None,
    load_id: str,
    by: str,
    reason: str = "",
) -> None:
    """Keep what was decided by hand about a loaded file, and why; a recalled reading that somebody
    set back to inferred is forgotten.
    """
    contracts = load_contracts()
    with open_control(settings) as control:
        if reading.mapping is not None:
            header = shape(read_header(delivery, contracts, reading).header)
            sender_memory.remember(
                control,
                sender_memory.MAPPING,
                header,
                {"entity": entity, "mapping": dict(reading.mapping)},
                delivery.name,
                load_id,
                by,
                reason,
            )
        is_about_shape = reading.is_shape or reading.recalled_from
        shapes = sender_shapes(delivery, contracts) if is_about_shape else None
        if shapes is None:
            return
        memory_shape = (shapes[0] if reading.encoding else shapes[1]) if reading.is_shape else None
        for shape_of_sender in shapes:
            if shape_of_sender == memory_shape:
                sender_memory.remember(
                    control,
                    sender_memory.READING,
                    memory_shape,
                    reading.shape,
                    delivery.name,
                    load_id,
                    by,
                    reason,
                )
            else:
                sender_memory.forget_shape(control, sender_memory.READING, shape_of_sender, by)
