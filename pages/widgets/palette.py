"""One colour a layer and one a severity, everywhere, after Okabe-Ito: each has a contrast of at
least 3 : 1 with the ground of both themes, and none says anything alone.
"""

LAYER_COLOURS = {
    "landing_zone": "#A6611A",
    "standard_model": "#7B8A97",
    "enterprise_datasets": "#B58700",
    "feature_store": "#0072B2",
}
LAYER_TITLES = {
    "landing_zone": "Landing zone",
    "standard_model": "Standard model",
    "enterprise_datasets": "Enterprise datasets",
    "feature_store": "Feature store",
}
MEDALLIONS = {
    "landing_zone": "bronze",
    "standard_model": "silver",
    "enterprise_datasets": "gold",
    "feature_store": "features",
}

# State of a rule, from most to least urgent; a colour never stands alone, a mark and a word go with
# it, and white text
# on it has a contrast of at least 4.5 : 1.
SEVERITY_COLOURS = {
    "error": "#B23A72",
    "failed": "#C44601",
    "warned": "#8A6A00",
    "passed": "#00785A",
    "not applicable": "#66717A",
}
# State of a run: what it shares with a rule has the colour of that severity.
RUN_COLOURS = {
    "queued": SEVERITY_COLOURS["not applicable"],
    "running": "#1B7698",
    "succeeded": SEVERITY_COLOURS["passed"],
    "failed": SEVERITY_COLOURS["failed"],
    "cancelled": SEVERITY_COLOURS["not applicable"],
    "held": SEVERITY_COLOURS["warned"],
}
# Grade of a gold table; the letter says it, the colour follows the severities.
GRADE_COLOURS = {"A": "#00785A", "B": "#4A7A1F", "C": "#8A6A00", "D": "#C44601", "F": "#B23A72"}
# Fate of a received row in the ledger.
FATE_COLOURS = {
    "promoted": "#009E73",
    "quarantined": "#D55E00",
    "superseded": "#2E8FC4",
    "duplicates": "#CC79A7",
    "rejected": "#B23A72",
}
CATEGORICAL = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#B87A00",
    "#2E8FC4",
    "#8A6D00",
    "#666666",
)
#: State of a rule or a run, or fate of a row -> the pattern of its bars: no colour tells alone.
PATTERNS = {
    "error": "x",
    "failed": "/",
    "warned": ".",
    "passed": "",
    "not applicable": "-",
    "promoted": "",
    "quarantined": "/",
    "waiting": "/",
    "superseded": "-",
    "duplicates": ".",
    "rejected": "x",
    "queued": ".",
    "running": "|",
    "succeeded": "",
    "cancelled": "-",
    "held": "+",
}
#: Shapes of points, in the order of `CATEGORICAL`.
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "x",
    "triangle-down",
    "star",
    "cross",
)
NEUTRAL = "#8C959C"
ACCENT = "#0072B2"
ALERT = "#D55E00"
