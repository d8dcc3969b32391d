"""One colour a layer and one a severity, everywhere; told apart by people with any colour blindness
(Okabe-Ito).
"""

LAYER_COLOURS = {
    "landing_zone": "#A6611A",
    "standard_model": "#7B8A97",
    "enterprise_datasets": "#C99700",
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
    "error": "#882255",
    "failed": "#C44601",
    "warned": "#8A6A00",
    "passed": "#00785A",
    "not applicable": "#66717A",
}
# State of a run: what it shares with a rule has the colour of that severity.
RUN_COLOURS = {
    "queued": SEVERITY_COLOURS["not applicable"],
    "running": "#0B5D7A",
    "succeeded": SEVERITY_COLOURS["passed"],
    "failed": SEVERITY_COLOURS["failed"],
    "cancelled": SEVERITY_COLOURS["not applicable"],
    "held": SEVERITY_COLOURS["warned"],
}
# Grade of a gold table; the letter says it, the colour follows the severities.
GRADE_COLOURS = {"A": "#00785A", "B": "#4A7A1F", "C": "#8A6A00", "D": "#C44601", "F": "#882255"}
# Fate of a received row in the ledger.
FATE_COLOURS = {
    "promoted": "#009E73",
    "quarantined": "#D55E00",
    "superseded": "#56B4E9",
    "duplicates": "#CC79A7",
    "rejected": "#882255",
}
CATEGORICAL = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#8A6D00",
    "#666666",
)
NEUTRAL = "#8C959C"
ACCENT = "#0072B2"
ALERT = "#D55E00"
