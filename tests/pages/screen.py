"""What a page that AppTest drew says."""


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
