"""What another value of a setting with a limit would do to what is here, before anybody sets it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pipeline.config import Settings
from pipeline.config.table import SETTINGS
from pipeline.declared.sources import source_names
from pipeline.errors import InputRefused
from pipeline.orchestrate.gate import GATE_RULE
from pipeline.services.features.drift import drift
from pipeline.services.upload import purge, recipes
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import judged_loads, loads


@dataclass(frozen=True)
class Effect:
    """What a `value` of a setting does: it concerns `then` (ids or names) of `all_of` things, and
    concerns `now` with the value in force. `noun` is what a thing is called, `happens` what
    happens to it.
    """

    name: str
    value: str
    noun: str
    happens: str
    now: tuple[str, ...]
    then: tuple[str, ...]
    all_of: int


@dataclass(frozen=True)
class _Limit:
    """How the effect of a setting is found: `concerned` gives the things that a value concerns and
    how many there are in all.
    """

    noun: str
    happens: str
    concerned: Callable[[Settings], tuple[list[str], int]]


def can_tell(name: str) -> bool:
    """Whether the effect of a setting can be said before it is set."""
    return name in LIMITS


def of(settings: Settings, name: str, text: str) -> Effect:
    """The effect of a value beside that of the value in force; nothing is written. Raises
    InputRefused for a setting whose effect nobody can tell, and for a value that is none.
    """
    if name not in LIMITS:
        raise InputRefused("has no effect to foretell", name, f"settings: {', '.join(LIMITS)}")
    setting = next(each for each in SETTINGS if each.name == name)
    try:
        value: Any = setting.kind(text)
    except (TypeError, ValueError) as error:
        raise InputRefused(f"{text!r} is no valid value", name, setting.help) from error
    limit = LIMITS[name]
    now, _ = limit.concerned(settings)
    then, all_of = limit.concerned(replace(settings, **{name: value}))
    return Effect(name, str(value), limit.noun, limit.happens, tuple(now), tuple(then), all_of)


def _in_force(settings: Settings) -> list[dict]:
    """The loads in force, oldest first."""
    if not warehouse_exists(settings):
        return []
    with open_warehouse(settings) as connection:
        if not has_relation(connection, "ops_loads"):
            return []
        history = loads.history(connection)
    return [load for load in reversed(history) if load["status"] == "loaded"]


def _held(settings: Settings) -> tuple[list[str], int]:
    """Loads of which rules hold back more than the gate lets pass, as their rows were last
    judged; whether somebody released one counts nothing.
    """
    here = _in_force(settings)
    if not here:
        return [], 0
    with open_warehouse(settings) as connection:
        shares = judged_loads.quarantined_shares(connection, source_names(), GATE_RULE)
    known = [load["load_id"] for load in here if load["load_id"] in shares]
    return [name for name in known if shares[name] > settings.gate_threshold], len(known)


def _refused(settings: Settings) -> tuple[list[str], int]:
    """Loads with more lines that are no row than a file may have."""
    here = [load for load in _in_force(settings) if load["received"]]
    most = settings.reject_threshold
    too_many = [each for each in here if (each["rejected"] or 0) / each["received"] > most]
    return [load["load_id"] for load in too_many], len(here)


def _too_long(settings: Settings) -> tuple[list[str], int]:
    here = _in_force(settings)
    long = [load["load_id"] for load in here if (load["received"] or 0) > settings.max_rows]
    return long, len(here)


def _expired(settings: Settings) -> tuple[list[str], int]:
    here = _in_force(settings)
    return (purge.expired(settings) if here and settings.retention_days else []), len(here)


def _offered(settings: Settings) -> tuple[list[str], int]:
    offers = [each.load_id for each in recipes.offered(settings)]
    least = replace(settings, recipe_corrections=1)
    return offers, len(recipes.offered(least))


def _drifted(settings: Settings) -> tuple[list[str], int]:
    if not warehouse_exists(settings):
        return [], 0
    report = drift(settings, is_for_screen=True)
    return list(report.drifted), sum(len(table.features) for table in report.tables)


DRIFT = _Limit("feature", "would be called drifted", _drifted)
#: Setting -> what it limits.
LIMITS = {
    "gate_threshold": _Limit("load", "would have waited at the gate", _held),
    "reject_threshold": _Limit("load", "would have been refused as a file", _refused),
    "max_rows": _Limit("load", "would have been refused as too long", _too_long),
    "retention_days": _Limit("load", "would be purged by the next purge --expired", _expired),
    "recipe_corrections": _Limit("repeated correction", "would be offered", _offered),
    "drift_psi": DRIFT,
    "drift_ks": DRIFT,
    "drift_missing": DRIFT,
}
