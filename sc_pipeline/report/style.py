"""What the report and the site's index share: the templates, the style, and the policy that admits nothing else."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from sc_pipeline.report.svg import DARK, LIGHT, rules

_HERE = Path(__file__).parent


def template(name: str) -> Template:
    """One of this folder's templates; what it prints is escaped by default."""
    loader = FileSystemLoader(_HERE)
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template(name)


def script() -> str:
    """The report's one script, which sorts tables."""
    return _read("page.js")


def style() -> str:
    """The style of pages and of the pictures on them, whose colors follow the screen's light or dark."""
    names = {name: f"var(--{name})" for name in LIGHT}
    light, dark = (";".join(f"--{name}:{color}" for name, color in colors.items()) for colors in (LIGHT, DARK))
    return (
        f":root{{color-scheme:light dark;{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
        f"{rules(names)}{_read('page.css')}"
    )


def policy(style: str, script: str | None = None) -> str:
    """A content security policy under which nothing runs or applies but this style and, if given, this script."""
    scripts = f"script-src '{_digest(script)}'; " if script else ""
    return f"default-src 'none'; {scripts}style-src '{_digest(style)}'; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
