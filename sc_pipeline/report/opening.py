"""A project and the name of a page -> where it is, and a browser that shows it."""

import webbrowser
from pathlib import Path

from sc_pipeline.errors import UserError
from sc_pipeline.project import Project

REPORT, EXPLORER = "index.html", "explorer.html"


def page_of(project: Project, name: str) -> Path:
    """The page's file. Raises UserError where no build has made it."""
    page = project.site / name
    if not page.is_file():
        raise UserError(f"{page}: not built yet; run: sc-pipeline build")
    return page


def show(page: Path) -> bool:
    """Open the page in the reader's browser; False where there is none."""
    return webbrowser.open(page.as_uri())
