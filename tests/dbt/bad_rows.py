"""Rows that break a rule each, beside the valid world of the factories."""

from tests.factories import (
    adverse_event,
    encounter,
    encounter_id,
    network,
    npi,
    patient,
    provider,
    referral,
)


def broken_npi() -> str:
    good = npi(1)
    return good[:-1] + str((int(good[-1]) + 1) % 10)


# entity -> rule name -> rows that break it (beside the valid world); the first column that tells
# them apart is the key
BAD_ROWS = {
    "patients": {
        "patients__row__no_copy": [patient(114), patient(114)],
        "patients__patient_id__present": [patient(100, patient_id="")],
        "patients__patient_id__digits": [patient(101, patient_id="12A45")],
        "patients__patient_id__one_demographics": [patient(102), patient(102, gender="unknown")],
        "patients__row__one_version_per_delivery": [
            patient(103),
            patient(103, birth_date="1951-01-01"),
        ],
        "patients__gender__in_domain": [patient(104, gender="7")],
        "patients__birth_date__present": [patient(105, birth_date="")],
        "patients__birth_date__is_date": [patient(106, birth_date="03/04/1950")],
        "patients__birth_date__not_in_future": [patient(107, birth_date="2999-01-01")],
        "patients__birth_date__age_possible": [patient(108, birth_date="1850-06-01")],
        "patients__birth_date__age_rare": [patient(109, birth_date="1850-06-01")],
        "patients__birth_date__no_placeholder": [patient(110, birth_date="1900-01-01")],
        "patients__patient_id__has_activity": [patient(111)],
        "patients__row__no_blanks_or_tokens": [patient(112, gender=" female ")],
        "patients__patient_id__no_twin_with_zeros": [
            patient(115, patient_id="77115"),
            patient(115, patient_id="0077115", gender="unknown"),
        ],
        "patients__row__no_reformatted_date": [patient(116, birth_date="24-MAR-1950")],
        "patients__row__no_float_identifier": [patient(113, patient_id="1000113.0")],
    },
    "providers": {
        "providers__row__no_copy": [provider(64), provider(64)],
        "providers__npi__present": [provider(50, npi="")],
        "providers__npi__shape": [provider(51, npi="123")],
        "providers__npi__check_digit": [provider(52, npi=broken_npi())],
        "providers__npi__one_name": [provider(53), provider(53, provider_name="Somebody, Else")],
        "providers__row__one_version_per_delivery": [provider(54), provider(54, zip="002129999")],
        "providers__zip__present": [provider(55, zip="")],
        "providers__zip5__known_place": [provider(65, zip="00012")],
        "providers__zip__shape": [provider(56, zip="2121234")],
        "providers__provider_name__present": [provider(57, provider_name="")],
        "providers__provider_name__one_npi": [
            provider(58, provider_name="Twin, Name"),
            provider(59, provider_name="Twin, Name"),
        ],
        "providers__npi__in_a_network": [provider(60)],
        "providers__npi__has_encounters": [provider(61)],
        "providers__row__no_blanks_or_tokens": [provider(62, zip="NULL")],
        "providers__row__no_float_identifier": [provider(63, npi=f"{npi(63)}.0")],
    },
    "encounters": {
        "encounters__row__no_copy": [encounter("w"), encounter("w")],
        "encounters__encounter_id__present": [encounter("a", encounter_id="")],
        "encounters__encounter_id__shape": [encounter("b", encounter_id="2E5")],
        "encounters__npi__shape": [encounter("c", npi="")],
        "encounters__npi__check_digit": [encounter("d", npi=broken_npi())],
        "encounters__npi__known_provider": [encounter("e", npi=npi(999))],
        "encounters__patient_id__present": [encounter("f", patient_id="")],
        "encounters__patient_id__known_patient": [encounter("g", patient_id="1999999")],
        "encounters__cpt__shape": [encounter("h", cpt="2713")],
        "encounters__cpt__known_procedure": [encounter("i", cpt="99999")],
        "encounters__paid_amount_usd__is_number": [encounter("j", paid_amount="n/a")],
        "encounters__paid_amount_usd__plain_number": [encounter("k", paid_amount="$1,234.00")],
        "encounters__paid_amount_usd__not_zero": [encounter("l", paid_amount="0")],
        "encounters__paid_amount_usd__no_reversal": [encounter("m", paid_amount="-1200")],
        "encounters__paid_amount_usd__under_ten_million": [
            encounter("ten million", cpt="24538", paid_amount="12345678901234567")
        ],
        "encounters__paid_amount_usd__no_dotted_thousands": [
            encounter("thousands", paid_amount="7.206")
        ],
        "encounters__paid_amount_usd__no_identifier": [
            encounter("shifted", cpt="27130", paid_amount="27130.00")
        ],
        "encounters__paid_amount_usd__at_most_tenfold_fee": [
            encounter("n", cpt="24538", paid_amount="999999")
        ],
        "encounters__paid_amount_usd__not_under_half_fee": [
            encounter("o", cpt="24538", paid_amount="1.5")
        ],
        "encounters__paid_amount_usd__not_outlying": [
            *[encounter(f"usual{index}", paid_amount=str(1000 + index % 7)) for index in range(30)],
            encounter("p", paid_amount="11000"),
        ],
        "encounters__cpt__age_plausible": [encounter("q", cpt="24538", patient_number=2)],
        "encounters__row__no_twin": [
            encounter("r", paid_amount="1777"),
            encounter("s", paid_amount="1777"),
        ],
        "encounters__row__one_version_per_delivery": [
            encounter("t"),
            encounter("t", paid_amount="1300"),
        ],
        "encounters__row__no_blanks_or_tokens": [encounter("u", cpt=" 27130")],
        "encounters__row__no_float_identifier": [encounter("v", npi=f"{npi(1)}.0")],
    },
    "adverse_events": {
        "adverse_events__row__no_copy": [adverse_event(13), adverse_event(13)],
        "adverse_events__encounter_id__shape": [adverse_event("x", encounter_id="x")],
        "adverse_events__encounter_id__known_encounter": [adverse_event("nobody knows")],
        "adverse_events__row__no_blanks_or_tokens": [{"encounter_id": f"\u00a0{encounter_id(11)}"}],
    },
    "referrals": {
        "referrals__row__no_copy": [referral(67), referral(67)],
        "referrals__patient_id__digits": [referral(50, patient_id="")],
        "referrals__gender__in_domain": [referral(51, gender="")],
        "referrals__birth_date__present": [referral(52, birth_date="")],
        "referrals__birth_date__is_date": [referral(53, birth_date="1950-02-30")],
        "referrals__birth_date__not_in_future": [referral(54, birth_date="2999-01-01")],
        "referrals__birth_date__age_possible": [referral(55, birth_date="1850-01-01")],
        "referrals__cpt__shape": [referral(56, procedure="")],
        "referrals__cpt__known_procedure": [referral(57, procedure="99999")],
        "referrals__zip__shape": [referral(58, zip="1234")],
        "referrals__employer_id__present": [referral(68, employer_id="")],
        "referrals__employer_id__contracted": [referral(59, employer_id="77777")],
        "referrals__patient_id__same_demographics": [
            referral(60, patient_id=patient(3)["patient_id"], birth_date="1999-09-09")
        ],
        "referrals__birth_date__not_under_other_id": [
            referral(61, gender="male", birth_date=patient(3)["birth_date"])
        ],
        "referrals__cpt__performed_in_network": [referral(62, employer_id="54011")],
        "referrals__cpt__not_yet_performed": [referral(63, **patient(1), procedure="24538")],
        "referrals__row__one_version_per_delivery": [referral(64), referral(64, zip="002129999")],
        "referrals__row__no_blanks_or_tokens": [referral(65, zip="002123456 ")],
        "referrals__row__no_reformatted_date": [referral(69, birth_date="March 24, 1950")],
        "referrals__row__no_float_identifier": [referral(66, patient_id="5000066.0")],
    },
    "employer_networks": {
        "employer_networks__row__no_copy": [network(2, 2, employer_id="80914")],
        "employer_networks__employer_id__present": [network(1, employer_id="")],
        "employer_networks__employer_id__contracted": [network(1, employer_id="77777")],
        "employer_networks__npi__shape": [network(2, employer_id="91002", extra=(npi(4)[:9],))],
        "employer_networks__npi__check_digit": [
            network(3, employer_id="91003", extra=(broken_npi(),))
        ],
        "employer_networks__npi__in_directory": [
            network(2, employer_id="91004", extra=(npi(888),))
        ],
        "employer_networks__npi__present": [{"employer_id": "91005", "in_network_npis": ""}],
    },
}
