"""The page and its files, which are open to everybody: they hold no data."""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

PAGE = Path(__file__).parents[1] / "page"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PAGE_FILES = {path.name: path for path in sorted(PAGE.iterdir()) if path.suffix in TYPES}
"""By name, listed once: what isn't in the folder of the page when the server starts cannot be asked for."""

router = APIRouter(include_in_schema=False)


@router.get("/")
def page() -> FileResponse:
    """The page."""
    return FileResponse(PAGE / "index.html", media_type="text/html")


@router.get("/static/{name}")
def static(name: str) -> FileResponse:
    """A file of the page."""
    if name not in PAGE_FILES:
        raise HTTPException(404, "No such file.")
    path = PAGE_FILES[name]
    return FileResponse(path, media_type=TYPES[path.suffix])
