"""What a setting is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One setting: its name, default, what turns text into its value, help text, and whether it may
    be set in a home: a limit may; a place, a key or who may do what may not.
    """

    name: str
    default: str
    kind: Callable[[Any], object]
    help: str
    is_editable: bool = False

    @property
    def env_var(self) -> str:
        return f"ICON_HEALTH_{self.name.upper()}"
