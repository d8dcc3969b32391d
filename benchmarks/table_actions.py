"""What people do on the page Tables, as lines of the page benchmark."""

from benchmarks.visit import (
    BRONZE,
    CLEAN,
    DELIVERED,
    FACTS,
    GOLD,
    SCORES,
    SILVER,
    TABLES,
    WIDE,
    Visit,
    at,
    chart,
    clicked,
    filtered,
    selected,
    suggested,
)
from pages.widgets import session


def table_actions() -> tuple[Visit, ...]:
    long_text = {session.SORT: "_load_id", session.PAGE: 5_000}
    return (
        Visit(TABLES, "open the largest table of gold", at(FACTS, GOLD)),
        Visit(
            TABLES,
            "filter on a column without an index",
            at(FACTS, GOLD),
            filtered(FACTS, "winsorised_paid_usd", "at least", "900"),
        ),
        Visit(
            TABLES,
            "a filter that nothing meets",
            at(FACTS, GOLD),
            filtered(FACTS, "sex", "is", "neither"),
        ),
        Visit(
            TABLES,
            "search within a text",
            at(WIDE, BRONZE),
            filtered(WIDE, "_load_id", "contains", "no such load"),
        ),
        Visit(
            TABLES,
            "sort by a column without an index",
            at(FACTS, GOLD),
            {session.SORT: "winsorised_paid_usd", session.DESCENDING: True},
        ),
        Visit(
            TABLES,
            "filter and sort without an index",
            at(FACTS, GOLD),
            {
                **filtered(FACTS, "winsorised_paid_usd", "at least", "900"),
                session.SORT: "expected_paid_usd",
            },
        ),
        Visit(TABLES, "page 5,000", at(FACTS, GOLD), {session.PAGE: 5_000}),
        Visit(
            TABLES,
            "page 5,000 of an order",
            at(FACTS, GOLD),
            {session.PAGE: 5_000, session.SORT: "winsorised_paid_usd"},
        ),
        Visit(
            TABLES,
            "the last page of an order",
            at(FACTS, GOLD),
            {session.PAGE: 999_999, session.SORT: "winsorised_paid_usd"},
        ),
        Visit(TABLES, "page 5,000 in the order of a long text", at(WIDE, BRONZE), long_text),
        Visit(
            TABLES,
            "page 5,000 of few values, largest first",
            at(FACTS, GOLD),
            {session.PAGE: 5_000, session.SORT: "age_band", session.DESCENDING: True},
        ),
        Visit(
            TABLES,
            "page 3,000 of an order under a filter",
            at(FACTS, GOLD),
            {
                **filtered(FACTS, "sex", "is", "female"),
                session.PAGE: 3_000,
                session.SORT: "winsorised_paid_usd",
            },
        ),
        Visit(
            TABLES,
            "add up a column with hidden cells",
            at(FACTS, GOLD),
            {session.MEASURE: "has_adverse_event"},
        ),
        Visit(TABLES, "open the delivered rows", at(DELIVERED, BRONZE)),
        Visit(TABLES, "open the widest table", at(WIDE, BRONZE)),
        Visit(
            TABLES,
            "values to filter a number by",
            at(FACTS, GOLD),
            suggested(FACTS, "paid_amount_usd"),
        ),
        Visit(TABLES, "values to filter a text by", at(FACTS, GOLD), suggested(FACTS, "sex")),
        Visit(
            TABLES,
            "values to filter the widest table by",
            at(WIDE, BRONZE),
            suggested(WIDE, "_load_id"),
        ),
        Visit(TABLES, "select an encounter", at(FACTS, GOLD), selected(f"rows_{FACTS}", 7)),
        Visit(
            TABLES, "select an encounter of silver", at(CLEAN, SILVER), selected(f"rows_{CLEAN}", 7)
        ),
        Visit(TABLES, "select a judged row", at(WIDE, BRONZE), selected(f"rows_{WIDE}", 7)),
        Visit(
            TABLES,
            "select a delivered row",
            at(DELIVERED, BRONZE),
            selected(f"rows_{DELIVERED}", 7),
        ),
        Visit(TABLES, "select a provider", at(SCORES, GOLD), selected(f"rows_{SCORES}")),
        Visit(
            TABLES,
            "select on page 5,000 of an order",
            at(FACTS, GOLD, **{session.SORT: "winsorised_paid_usd", session.PAGE: "5000"}),
            selected(f"rows_{FACTS}", 7),
        ),
        Visit(TABLES, "the columns", at(FACTS, GOLD), {session.TABLE_TAB: "Columns"}),
        Visit(TABLES, "the export form", at(FACTS, GOLD), {session.TABLE_TAB: "Export"}),
    )


def chart_actions() -> tuple[Visit, ...]:
    only = {session.WHERE: ["winsorised_paid_usd:ge:900"]}
    by, how, of, across = (
        session.CHART_BY,
        session.CHART_HOW,
        session.CHART_OF,
        session.CHART_ACROSS,
    )
    return (
        Visit(TABLES, "link to bars", chart("Bars")),
        Visit(
            TABLES,
            "bars: a sum by a text without an index",
            chart("Bars"),
            {by: "age_band", how: "sum", of: "winsorised_paid_usd"},
        ),
        Visit(
            TABLES, "bars: rows by a number", chart("Bars"), {by: "is_cost_outlier", how: "rows"}
        ),
        Visit(
            TABLES,
            "bars: distinct values",
            chart("Bars"),
            {by: "sex", how: "distinct values", of: "paid_cents"},
        ),
        Visit(
            TABLES,
            "bars: an outcome with hidden cells",
            chart("Bars"),
            {by: "cpt", how: "mean", of: "has_adverse_event"},
        ),
        Visit(
            TABLES,
            "bars: under a filter",
            chart("Bars", **only),
            {by: "age_band", how: "mean", of: "ln_paid"},
        ),
        Visit(TABLES, "bars: click one", chart("Bars"), clicked(f"bars_{FACTS}")),
        Visit(TABLES, "link to a line", chart("Line")),
        Visit(
            TABLES,
            "line: along a whole number",
            chart("Line"),
            {across: "paid_cents", how: "mean", of: "ln_paid"},
        ),
        Visit(TABLES, "line: along a text", chart("Line"), {across: "age_band", how: "rows"}),
        Visit(
            TABLES,
            "line: under a filter",
            chart("Line", **only),
            {across: "winsorised_paid_usd", how: "mean", of: "expected_paid_usd"},
        ),
        Visit(TABLES, "link to a histogram", chart("Histogram")),
        Visit(TABLES, "histogram: under a filter", chart("Histogram", **only), {of: "ln_paid"}),
        Visit(
            TABLES,
            "histogram: click a bin",
            chart("Histogram", of="paid_amount_usd"),
            clicked(f"bins_{FACTS}"),
        ),
        Visit(TABLES, "link to a scatter", chart("Scatter")),
        Visit(
            TABLES,
            "scatter: under a filter",
            chart("Scatter", **only),
            {across: "expected_paid_usd"},
        ),
        Visit(TABLES, "link to boxes", chart("Box")),
    )
