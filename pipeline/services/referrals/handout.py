"""A choice as a page to print for the patient: whom, how far, why, and who cannot be told apart.

Nothing of the patient is on it but the procedure and the employer, and distances are from the
middle of a three-digit area: miles from a five-digit ZIP to known practices would tell it.
"""

from dataclasses import replace

import pandas as pd

from pipeline.config import Settings
from pipeline.services.access.roles import SEE, needs
from pipeline.services.referrals import explain_choices
from pipeline.services.referrals.choice_score import Weights
from pipeline.services.referrals.referrals import (
    Choice,
    Patient,
    ReferralQuery,
    choose,
    choose_for_referral,
)
from pipeline.services.tables import screen_downloads

MOST = 12
HEADINGS = {
    "place": "No.",
    "provider_name": "Provider",
    "npi": "NPI",
    "distance": "How far",
    "done": "Done to date",
    "outcome": "Adverse events",
    "cost": "Cost",
    "confidence": "Confidence",
}
MEANING = (
    "Numbers in brackets are beside what is expected (1), with 95 % intervals. Where nobody can tell providers apart, the nearest "
    "comes first: choose by what you prefer."
)


@needs(SEE)
def of_referral(
    settings: Settings,
    query: ReferralQuery,
    position: int,
    weights: Weights,
    procedure: str,
    author: str,
) -> bytes:
    """The hand-out of the referral at `position` of the list."""
    return _printed(
        settings, choose_for_referral(settings, query, position, weights), procedure, author
    )


@needs(SEE)
def of_patient(
    settings: Settings, patient: Patient, weights: Weights, procedure: str, author: str
) -> bytes:
    """The hand-out of somebody without a referral, whose ZIP becomes an area."""
    area = patient.zip5[:3] if patient.zip5 else patient.area
    choice = choose(settings, replace(patient, zip5=None, area=area), weights)
    return _printed(settings, choice, procedure, author)


def table(choice: Choice) -> pd.DataFrame:
    """The first candidates as they are offered, a row each, in words that can be compared."""
    first = choice.candidates.head(MOST)
    return pd.DataFrame(
        [
            [
                place,
                row.provider_name,
                row.npi,
                explain_choices.distance(row.miles),
                *explain_choices.compared(row),
                row.confidence or "unknown",
            ]
            for place, row in enumerate(first.itertuples(), 1)
        ],
        columns=list(HEADINGS),
    )


def sentences(choice: Choice) -> list[str]:
    """Access, cost, and what is common to the candidates of each group, by their numbers."""
    told = [choice.access.replace("**", ""), choice.cost]
    numbered = choice.candidates.head(MOST).reset_index(drop=True)
    for group, rows in numbered.groupby("group"):
        first, last = int(rows.index[0]) + 1, int(rows.index[-1]) + 1
        which = f"No. {first}" if first == last else f"No. {first} to {last}"
        told.append(f"{which}: {choice.headings[int(str(group))]}.")
    return [*told, MEANING]


def _printed(settings: Settings, choice: Choice, procedure: str, author: str) -> bytes:
    return screen_downloads.printed(
        settings,
        f"Whom to choose: {procedure}",
        sentences(choice),
        table(choice),
        HEADINGS,
        "referral_choice",
        author,
    )
