"""The pages for people: Swagger UI over the served OpenAPI document, from files that come with the program."""

from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

DOCS_PATH: Final = "/docs"
_ASSETS_PATH: Final = "/docs/assets"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def go_to_docs() -> RedirectResponse:
    """Send whoever opens the bare address to the documentation."""
    return RedirectResponse(DOCS_PATH)


@router.get(DOCS_PATH)
async def show_docs() -> HTMLResponse:
    """Show every route, with forms to try them."""
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Evens: the HTTP API",
        swagger_js_url=f"{_ASSETS_PATH}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS_PATH}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS_PATH}/favicon-32x32.png",
        swagger_ui_parameters={"displayRequestDuration": True, "filter": True},
    )


def mount_assets(app: FastAPI) -> None:
    """Serve Swagger UI's own files from the package that carries them."""
    app.mount(_ASSETS_PATH, StaticFiles(packages=[("fastapi_swagger", "resources")]), name="docs_assets")
