"""Two or more providers beside one another: what their intervals tell, and the scorecard turned so
that each is a column. The providers stand in the link.
"""

import pandas as pd
import streamlit as st

from pages.providers import charts as provider_charts
from pages.widgets import address, charts, entity_link, formats, session
from pages.widgets.data_table import show_table
from pipeline.services.providers import side_by_side
from pipeline.services.providers.providers import ProviderComparison

MOST = 6


def show(comparison: ProviderComparison, headings: dict[str, str], measures: list[str]) -> None:
    """The choice, the sentences, the intervals and one row a measure."""
    scores = comparison.scorecard
    names = dict(zip(scores["npi"], scores["provider_name"], strict=True))
    unknown = [each for each in st.query_params.get_all(session.PINNED) if each not in names]
    if unknown and session.PINNED not in st.session_state:
        st.warning(
            f"The link names {formats.counted(len(unknown), 'provider')} without an encounter in "
            "this data, and leaves them out.",
            icon=":material/person_off:",
        )
    pinned = address.several(
        st.container(),
        "Providers to compare",
        list(names),
        session.PINNED,
        lambda npi: f"{names[npi]} · {npi}",
        max_selections=MOST,
        placeholder="choose two or more",
    )
    if len(pinned) < 2:
        st.caption("Choose two or more providers; the link keeps them.")
        return
    told = side_by_side.sentences(scores, pinned)
    st.markdown("\n".join(f"- {formats.verbatim(sentence)}" for sentence in told))
    chosen = scores.set_index("npi").loc[pinned].reset_index()
    with st.container(horizontal=True, gap="small"):
        for npi in pinned:
            entity_link.provider(npi, names[npi])
    _draw(chosen)
    turned = pd.DataFrame(
        {
            "measure": [headings.get(name) or formats.words(name) for name in measures],
            **{
                f"{names[npi]} · {npi}": [_written(name, value) for name, value in zip(
                    measures, row[measures], strict=True)]
                for npi, (_, row) in zip(pinned, chosen.iterrows(), strict=True)
            },
        }
    )  # fmt: skip
    show_table(turned, alt="Providers side by side", height="content", as_stored=True)


def _draw(chosen: pd.DataFrame) -> None:
    drawn = chosen.dropna(subset=["observed_to_expected", "shrunken_ratio"])
    if drawn.empty:
        return
    charts.show(
        provider_charts.estimates(
            drawn.sort_values("shrunken_ratio"),
            "observed_to_expected",
            "shrunken_ratio",
            "reliability",
            "observed / expected",
            limits=("shrunken_ratio_low", "shrunken_ratio_high"),
        ),
        "side_by_side",
        f"Observed over expected of {len(drawn)} chosen providers with 95 % intervals",
    )


def _written(name: str, value: object) -> str:
    """A cell as text, for a column holds numbers of several kinds."""
    if value is None or value != value:
        return formats.NO_VALUE
    if not isinstance(value, int | float):
        return str(value)
    if name.startswith("paid_"):
        return formats.money(float(value))
    return formats.share(float(value)) if name.endswith("reliability") else formats.number(value)
