"""What people do on the pages, as lines of the benchmark: each a page opened by address, then
session values as an action leaves them.

Names of providers, employers and procedures are those that the home holds; nothing of a patient is
asked for.
"""

from benchmarks.table_actions import chart_actions, table_actions
from benchmarks.visit import (
    CATALOGUE,
    FACTS,
    FEATURES,
    NETWORKS,
    PROVIDERS,
    QUALITY,
    QUARANTINE,
    REFERRALS,
    RUN,
    Visit,
    selected,
)
from pages.widgets import session
from pipeline.config import Settings
from pipeline.services.providers import providers
from pipeline.services.referrals import referrals

VIEWS = ("Distribution", "Correlation", "Drift", "As known at")


def actions(settings: Settings) -> tuple[Visit, ...]:
    """Every action, on a home that has been built."""
    npi = providers.comparison(settings).scorecard["npi"].iloc[0]
    choices = referrals.lists(settings)
    employer, procedure = choices.employers[0], next(iter(choices.procedures))
    return (
        *table_actions(),
        *chart_actions(),
        *_quarantine(),
        *_explore(npi, employer, procedure),
        *_features(),
        *_others(),
    )


def _quarantine() -> tuple[Visit, ...]:
    return (
        Visit(QUARANTINE, "switch to encounters", session={session.ENTITY: "encounters"}),
        Visit(QUARANTINE, "switch to adverse events", session={session.ENTITY: "adverse_events"}),
        Visit(
            QUARANTINE,
            "one rule of encounters",
            {session.ENTITY: "encounters"},
            {session.RULE: "ENC-06"},
        ),
        Visit(
            QUARANTINE,
            "page 100 of encounters",
            {session.ENTITY: "encounters"},
            {session.PAGE: 100},
        ),
        Visit(QUALITY, "select a rule", session=selected("rules")),
        Visit(QUALITY, "rules that failed", session={session.RULE_STATES: ["failed", "warned"]}),
        *(
            Visit(QUALITY, f"the {name.lower()}", session={session.QUALITY_TAB: name})
            for name in ("Grades", "Trend", "Row ledger")
        ),
    )


def _explore(npi: str, employer: str, procedure: str) -> tuple[Visit, ...]:
    nobody = {session.PATIENT_AGE: 68, session.PATIENT_SEX: "female", session.PATIENT_ZIP: "60601"}
    return (
        Visit(PROVIDERS, "choose a provider", session={session.PROVIDER: npi}),
        Visit(
            PROVIDERS,
            "another procedure of a provider",
            {session.PROVIDER: npi},
            {"provider_mix": "Sex"},
        ),
        Visit(PROVIDERS, "allow for over-dispersion", session={session.OVERDISPERSED: True}),
        Visit(REFERRALS, "choose an employer", session={session.EMPLOYER: employer}),
        Visit(REFERRALS, "those with a gap", session={session.GAP: "none_nearby"}),
        Visit(REFERRALS, "page 100", session={session.REFERRAL_PAGE: 100}),
        Visit(REFERRALS, "select a referral", session=selected("referrals_None_None_None_0")),
        Visit(
            REFERRALS,
            "move a slider",
            session={**selected("referrals_None_None_None_0"), session.WEIGHTS["cost"]: 0.9},
        ),
        Visit(REFERRALS, "somebody without a referral", {session.REFERRAL_MODE: "anybody"}, nobody),
        Visit(NETWORKS, "choose an employer", session={session.EMPLOYER: employer}),
        Visit(NETWORKS, "choose a procedure", session={session.PROCEDURE: procedure}),
        *(
            Visit(NETWORKS, f"the {name.lower()}", session={session.NETWORK_VIEW: name})
            for name in ("Map", "Roster", "Prices", "Savings")
        ),
    )


def _features() -> tuple[Visit, ...]:
    largest = {session.FEATURE_TABLE: "feat_patient"}
    return (
        Visit(FEATURES, "the largest feature table", session=largest),
        *(
            Visit(FEATURES, f"{view.lower()} of the largest", largest, {session.FEATURE_VIEW: view})
            for view in VIEWS
        ),
        Visit(
            FEATURES,
            "another feature of the largest",
            {**largest, session.FEATURE_VIEW: "Distribution"},
            {session.FEATURE: "paid_to_date_usd"},
        ),
        Visit(
            FEATURES,
            "page 3,000 as known at",
            {**largest, session.FEATURE_VIEW: "As known at"},
            {session.PAGE: 3_000},
        ),
        Visit(
            FEATURES,
            "providers by procedure",
            session={session.FEATURE_TABLE: "feat_provider_procedure"},
        ),
        *(
            Visit(FEATURES, f"providers: {view.lower()}", session={session.FEATURE_VIEW: view})
            for view in VIEWS
        ),
    )


def _others() -> tuple[Visit, ...]:
    return (
        Visit(RUN, "choose a model", {session.NODE: FACTS}),
        Visit(CATALOGUE, "choose a table", session={session.MODEL: FACTS}),
        Visit(CATALOGUE, "the lineage", session={session.CATALOGUE_TAB: "Lineage"}),
        Visit(CATALOGUE, "the rules", session={session.CATALOGUE_TAB: "Rules"}),
    )
