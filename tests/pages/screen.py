"""What a page that AppTest drew says, and what somebody types into it."""

import json
from collections.abc import Sequence


def page_text(app) -> str:
    """Everything that a page writes as text."""
    return " ".join(
        element.value
        for kind in (app.markdown, app.caption, app.subheader, app.success, app.info)
        for element in kind
    )


def metrics(app) -> dict[str, str]:
    """Label -> value of the tiles."""
    return {element.label: element.value for element in app.metric}


def link(app) -> dict[str, list[str]]:
    """What stands in the address."""
    return {
        name: value if isinstance(value, list) else [value]
        for name, value in app.query_params.items()
    }


def repair_grid(app) -> dict:
    """What the page of Quarantine sends to the grid of open rows."""
    sent = [json.loads(each.proto.json_args) for each in app.get("component_instance")]
    return next(each for each in sent if "verdicts" in each)


def type_into(app, position: int, cells: dict[str, str | None], picked: Sequence[str] = ()):
    """Type into a row of the grid of open rows and pick rows, as the browser says it."""
    grid = repair_grid(app)
    app.session_state["repair_grid"] = {
        "grid": grid["grid"],
        "edits": {**grid["edits"], grid["rows"][position]["id"]: cells},
        "picked": list(picked),
    }
    return app.run()
