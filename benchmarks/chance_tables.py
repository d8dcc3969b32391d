"""The tables of `python -m benchmarks.chance`: headings, and rows from its results."""

from collections.abc import Sequence


def _percent(share: float | None, places: int = 1) -> str:
    return "" if share is None else f"{100 * share:.{places}f} %"


def null_table(results: Sequence[dict]) -> list[tuple]:
    """Rows for a table: who is marked where nobody differs."""
    return [
        (
            f"{result['rows']:,}",
            method["method"],
            {"95": "95 %", "998": "99.8 %"}.get(method["limits"], ""),
            _percent(method["share"], 2),
            _percent(method["by_chance"], 2),
            f"{method['seeds_with_any']} of {result['null']['seeds']}",
        )
        for result in results
        for method in result["null"]["methods"]
    ]


def signal_table(results: Sequence[dict]) -> list[tuple]:
    """Rows for a table: accuracy where providers differ."""
    return [
        (
            f"{result['rows']:,}",
            band["band"],
            f"{band['providers']:,}",
            f"{band['rmse_raw']:.3f}",
            f"{band['rmse_shrunk']:.3f}",
            _percent(band["covered_raw"]),
            _percent(band["covered_shrunk"]),
            band["different"],
            _percent(band["found_95"]),
            _percent(band["found_poisson_95"]),
            _percent(band["found_998"]),
        )
        for result in results
        for band in result["signal"]["bands"]
        if band["providers"]
    ]


def evidence_table(results: Sequence[dict]) -> list[tuple]:
    """Rows for a table: how often the product says that providers differ, and what a worst quarter
    is worth.
    """
    return [
        (
            f"{result['rows']:,}",
            *(
                f"{result[world]['seeds_with_evidence']} of {result[world]['seeds']}"
                for world in ("null", "signal")
            ),
            _percent(result["signal"]["worst_quarter_really"], 0),
            _percent(result["signal"]["worst_quarter_below_average"], 0),
        )
        for result in results
    ]


def cost_table(results: Sequence[dict]) -> list[tuple]:
    """Rows for a table: how often intervals of cost hold the truth."""
    return [
        (
            f"{result['rows']:,}",
            found["grain"].replace("_", " x "),
            f"{found['deviation']:g}",
            _percent(found["covered"]),
            *("–" if share is None else _percent(share) for share in found["bands"]),
            _percent(found["worst_seed"], 0),
        )
        for result in results
        for found in result["cost"]
    ]


def size_table(results: Sequence[dict]) -> list[tuple]:
    """Rows for a table: the test of a difference where only chance acts."""
    return [
        (
            f"{result['rows']:,}",
            found["grain"].replace("_", " x "),
            found["worlds"],
            _percent(found["size"], 2),
            f"{found['mean_ratio']:.3f}",
            f"{found['variance_ratio']:.3f}",
        )
        for result in results
        for found in result["test"]
    ]


TABLES = {
    "null": (
        ("encounters", "method", "limits", "marked", "by chance", "seeds with anybody marked"),
        null_table,
    ),
    "signal": (
        (
            "encounters",
            "volume",
            "providers",
            "RMSE of O/E",
            "RMSE shrunken",
            "O/E interval covers",
            "shrunken interval covers",
            "truly different",
            "found at 95 %",
            "by Poisson",
            "found at 99.8 %",
        ),
        signal_table,
    ),
    "evidence": (
        (
            "encounters",
            "says they differ: null",
            "says they differ: signal",
            "worst quarter by O/E: truly worst quarter",
            "worst quarter by O/E: truly better than average",
        ),
        evidence_table,
    ),
    "cost": (
        (
            "encounters",
            "grain",
            "true sd",
            "covered",
            "1-24",
            "25-49",
            "50-99",
            "100+",
            "worst world",
        ),
        cost_table,
    ),
    "test": (
        (
            "encounters",
            "grain",
            "worlds",
            "says they differ at 5 %",
            "mean of draws / ours",
            "variance of draws / ours",
        ),
        size_table,
    ),
}
