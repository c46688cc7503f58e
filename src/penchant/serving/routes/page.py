"""The page and its files, which are open to everybody: they hold no data."""

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

PAGE = Path(__file__).parents[1] / "page"
PAGE_FILES = {"page.css": "text/css", "page.js": "text/javascript"}

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
    return FileResponse(PAGE / name, media_type=PAGE_FILES[name])
