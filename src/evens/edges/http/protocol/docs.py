"""The pages for people: Swagger UI over the served OpenAPI document, from files that come with the program."""

from typing import Final

from fastapi import APIRouter, FastAPI
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

DOCS_PATH: Final = "/docs"
_ASSETS_PATH: Final = "/docs/assets"
_START_PATH: Final = "/docs/start.js"

# Our own page: the web framework's begins with a script within the page, which our content security policy forbids.
_PAGE: Final = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{title}}</title>
<link rel="icon" href="{_ASSETS_PATH}/favicon-32x32.png">
<link rel="stylesheet" href="{_ASSETS_PATH}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{_ASSETS_PATH}/swagger-ui-bundle.js"></script>
<script src="{_START_PATH}"></script>
</body>
</html>
"""

_START: Final = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  layout: "BaseLayout",
  deepLinking: true,
  showExtensions: true,
  showCommonExtensions: true,
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""


def pages(title: str) -> APIRouter:
    """Return the routes of the pages, which have this title."""
    router = APIRouter(include_in_schema=False)

    @router.get(DOCS_PATH)
    async def show_docs() -> HTMLResponse:
        """Show every route, with forms to try them."""
        return HTMLResponse(_PAGE.format(title=title))

    @router.get(_START_PATH)
    async def start_docs() -> Response:
        """Start the user interface."""
        return Response(_START, media_type="text/javascript")

    return router


def from_root() -> APIRouter:
    """Return the route of a server without other pages: whoever opens the bare address is sent to the documentation."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def go_to_docs() -> RedirectResponse:
        """Send them there."""
        return RedirectResponse(DOCS_PATH)

    return router


def mount_assets(app: FastAPI) -> None:
    """Serve Swagger UI's own files from the package that carries them."""
    app.mount(_ASSETS_PATH, StaticFiles(packages=[("fastapi_swagger", "resources")]), name="docs_assets")
