"""Settings that somebody set in a home, on the page Settings or by `settings set`: the file
`settings.json` there, setting -> its value as text.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from pipeline.config.table import SETTINGS
from pipeline.errors import InputRefused

FILE, FILE_MODE = "settings.json", 0o600
#: What a home may set. All else (places, keys, who may do what) is for who starts the process.
EDITABLE = {setting.name: setting for setting in SETTINGS if setting.is_editable}
#: No file of settings is larger; what is, is none.
MOST_BYTES = 64 * 1024


def path(home: Path) -> Path:
    """The file of a home."""
    return home / FILE


def read(home: Path) -> dict[str, str]:
    """What the home sets; nothing without a file. Raises InputRefused for a file that holds
    anything else than settings that a home may set.
    """
    place = path(home)
    try:
        with open(place, "rb") as file:
            values = json.loads(file.read(MOST_BYTES + 1))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise InputRefused("cannot be read as settings", str(place), "remove the file") from error
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
        raise InputRefused("holds no settings", str(place), "remove the file")
    for name in values.keys() - EDITABLE.keys():
        raise InputRefused(
            f"sets {name!r}, which no home may set", str(place), "take it out of the file"
        )
    return values


def write(home: Path, values: Mapping[str, str]) -> None:
    """Put the file in place whole, for its owner only; without values there is none."""
    place = path(home)
    if not values:
        place.unlink(missing_ok=True)
        return
    # one name, so that what a killed writer left is written over; who writes holds the control file
    coming = place.with_suffix(".new")
    opened = os.open(coming, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    with open(opened, "w", encoding="utf-8") as file:
        json.dump(dict(values), file, indent=2, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    os.replace(coming, place)


def stamp(home: Path) -> tuple[int, int, int]:
    """Another one whenever the file was written anew; zeros without a file."""
    try:
        status = path(home).stat()
    except (FileNotFoundError, NotADirectoryError):
        return (0, 0, 0)
    return (status.st_ino, status.st_mtime_ns, status.st_size)
