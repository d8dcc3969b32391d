"""Who acts, for front ends."""

from pipeline.store.control.actor import (
    NOBODY,
    ROLES,
    Actor,
    acting_as,
    as_now,
    current,
    os_user,
    set_source,
)

__all__ = ["NOBODY", "ROLES", "Actor", "acting_as", "as_now", "current", "os_user", "set_source"]
