"""Every encounter, patient, adverse event and referral of a seed, by index, without any state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.synthetic.distributions import (
    CPTS,
    DAYS_A_YEAR,
    GRID,
    PROCEDURES,
    RISK_ONE,
    age_days_table,
    paid_table,
    risk_table,
    shares_to_limits,
)
from pipeline.synthetic.encoding import Columns, dates, digits, texts, words
from pipeline.synthetic.hashing import draw, draw_below
from pipeline.synthetic.identifiers import (
    FIRST_PATIENT_ID,
    FIRST_REFERRAL_PATIENT_ID,
    encounter_ids,
    shuffled,
    zip_codes,
)
from pipeline.synthetic.roster import Roster, roster

EXTRACT_DAY = int(np.datetime64("2025-06-30").astype(np.int64))
_GENDERS = ("female", "male")
_FEMALE_PER_MILLE = 601


@dataclass(frozen=True)
class Population:
    """`rows` encounters of a seed; `referral_overlap_percent` of the referrals are of people in
    patients.
    """

    rows: int
    seed: int
    world: str = "null"
    age: str = "observed"
    employers: int = 5
    encounters_per_patient: int = 1
    referral_overlap_percent: int = 0

    @cached_property
    def roster(self) -> Roster:
        """The providers."""
        return roster(self.rows, self.seed, self.world, self.employers)

    @cached_property
    def _risks(self) -> np.ndarray:
        return risk_table(self.roster.effects)

    @cached_property
    def _average_risks(self) -> np.ndarray:
        return risk_table(np.zeros(1))

    @property
    def patients(self) -> int:
        """How many people the encounters belong to."""
        return -(-self.rows // self.encounters_per_patient)

    @property
    def referrals(self) -> int:
        """How many referrals: one for five encounters."""
        return max(1, self.rows // 5)

    def size(self, entity: str) -> int:
        """Index range of an entity; adverse events are a subset of the encounters' range."""
        return {"patients": self.patients, "referrals": self.referrals}.get(entity, self.rows)

    def provider_of(self, index: np.ndarray) -> np.ndarray:
        """Provider number of each encounter."""
        words32 = draw(self.seed, "provider", index) >> np.uint64(32)
        return np.searchsorted(self.roster.limits, words32, side="right")

    def patient_of(self, index: np.ndarray) -> np.ndarray:
        """Patient number of each encounter."""
        return index % self.patients

    def procedure_of(self, index: np.ndarray, stream: str = "procedure") -> np.ndarray:
        """Position in PROCEDURES of each encounter (or referral)."""
        limits = shares_to_limits([procedure.share for procedure in PROCEDURES])
        return np.searchsorted(
            limits, draw(self.seed, stream, index) >> np.uint64(32), side="right"
        )

    def risk_of(self, index: np.ndarray, *, average: bool = False) -> np.ndarray:
        """Adverse-event risk in units of 1/RISK_ONE: of the provider, or of an average provider."""
        years = (self._age_days(self.patient_of(index)) / DAYS_A_YEAR).astype(np.int64)
        provider = 0 if average else self.provider_of(index)
        return (self._average_risks if average else self._risks)[
            self.procedure_of(index), years, provider
        ]

    def has_adverse_event(self, index: np.ndarray) -> np.ndarray:
        """Whether each encounter has an adverse event."""
        return draw_below(self.seed, "adverse", index, RISK_ONE) < self.risk_of(index)

    def members(self, entity: str, first: int, last: int) -> np.ndarray:
        """The indexes of an entity within [first, last)."""
        index = np.arange(first, last, dtype=np.int64)
        return index[self.has_adverse_event(index)] if entity == "adverse_events" else index

    def columns(self, entity: str, index: np.ndarray) -> Columns:
        """The delivered columns of patients, encounters, referrals or adverse_events."""
        return getattr(self, f"_{entity}")(index)

    def row(self, entity: str, index: int) -> dict[str, str]:
        """One row as text by column."""
        return texts(self.columns(entity, np.array([index], np.int64)), 0)

    def _encounters(self, index: np.ndarray) -> Columns:
        procedure = self.procedure_of(index)
        paid = paid_table()[procedure, draw_below(self.seed, "paid", index, GRID * 3)]
        return {
            "encounter_id": encounter_ids(self.seed, index),
            "npi": words(self.provider_of(index), self.roster.npis),
            "patient_id": digits(self._patient_ids(self.patient_of(index))),
            "cpt": words(procedure, CPTS),
            "paid_amount": digits(paid),
        }

    def _adverse_events(self, index: np.ndarray) -> Columns:
        return {"encounter_id": encounter_ids(self.seed, index)}

    def _patients(self, index: np.ndarray) -> Columns:
        return {
            "patient_id": digits(self._patient_ids(index)),
            "gender": self._genders("patient", index),
            "birth_date": dates(EXTRACT_DAY - self._age_days(index)),
        }

    def _referrals(self, index: np.ndarray) -> Columns:
        procedure = self.procedure_of(index, "referral-procedure")
        is_overlap = (
            draw_below(self.seed, "referral-overlap", index, 100) < self.referral_overlap_percent
        )
        person = index % self.patients
        gender, days = (
            self._genders("referral", index),
            self._age_days(index, procedure, "referral-age"),
        )
        first = max(
            FIRST_REFERRAL_PATIENT_ID,
            -(-(FIRST_PATIENT_ID + self.patients) // 1_000_000) * 1_000_000,
        )
        strangers = first + shuffled(self.seed, index, self.referrals)
        employer = draw_below(self.seed, "referral-employer", index, len(self.roster.employers))
        return {
            "patient_id": digits(np.where(is_overlap, self._patient_ids(person), strangers)),
            "gender": np.where(is_overlap[:, None], self._genders("patient", person), gender),
            "birth_date": dates(EXTRACT_DAY - np.where(is_overlap, self._age_days(person), days)),
            "procedure": words(procedure, CPTS),
            "zip": digits(zip_codes(self.seed, "referral-zip", index), 9),
            "employer_id": words(employer, self.roster.employers),
        }

    def _patient_ids(self, patient: np.ndarray) -> np.ndarray:
        return FIRST_PATIENT_ID + shuffled(self.seed, patient, self.patients)

    def _genders(self, stream: str, index: np.ndarray) -> np.ndarray:
        male = draw_below(self.seed, f"{stream}-gender", index, 1000) >= _FEMALE_PER_MILLE
        return words(male.astype(np.int64), _GENDERS)

    def _age_days(
        self, index: np.ndarray, procedure: np.ndarray | None = None, stream: str = "age"
    ) -> np.ndarray:
        procedure = self.procedure_of(index) if procedure is None else procedure
        days = age_days_table(self.age)[procedure, draw_below(self.seed, stream, index, GRID)]
        return days + draw_below(self.seed, f"{stream}-day", index, 365) - 182
