"""An SVG text -> PNG bytes: the same ones on every machine, with the fonts of this package and no others."""

from pathlib import Path

import resvg_py

_FONTS = sorted(str(path) for path in (Path(__file__).parent / "fonts").glob("*.ttf"))
_NAME = "DejaVu Sans Condensed"


def png(svg: str, width: int) -> bytes:
    """The picture, `width` pixels wide."""
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        skip_system_fonts=True,
        font_files=_FONTS,
        font_family=_NAME,
        sans_serif_family=_NAME,
    )
