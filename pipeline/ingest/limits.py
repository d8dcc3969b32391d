"""How large a delivery may be before it is refused: one value of each limit, from the settings."""

from dataclasses import dataclass
from types import SimpleNamespace

from pipeline.config import Settings
from pipeline.config.table import SETTINGS
from pipeline.errors import InputRefused

MB = 1024**2
#: Small files pack by any factor; the ratio counts once so many bytes are unpacked.
RATIO_COUNTS_FROM = 16 * MB


@dataclass(frozen=True)
class Limits:
    """The most that one file may hold: columns, rows, bytes of a cell, bytes once unpacked, and how
    many times larger it may become by unpacking; `free_bytes` stay free on the disk.
    """

    columns: int
    rows: int
    cell_bytes: int
    unpacked_bytes: int
    ratio: int
    free_bytes: int

    @classmethod
    def of(cls, settings: Settings | SimpleNamespace) -> "Limits":
        """The limits that the settings state."""
        return cls(
            settings.max_columns,
            settings.max_rows,
            settings.max_cell_mb * MB,
            settings.max_unpacked_mb * MB,
            settings.max_unpack_ratio,
            settings.min_free_mb * MB,
        )

    def refuse_wide(self, name: str, columns: int) -> None:
        """Raise InputRefused when a table has more columns than it may have."""
        if columns > self.columns:
            raise InputRefused(
                f"has more than {self.columns:,} columns",
                name,
                "deliver the columns of the source, one row a line; the setting max_columns allows "
                "more",
            )

    def refuse_bomb(self, name: str, unpacked: int, packed: int) -> None:
        """Raise InputRefused when a file becomes larger by unpacking than a table does; sizes in
        bytes.
        """
        if unpacked > RATIO_COUNTS_FROM and unpacked > self.ratio * max(packed, 1):
            raise InputRefused(
                f"is unpacked more than {self.ratio} times as large",
                name,
                "look at it, and deliver the table in it; the setting max_unpack_ratio allows more",
            )
        if unpacked > self.unpacked_bytes:
            raise InputRefused(
                f"is unpacked larger than {self.unpacked_bytes // MB:,} MB",
                name,
                "deliver it in parts; the setting max_unpacked_mb allows more",
            )


class Growth:
    """Adds up what a file becomes by unpacking, and refuses it once that is more than it may be."""

    def __init__(self, limits: Limits, name: str, packed: int) -> None:
        self._limits, self._name, self._packed = limits, name, packed
        self._unpacked = 0

    def add(self, unpacked: int) -> None:
        """Count so many more bytes or characters; raises InputRefused."""
        self._unpacked += unpacked
        self._limits.refuse_bomb(self._name, self._unpacked, self._packed)


#: The limits by the defaults of the settings.
DEFAULT_LIMITS = Limits.of(
    SimpleNamespace(**{setting.name: setting.kind(setting.default) for setting in SETTINGS})
)
