"""Training sets that somebody gave a name: features of the store by name and version, to be opened
again. Versions are only added, so a name with its version means the same features for ever.
"""

import re
from collections.abc import Sequence

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.features.entity_frame import feature_requests
from pipeline.services.access.roles import EXPORT, SEE, needs
from pipeline.services.quarantine import audit_text
from pipeline.store.control import audit, feature_sets
from pipeline.store.control.control_file import open_control
from pipeline.store.control.feature_sets import FeatureSet
from pipeline.store.sqlite.statements import transaction

__all__ = ["FeatureSet", "all_sets", "save"]

#: Letters of a name; it stands in links.
NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


@needs(SEE)
def all_sets(settings: Settings) -> list[FeatureSet]:
    """Every version of every set, by name, the newest first."""
    with open_control(settings) as control:
        return feature_sets.all_sets(control)


@needs(EXPORT)
def save(
    settings: Settings,
    name: str,
    features: Sequence[str],
    mature_only: bool = False,
    by: str | None = None,
) -> FeatureSet:
    """Keep features under a name, as its next version, and record it; the newest version is given
    back where it holds the same.

    Raises InputRefused for a name that is none or may hold an identifier, for no feature and for an
    unknown one.
    """
    name = audit_text.words(name)
    if not NAME.fullmatch(name):
        raise InputRefused(
            "is no name for a set", "the name", "small letters, digits and _; begin with a letter"
        )
    feature_requests(features)
    with open_control(settings) as control, transaction(control):
        newest = next((each for each in feature_sets.all_sets(control) if each.name == name), None)
        if newest and (newest.features, newest.mature_only) == (tuple(features), mature_only):
            return newest
        added = feature_sets.add(control, name, features, mature_only, audit_text.author(by))
        told = {"features": list(features), "mature_only": mature_only}
        audit.append(control, "save feature set", added.title, told)
        return added
