"""Set a limit in the home, for everything that runs there from then on, on record."""

from dataclasses import dataclass, replace

from pipeline.config import Settings, home_settings, load_settings, valid
from pipeline.config.setting import Setting
from pipeline.config.table import SETTINGS
from pipeline.config.values import as_words
from pipeline.errors import InputRefused
from pipeline.services.access.roles import ADMINISTER, needs, refusal
from pipeline.services.settings import effects
from pipeline.store.control import audit
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.home_files import prepare_home
from pipeline.store.sqlite.statements import transaction

#: What the audit trail calls it.
ACTION = "set in home"


@dataclass(frozen=True)
class Change:
    """A change of a setting in the home: when (UTC), by which login, and the values before and
    after; `after` is empty when the home sets it no more.
    """

    at: str
    by: str
    before: str
    after: str


@needs(ADMINISTER)
def set_in_home(settings: Settings, name: str, text: str) -> Settings:
    """Set a limit in the home; returns the settings that are in force then.

    The trail says who, from which value to which, and what was foretold of it. Raises InputRefused
    for a setting that no home may set or that an argument or the environment states, and for a
    value that is none.
    """
    setting = _editable(settings, name)
    value = valid(setting, text.strip())
    return _put(settings, setting, as_words(value), replace(settings, **{name: value}))


@needs(ADMINISTER)
def unset_in_home(settings: Settings, name: str) -> Settings:
    """Go back to the default of a setting that the home sets; returns the settings in force then.

    Raises InputRefused for a setting that the home does not set.
    """
    setting = _editable(settings, name)
    if name not in home_settings.read(settings.home):
        raise InputRefused("is not set in the home", name)
    value = valid(setting, setting.default)
    return _put(settings, setting, "", replace(settings, **{name: value}))


def closed(settings: Settings, name: str) -> str | None:
    """Why the one who acts cannot set a setting in the home; None when they can."""
    error: InputRefused | None = refusal(ADMINISTER, name)
    if error is None:
        try:
            _editable(settings, name)
        except InputRefused as not_here:
            error = not_here
    return None if error is None else str(error)


def changes(settings: Settings) -> dict[str, Change]:
    """Setting -> the change on record that brought what the home sets; none for a value that got
    into the file otherwise.
    """
    of_home = home_settings.read(settings.home)
    if not of_home or not settings.control_path.exists():
        return {}
    with open_control(settings) as control:
        last = {
            record.target: Change(
                record.at, record.subject, record.facts["before"], record.facts["after"]
            )
            for record in audit.about(control, (ACTION,))
        }
    return {name: change for name, change in last.items() if change.after == of_home.get(name)}


def _editable(settings: Settings, name: str) -> Setting:
    if name not in {each.name for each in SETTINGS}:
        raise InputRefused("is no setting", name, "icon-health settings list")
    setting = home_settings.EDITABLE.get(name)
    if setting is None:
        raise InputRefused(
            "is for who starts the program, not for a home",
            name,
            f"ICON_HEALTH_{name.upper()} in its environment states it",
        )
    origin = dict(settings.origins).get(name)
    if origin in ("argument", "environment"):
        raise InputRefused(
            f"is stated by the {origin}, which counts more than the home",
            name,
            f"change {setting.env_var} there, or take it out",
        )
    return setting


def _put(settings: Settings, setting: Setting, text: str, then: Settings) -> Settings:
    """Write the file and its record, both or neither; `then` has the effect that is foretold."""
    name = setting.name
    foretold = _foretold(settings, then, name)
    prepare_home(settings)
    with open_control(settings) as control:
        before = None
        try:
            with transaction(control):
                before = home_settings.read(settings.home)
                kept = {key: value for key, value in before.items() if key != name}
                home_settings.write(settings.home, {**kept, name: text} if text else kept)
                # as it is now, whatever stood there when these settings were loaded
                changed = {"before": before.get(name, setting.default), "after": text}
                audit.append(control, ACTION, name, changed | foretold)
                given = {key: value for key, value in settings.given().items() if key != name}
                now = load_settings(**given)
                audit.note_settings(control, now.as_text())
        except BaseException:
            if before is not None:
                home_settings.write(settings.home, before)
            raise
    return now


def _foretold(settings: Settings, then: Settings, name: str) -> dict[str, int | str]:
    """What the effect of the new value was said to be, as counts; nothing where nobody can tell."""
    if not effects.can_tell(name):
        return {}
    effect = effects.of(settings, name, as_words(getattr(then, name)))
    return {
        "happens": effect.happens,
        "of": effect.all_of,
        "concerned_before": len(effect.now),
        "concerned_after": len(effect.then),
    }
