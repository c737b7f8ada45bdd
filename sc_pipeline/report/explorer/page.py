"""The facts and the stylesheet -> explorer.html, under a policy that lets it load its own scripts and nothing else."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

# Where the explorer's links to the report lead, in the same folder.
REPORT_PAGE = "index.html"


def explorer_page(stylesheet: str, facts: Mapping[str, Any]) -> str:
    """The page without its numbers, which its data scripts bring."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    digest = base64.b64encode(hashlib.sha256(stylesheet.encode()).digest()).decode("ascii")
    return environment.get_template("template.html").render(
        # The stylesheet's own hash lets it in; no style attribute and no other sheet is.
        policy=Markup(
            "default-src 'none'; script-src 'self'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"
        ).format(digest),
        stylesheet=Markup(stylesheet),
        report=REPORT_PAGE,
        synthetic=[release["release_id"] for release in facts["releases"] if release["synthetic"]],
    )
