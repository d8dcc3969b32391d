"""How well each sender delivers, and one of them delivery by delivery."""

import pandas as pd
import streamlit as st

from pages.deliveries import fates
from pages.deliveries.one_delivery import rules_frame
from pages.upload import recipes
from pages.widgets import address, charts, entity_link, formats, session
from pages.widgets.data_table import show_table
from pipeline.services.deliveries import senders
from pipeline.services.deliveries.arrival import FEWEST_DAYS
from pipeline.services.deliveries.senders import Scorecard

#: Deliveries in the chart, the newest.
SHOWN = 12
RULES_NAMED = 3
#: Column -> heading; a share of the rows received.
SHARES = {
    "promoted_share": "Promoted",
    "quarantined_share": "Waiting",
    "superseded_share": "Superseded",
    "rejected_share": "Rejected",
}


def show() -> None:
    """A line a sender, the late ones first; the one that is picked, or named by the address."""
    cards = session.cached(senders.scorecards)
    if not cards:
        st.caption("Every delivery was taken back.")
        return
    st.caption(
        "A sender is who sends files of one source under names with the same words. "
        f"Late is judged on {formats.moment(cards[0].as_of.isoformat())}, the day of the data."
    )
    ids = [card.sender_id for card in cards]
    picked = show_table(
        pd.DataFrame([_line(card) for card in cards]),
        key="senders",
        ids=ids,
        headings={"entity": "Source", "file": "Files like", **SHARES},
        alt="Senders",
    )
    named = st.query_params.get(session.SENDER)
    if named and not picked and named not in ids:
        address.note_unknown("sender", named)
    place = picked[0] if picked else ids.index(named) if named in ids else None
    if place is None:
        st.caption("Select a sender to see its deliveries and the rules that its rows break.")
        return
    st.query_params[session.SENDER] = ids[place]
    _card(cards[place])


def _line(card: Scorecard) -> dict:
    rules = ", ".join(rule.rule_id for rule, _ in card.rules[:RULES_NAMED])
    return {
        "file": card.newest_file,
        "entity": card.entity,
        "arrival": _arrival(card),
        "deliveries": len(card.sent),
        "rows": card.fates.received if card.fates else None,
        **{name: fates.share(card.fates, name.removesuffix("_share")) for name in SHARES},
        "rules broken most": rules,
    }


def _arrival(card: Scorecard) -> str:
    if card.arrival is None:
        return f"unknown: under {FEWEST_DAYS} days"
    due = formats.moment(card.arrival.expected_on.isoformat())
    late = card.arrival.days_late
    return f"⚠ {formats.counted(late, 'day')} late, due {due}" if late else f"due {due}"


def _card(card: Scorecard) -> None:
    st.subheader(formats.verbatim(card.newest_file), anchor=False)
    if card.arrival:
        every = formats.number(card.arrival.median_days, "days")
        st.markdown(f"Comes every {every} (median). {_arrival(card).capitalize()}.")
    else:
        st.markdown(
            f"It delivered on fewer than {FEWEST_DAYS} days, so nobody can tell when the next file is due."
        )
    newest = [each for each in card.sent if each.fates][-SHOWN:]
    if newest:
        frame = pd.DataFrame(
            [
                {
                    "delivery": f"{each.delivery_id} · {each.came_at[:10]}",
                    **fates.counts(each.fates),
                }
                for each in newest
            ]
        )
        charts.show(
            charts.stacked(frame, "delivery", list(fates.COLOURS), fates.COLOURS, "rows"),
            f"sender_{card.sender_id}",
            "Rows of the sender by fate, delivery by delivery",
        )
    with st.container(horizontal=True, gap="small"):
        for each in card.sent[-RULES_NAMED:]:
            entity_link.one("Delivery", "deliveries", session.DELIVERY, each.delivery_id)
    recipes.show_recipe(card.newest_load)
    recipes.offer(sender_id=card.sender_id)
    if card.rules:
        show_table(rules_frame(card.rules), headings={"rule_id": "Rule"}, alt="Rules broken")
    else:
        st.caption("Its rows break no rule, as far as a build has judged them.")
