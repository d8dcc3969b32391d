"""What was decided about senders' files and is done again by itself: list it, and forget it."""

from dataclasses import replace

from pipeline.config import Settings
from pipeline.ingest import tray
from pipeline.ingest.reading import Reading
from pipeline.privacy.masking import masked_value
from pipeline.services.access.roles import OPERATE, WORK, needs
from pipeline.services.run import runs
from pipeline.services.upload import tray as tray_service
from pipeline.store.control import audit, sender_memory
from pipeline.store.control.control_file import open_control
from pipeline.store.control.sender_memory import Memory
from pipeline.store.sqlite.statements import transaction

__all__ = ["Memory", "forget", "profiles"]


@needs(WORK)
def profiles(settings: Settings) -> list[Memory]:
    """What was decided about senders' files: what is in force, then what was, the newest first;
    with the names of files as a screen may show them.
    """
    if not settings.control_path.exists():
        return []
    with open_control(settings) as control:
        memories = sender_memory.all_memories(control)
    return [
        replace(each, source_file=masked_value(each.source_file, "ops_loads", "source_file"))
        for each in memories
    ]


@needs(OPERATE)
def forget(settings: Settings, memory_id: int) -> None:
    """Read files of that shape as inferred from now on, those that wait in the tray as well."""
    with open_control(settings) as control, transaction(control):
        sender_memory.forget(control, memory_id, runs.person())
        audit.append(control, "forget reading", str(memory_id), {})
    for file in tray_service.waiting(settings):
        reading = file.reading
        if reading.recalled or reading.is_remembered:
            forgotten = replace(
                Reading(),
                entity=None if reading.is_remembered else reading.entity,
                mapping=None if reading.is_remembered else reading.mapping,
                **{
                    name: value
                    for name, value in reading.shape.items()
                    if name not in reading.recalled
                },
            )
            file = replace(file, reading=forgotten)
            reading = tray_service.recalled(settings, file)
            tray.read_as(settings.tray_dir, file.tray_id, reading)
