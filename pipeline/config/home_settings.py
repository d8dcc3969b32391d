"""Settings that somebody set in a home, on the page Settings or by `settings set`: the file
`settings.json` there, setting -> its value as text.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pipeline.config.table import SETTINGS
from pipeline.errors import InputRefused

FILE = "settings.json"
#: What a home may set. All else (places, keys, who may do what) is for who starts the process.
EDITABLE = {setting.name: setting for setting in SETTINGS if setting.is_editable}
#: No file of settings is larger; what is, is none.
MOST_BYTES = 64 * 1024


def read(home: Path) -> dict[str, str]:
    """What the home sets; nothing without a file. Raises InputRefused for a file that holds
    anything else than settings that a home may set.
    """
    path = home / FILE
    try:
        with open(path, "rb") as file:
            values = json.loads(file.read(MOST_BYTES + 1))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise InputRefused("cannot be read as settings", str(path), "remove the file") from error
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
        raise InputRefused("holds no settings", str(path), "remove the file")
    for name in values.keys() - EDITABLE.keys():
        raise InputRefused(
            f"sets {name!r}, which no home may set", str(path), "take it out of the file"
        )
    return values


def write(home: Path, values: Mapping[str, str]) -> None:
    """Put the file in place whole, for its owner only; without values there is none."""
    path = home / FILE
    if not values:
        path.unlink(missing_ok=True)
        return
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=home, delete=False) as file:
        json.dump(dict(values), file, indent=2, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)


def stamp(home: Path) -> tuple[int, int, int]:
    """Another one whenever the file was written anew; zeros without a file."""
    try:
        status = (home / FILE).stat()
    except (FileNotFoundError, NotADirectoryError):
        return (0, 0, 0)
    return (status.st_ino, status.st_mtime_ns, status.st_size)
