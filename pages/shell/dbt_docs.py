"""The road of dbt's own pages, behind the gate like every other."""

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from pages.shell import answers
from pipeline.config import Settings
from pipeline.services.catalogue import dbt_docs

NOT_MADE = answers.page("No dbt docs yet", "This makes them:", f"`{dbt_docs.COMMAND}`")


def route(settings: Settings) -> Route:
    """Answers with the pages as they were made last, or how to make them."""

    def answer(request: Request) -> Response:
        file = dbt_docs.page(settings)
        if file is None:
            return HTMLResponse(NOT_MADE, 404)
        return FileResponse(file, media_type="text/html")

    return Route(dbt_docs.ROAD, answer)
