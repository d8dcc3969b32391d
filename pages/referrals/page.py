"""Whom to offer a patient: candidates with reasons, distance and confidence, and who cannot be told
apart; weights to try.
"""

import streamlit as st

from pages.referrals import candidates
from pages.widgets import address, formats, session
from pages.widgets.data_table import pager, show_table
from pages.widgets.empty_state import no_data_yet, nothing_matches
from pipeline.services.referrals import handout, referrals

ROWS = 25
MODES = {"referral": "A referral", "anybody": "Somebody without a referral"}

st.title("Referrals")
st.caption(
    "Whom the patient's network offers for the procedure, with reasons. Choose one with the patient: the order is a proposal."
)
choices = session.cached(referrals.lists)
if choices is None:
    no_data_yet("std_referrals", "std_employer_networks")
    st.stop()
if choices.maturity:
    st.caption(formats.verbatim(choices.maturity))
if not choices.employers:
    nothing_matches(
        "No employer is known yet",
        "Load referrals and the networks of employers.",
        "upload",
        "Upload the files",
        rests_on=("std_referrals", "std_employer_networks"),
    )
    st.stop()
mode = address.segments("For", list(MODES), session.REFERRAL_MODE, MODES.__getitem__)
with st.container(horizontal=True):
    is_listed = mode == "referral"
    gap, age, sex, typed = None, 65, referrals.SEXES[0], ""
    employer = address.select(
        "Employer",
        list(choices.employers),
        session.EMPLOYER,
        optional=is_listed,
        placeholder="all",
        width=150,
    )
    cpt = address.select(
        "Procedure",
        list(choices.procedures),
        session.PROCEDURE,
        lambda code: f"{choices.procedures[code]} · {code}",
        optional=is_listed,
        placeholder="all",
        width=350,
    )
    if is_listed:
        gap = address.select(
            "Access",
            list(choices.gaps),
            session.GAP,
            choices.gaps.__getitem__,
            optional=True,
            placeholder="all",
            width=260,
        )
    else:
        age = st.number_input("Age", 0, 120, age, key=session.PATIENT_AGE, width=110)
        sex = st.selectbox("Sex", referrals.SEXES, key=session.PATIENT_SEX, width=130)
        typed = st.text_input(
            "ZIP", key=session.PATIENT_ZIP, max_chars=5, placeholder="five digits", width=130
        )
weights = candidates.weights()

if is_listed:
    selection = referrals.ReferralQuery(employer, cpt, gap)
    offset = (st.session_state.get(session.REFERRAL_PAGE, 1) - 1) * ROWS
    page = session.cached(referrals.page, selection, ROWS, offset)
    if offset >= page.total > 0:  # a filter has made the list shorter
        offset = (page.total - 1) // ROWS * ROWS
        page = session.cached(referrals.page, selection, ROWS, offset)
    if page.total == 0:
        nothing_matches(
            "No such referral",
            "Take a filter away, or load referrals."
            if employer or cpt or gap
            else "Load referrals.",
            rests_on=("std_referrals",),
        )
        st.stop()
    st.caption(f"{formats.counted(page.total, 'referral')}; patients are masked. Select one.")
    picked = show_table(
        page.rows,
        headings={
            "employer_id": "Employer",
            "options": "Providers",
        },
        key=f"referrals_{employer}_{cpt}_{gap}_{offset}",
        height=260,
        alt="Referrals, masked",
        ids=[(session.stamp_of(referrals.page), offset + place) for place in range(len(page.rows))],
    )
    pager(page.total, ROWS, session.REFERRAL_PAGE)
    if not picked:
        st.stop()
    row = page.rows.iloc[picked[0]]
    st.subheader(
        formats.verbatim(
            f"{row['procedure']}, {row['sex']}, {row['age']}, ZIP {row['zip']}, employer {row['employer_id']}"
        )
    )
    position, procedure = offset + picked[0], str(row["procedure"])
    candidates.show(
        referrals.choose_for_referral(session.settings(), selection, position, weights),
        lambda author: handout.of_referral(
            session.settings(), selection, position, weights, procedure, author
        ),
    )
else:
    if typed and not (len(typed) == 5 and typed.isdigit()):
        st.warning(
            "A ZIP has five digits; until then distances are unknown.",
            icon=":material/wrong_location:",
        )
    patient = referrals.Patient(employer or "", cpt or "", sex, int(age), typed or None)
    candidates.show(
        referrals.choose(session.settings(), patient, weights),
        lambda author: handout.of_patient(
            session.settings(), patient, weights, choices.procedures.get(cpt or "", ""), author
        ),
    )
