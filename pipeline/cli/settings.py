"""settings list, set, reset: the limits in force, where each comes from, and setting them."""

from dataclasses import asdict

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, Verbs, one_of, verb
from pipeline.config import Settings, home_settings


@click.group("settings", cls=Verbs)
def settings() -> None:
    """The settings in force, and limits that are set in the home."""


NAME = click.argument(
    "name", metavar="NAME", shell_complete=one_of(lambda: list(home_settings.EDITABLE))
)


@verb("list", settings)
def list_settings(settings: Settings) -> Answer:
    """Each setting, its value, where that comes from, and who set it when that was in the home."""
    from pipeline.services.settings import changing
    from pipeline.services.settings import settings as service

    rows = service.setting_rows(settings)
    changes = changing.changes(settings)
    by = {row.name: changes[row.name].by for row in rows if row.name in changes}
    shown = [(row.name, row.value, row.origin, by.get(row.name, "")) for row in rows]
    document = [asdict(row) | {"set_by": by.get(row.name)} for row in rows]
    return Answer(
        {"settings": document},
        (text.table(shown, ("setting", "value", "from", "set by"), "Settings"),),
    )


@verb("set", settings)
@NAME
@click.argument("value", metavar="VALUE")
def set_setting(settings: Settings, name: str, value: str) -> Answer:
    """Set a limit in the home, for every process that works there from now on."""
    from pipeline.services.settings import changing

    return _now(changing.set_in_home(settings, name, value), name)


@verb("reset", settings)
@NAME
def reset_setting(settings: Settings, name: str) -> Answer:
    """Go back to the default of a limit that the home sets."""
    from pipeline.services.settings import changing

    return _now(changing.unset_in_home(settings, name), name)


def _now(settings: Settings, name: str) -> Answer:
    value = settings.as_text()[name]
    origin = dict(settings.origins)[name]
    return Answer(
        {"name": name, "value": value, "origin": origin}, (f"{name}: {value} ({origin})",)
    )
