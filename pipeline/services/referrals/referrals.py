"""Whom to offer a patient: the candidates for a referral or for anybody described by age, sex,
procedure, ZIP and employer.

A referral is named by its place in the list, so that no identifier leaves here; its patient is
shown masked.
"""

from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.variables import load_variables
from pipeline.errors import InputRefused
from pipeline.privacy.masking import POSTAL, masked_values
from pipeline.services.networks import explain_networks
from pipeline.services.referrals import choice_score, explain_choices
from pipeline.services.referrals.choice_score import Weights, standard_weights
from pipeline.services.tables import outcome_maturity
from pipeline.services.tables.visible import open_visible
from pipeline.services.why import absent_sources
from pipeline.store.browse import aggregates, tables
from pipeline.store.marts import networks, referrals
from pipeline.store.marts.referrals import ReferralQuery
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import relation_names
from pipeline.store.warehouse.state import build_stamp

__all__ = [
    "Choice",
    "Lists",
    "Patient",
    "ReferralPage",
    "ReferralQuery",
    "Weights",
    "choose",
    "choose_for_referral",
    "lists",
    "page",
    "standard_weights",
]

NEEDED = (
    "network_option",
    "network_expected_cost",
    "referral_access",
    "std_referrals",
    "std_providers",
    "provider_case_mix",
    "dim_procedure",
    "zip_centroid",
    "employer_network_coverage",
)
#: What a choice for somebody is made of.
SHOWN = (
    "network_option",
    "network_expected_cost",
    "std_providers",
    "provider_case_mix",
    "zip_centroid",
)
OUTCOME_SOURCES, SUPPLY_SOURCES = ("adverse_events",), ("employer_networks", "encounters")
SEXES = ("female", "male", "other", "unknown")
MOST_SHOWN = 50


@dataclass(frozen=True)
class Lists:
    """What can be asked for: employers, procedures in words, gaps in words; `maturity` says which
    encounters are too recent for their adverse events to count.
    """

    employers: tuple[str, ...]
    procedures: dict[str, str]
    gaps: dict[str, str]
    maturity: str


@dataclass(frozen=True)
class ReferralPage:
    """Some referrals, masked, and how many there are."""

    rows: pd.DataFrame
    total: int


@dataclass(frozen=True)
class Patient:
    """Who needs what. `age` None and `zip5` None are unknown; `area` are the three digits that
    stand in place of a `zip5` that nobody is shown.
    """

    employer: str
    cpt: str
    sex: str
    age: int | None
    zip5: str | None
    area: str | None = None


@dataclass(frozen=True)
class Choice:
    """Candidates in order, each with `reasons` and `group`, and what stands above each group
    (`headings`).

    In words how near and how dear; the places for a map, of the patient only the area. `total`
    counts those beyond the most shown, too. Where outcomes are unknown nobody is put in order: no
    scores, the nearest first; so do those whom nobody can tell apart in quality.
    """

    candidates: pd.DataFrame
    headings: dict[int, str]
    total: int
    access: str
    cost: str
    places: pd.DataFrame
    home: pd.DataFrame
    unplaced: str


def lists(settings: Settings) -> Lists | None:
    """The choices of the page; None until gold is built."""
    if not warehouse_exists(settings):
        return None
    with open_visible(settings, "employer_network_coverage", "dim_procedure") as connection:
        if not set(NEEDED) <= set(relation_names(connection)):
            return None
        employers = aggregates.grouped(
            connection, "employer_network_coverage", "employer_id", limit=tables.MAX_PAGE_ROWS
        )
        labels = tables.table_page(
            connection, "dim_procedure", columns=("cpt", "plain_label"), sort="cpt"
        )
    return Lists(
        tuple(sorted(employers["employer_id"])),
        dict(labels.itertuples(index=False, name=None)),
        explain_networks.GAPS,
        outcome_maturity.sentence(settings),
    )


def page(settings: Settings, query: ReferralQuery, limit: int, offset: int) -> ReferralPage:
    """Referrals `offset` to `offset + limit`, with the patient masked."""
    with open_warehouse(settings) as connection:
        rows = referrals.referral_page(connection, query, limit, offset)
        total = referrals.referral_count(connection, query)
        as_of = (build_stamp(connection) or {}).get("as_of")
        labels = tables.table_page(
            connection, "dim_procedure", columns=("cpt", "plain_label")
        ).set_index("cpt")["plain_label"]
    visible = pd.DataFrame(
        {
            "patient": masked_values(rows["patient_id"], "std_referrals", "patient_id"),
            "sex": rows["gender"],
            "age": masked_values(rows["birth_date"], "std_referrals", "birth_date", as_of),
            "zip": masked_values(rows["zip5"], "std_referrals", "zip5"),
            "procedure": rows["cpt"].map(labels).fillna(rows["cpt"]),
            "employer_id": rows["employer_id"],
            "options": rows["candidate_count"],
            "access": rows["gap_reason"].map(explain_networks.GAPS),
        }
    )
    return ReferralPage(visible, total)


def choose_for_referral(
    settings: Settings, query: ReferralQuery, position: int, weights: Weights
) -> Choice:
    """The candidates of the referral at `position` of the list. Raises InputRefused when the list
    is shorter.

    Distances, and all that follows from them, are from the middle of the area that the list shows:
    some exact miles from known practices, or the order by them, would tell the five digits.
    """
    with open_warehouse(settings) as connection:
        rows = referrals.referral_page(connection, query, 1, position)
        as_of = (build_stamp(connection) or {}).get("as_of")
    if rows.empty:
        raise InputRefused(
            "is not in the list any more", "the chosen referral", "choose another one"
        )
    row = next(rows.itertuples())
    (shown,) = masked_values(rows["zip5"], "std_referrals", "zip5")
    area = str(shown)[:3] if POSTAL.fullmatch(str(row.zip5)) else None
    sex = row.gender if row.gender in SEXES else "unknown"
    return choose(
        settings,
        Patient(row.employer_id, row.cpt, sex, _age(row.birth_date, as_of), None, area),
        weights,
    )


def choose(settings: Settings, patient: Patient, weights: Weights) -> Choice:
    """The candidates for anybody, best first, with reasons. Nothing that a screen hides decides an
    order, a rank or a probability, whatever the weights.
    """
    with open_visible(settings, *SHOWN) as connection:
        options = referrals.options(connection, patient.employer, patient.cpt)
        here = referrals.place_of(connection, patient.zip5)
        area = patient.area or (patient.zip5[:3] if here and patient.zip5 else None)
        home = networks.places_of_areas(connection, [area] if area else [])
        if patient.area and len(home):
            here = (home["latitude"][0], home["longitude"][0])
        similar = referrals.similar_patients(
            connection, patient.cpt, patient.sex, near_bands(patient.age)
        )
        cost = referrals.expected_cost(connection, patient.employer, patient.cpt)
        outcomes_unknown, supply_unknown = (
            absent_sources.reasons(absent_sources.of_sources(connection, names))
            for names in (OUTCOME_SOURCES, SUPPLY_SOURCES)
        )
    if not outcomes_unknown:
        # a cell that no screen shows counts like one of which nothing is known, in every order too
        is_hidden = (options["is_measured"] == 1) & options["outcome_score"].isna()
        options["is_measured"] = options["is_measured"].mask(is_hidden, 0)
        options["confidence"] = options["confidence"].mask(is_hidden, "unknown")
    options["miles"] = choice_score.miles_from(here, options["latitude"], options["longitude"])
    everybody = (
        choice_score.by_distance(options)
        if outcomes_unknown
        else choice_score.for_people(choice_score.ranked(options, weights))
    )
    candidates = everybody.head(MOST_SHOWN).copy()
    candidates["reasons"] = [
        explain_choices.reasons(
            row, patient.employer, volume_band(similar.get(row.npi, 0)), outcomes_unknown
        )
        for row in candidates.itertuples()
    ]
    sizes = everybody["group"].value_counts()
    headings = {
        int(group): explain_choices.group(int(group), int(size), outcomes_unknown)
        for group, size in sizes.items()
    }
    placed = candidates.dropna(subset=["latitude", "longitude"])
    places = pd.DataFrame(
        {
            "latitude": placed["latitude"],
            "longitude": placed["longitude"],
            "providers": 1,
            "performing": True,
            "words": [
                f"{row.provider_name}<br>{explain_choices.distance(row.miles)}"
                for row in placed.itertuples()
            ],
        }
    )
    home = home.assign(words=[f"somewhere in ZIP {zip3}**" for zip3 in home["zip3"]])
    near = explain_choices.access(
        patient.employer, everybody["miles"].tolist(), here is not None, supply_unknown
    )
    if patient.area and here:
        near = f"{near} {explain_choices.FROM_AREA}"
    return Choice(
        candidates,
        headings,
        len(everybody),
        near,
        explain_choices.expected_cost(*cost, supply_unknown),
        places,
        home,
        explain_networks.unplaced(len(candidates) - len(placed), 0),
    )


def near_bands(age: int | None) -> tuple[str, ...]:
    """The age band of an age and those beside it, as gold names them."""
    bounds = load_variables()["age_bands"]
    labels = [f"{low}-{high - 1}" for low, high in zip(bounds, bounds[1:], strict=False)] + [
        f"{bounds[-1]}+"
    ]
    if age is None:
        return ("unknown",)
    own = max(place for place, low in enumerate(bounds) if age >= low)
    return tuple(labels[max(0, own - 1) : own + 2])


def volume_band(count: int) -> str | None:
    """The band of a count as gold names it; None for none. A count itself could be subtracted from
    another.
    """
    if not count:
        return None
    bounds = [1, *load_variables()["volume_bands"]]
    own = max(place for place, low in enumerate(bounds) if count >= low)
    return f"{bounds[own]}+" if own == len(bounds) - 1 else f"{bounds[own]}–{bounds[own + 1] - 1}"


def _age(birth_date: str | None, as_of: str | None) -> int | None:
    born, today = (
        pd.to_datetime(birth_date, errors="coerce"),
        pd.to_datetime(as_of, errors="coerce"),
    )
    if pd.isna(born) or pd.isna(today):
        return None
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years if years >= 0 else None
