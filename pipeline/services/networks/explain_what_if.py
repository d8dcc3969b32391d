"""A change of a network in sentences, and as a page to print."""

from collections.abc import Mapping

import pandas as pd

from pipeline.config import Settings
from pipeline.privacy.small_counts import in_elevens, is_few
from pipeline.services.access.roles import SEE, needs
from pipeline.services.networks import moved_referrals, what_if
from pipeline.services.networks.what_if import Change
from pipeline.services.providers.explain_providers import counted
from pipeline.services.tables import names, screen_downloads

RESTS_ON = (
    "Referrals go where they go today: to providers whose numbers are shown, by their encounters. Intervals (95 %) hold what is "
    "uncertain of the providers, not the chance of the events themselves. Distances are as the crow flies, from the middle of "
    "the three-digit area of the patient to that of the ZIP of the practice."
)
#: Columns of the table, with their headings: the verdicts first.
HEADINGS = {
    "events_verdict": "Adverse events",
    "cost_verdict": "Cost",
    "procedure": "Procedure",
    "cpt": "CPT",
    "referrals": "Referrals",
    "performing_before": "Perform it",
    "performing_after": "then",
    "shown_after": "then with shown numbers",
    "near_before": "Within 25 miles",
    "near_after": "Within 25 miles then",
    "miles_before": "Miles, median",
    "miles_after": "Miles then",
    "events_before": "Events expected",
    "events_after": "Events then",
    "events_change": "Events, change",
    "events_change_low": "Events, from",
    "events_change_high": "Events, to",
    "cost_before": "Cost in dollars",
    "cost_after": "Cost then",
    "cost_change": "Cost, change",
    "cost_change_low": "Cost, from",
    "cost_change_high": "Cost, to",
}


#: Columns that count providers, no patients.
OF_PROVIDERS = ("performing_before", "performing_after", "shown_before", "shown_after")
#: Numbers of referrals, in a file rounded down to elevens: two of them tell no small difference.
NEAR = ("near_before", "near_after")
IN_A_FILE = (
    "A procedure with fewer than 11 referrals has no number here. Referrals within 25 miles are rounded down to a multiple of 11, so "
    "that no file and no difference of two counts one to ten patients."
)


def for_file(table: pd.DataFrame) -> pd.DataFrame:
    """The table as it may leave: nothing of procedures with one to ten referrals, from whose events
    and cost their number could be divided, and who is near in elevens.
    """
    released = table.copy()
    few = table["referrals"].map(is_few)
    released[list(NEAR)] = table[list(NEAR)].map(in_elevens)
    of_referrals = [
        name
        for name in table.columns
        if name not in ("cpt", "procedure", *OF_PROVIDERS) and not name.endswith("_verdict")
    ]
    released[of_referrals] = released[of_referrals].mask(few)
    return released


def sentences(table: pd.DataFrame, near: str = "") -> list[str]:
    """What the change does: events, cost, coverage, distance, and what nobody can tell; `near` are
    words before a number of referrals that are near.
    """
    told = [
        _measure(table, "events", "Adverse events expected", "{:,.2f}"),
        _measure(table, "cost", "Cost", "${:,.0f}"),
        _coverage(table),
        _distance(table, near),
    ]
    untold = {
        measure: tuple(table.loc[table[f"{measure}_change"].isna(), "procedure"])
        for measure in moved_referrals.MEASURES
    }
    for procedures in dict.fromkeys(each for each in untold.values() if each):
        of = " and ".join(measure for measure, each in untold.items() if each == procedures)
        told.append(f"What it does to {of} nobody can tell for: {', '.join(procedures)}.")
    return told


def title(settings: Settings, change: Change) -> str:
    """`Dunmarsh Foods (91001) without Belwick, Feno (2934087943)`."""
    parts = [_named(settings, "employer_id", change.employer)]
    if change.removed:
        parts.append(f"without {_named(settings, 'npi', change.removed)}")
    if change.added:
        parts.append(
            f"{'and ' if change.removed else ''}with {_named(settings, 'npi', change.added)}"
        )
    if change.removed and change.taker:
        parts.append(f"whose referrals go to {_named(settings, 'npi', change.taker)}")
    return " ".join(parts)


@needs(SEE)
def report(settings: Settings, change: Change, author: str) -> bytes:
    """The change as a page to print: what may leave of what the screen shows, in words and as a
    table.
    """
    table = for_file(what_if.what_if(settings, change))
    return screen_downloads.printed(
        settings,
        title(settings, change),
        [*sentences(table, "at least "), RESTS_ON, IN_A_FILE],
        table[list(HEADINGS)],
        HEADINGS,
        "network_what_if",
        author,
        OF_PROVIDERS,
    )


def _measure(table: pd.DataFrame, measure: str, name: str, form: str) -> str:
    change, low, high, known = moved_referrals.total(table, measure)
    if not known:
        return f"{name}: the change cannot be told."
    told = moved_referrals.verdict(low, high)
    over = f" over {known} of {len(table)} procedures" if known < len(table) else ""
    if told == moved_referrals.NOTHING:
        return f"{name}: {told}{over}."
    return f"{name}: {told}{over}, {_signed(change, form)} ({_signed(low, form)} to {_signed(high, form)})."


def _coverage(table: pd.DataFrame) -> str:
    lost = table[(table["performing_before"] > 0) & (table["performing_after"] == 0)]
    gained = table[(table["performing_before"] == 0) & (table["performing_after"] > 0)]
    told = []
    if len(lost):
        referrals = counted(int(lost["referrals"].sum()), "referral")
        few = ", those of procedures with fewer than 11 not counted"
        told.append(
            f"Nobody would be left for {', '.join(lost['procedure'])}: {referrals} without an option"
            f"{few if lost['referrals'].isna().any() else ''}."
        )
    if len(gained):
        told.append(f"There would be somebody for {', '.join(gained['procedure'])}.")
    return (
        " ".join(told) or "Coverage: no procedure loses its last provider, and none gains a first."
    )


def _distance(table: pd.DataFrame, near: str) -> str:
    if table["referrals"].isna().all():
        return "Distance: too few referrals to tell."
    before, after, of = (
        int(table[name].sum()) for name in ("near_before", "near_after", "referrals")
    )
    return (
        f"Distance: of {counted(of, 'referral')} {near}{counted(before, 'has', 'have')} somebody within 25 miles "
        "who performs the procedure, "
        f"and {'as many' if after == before else f'{near}{after:,}'} would then."
    )


def _named(settings: Settings, column: str, key: str) -> str:
    called: Mapping[str, str] = names.names_of(settings, column, [key])
    return f"{called[key]} ({key})" if key in called else key


def _signed(value: float, form: str) -> str:
    text = form.format(abs(value))
    is_nothing = not text.strip("$0.,")
    return text if is_nothing else f"{'+' if value > 0 else '−'}{text}"
