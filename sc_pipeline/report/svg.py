"""Shapes and words -> SVG: elements, the two sizes of a picture, its colors, and the frame around a drawing."""

import html
from collections.abc import Callable
from dataclasses import dataclass

FAMILY = '"DejaVu Sans Condensed","DejaVu Sans","Helvetica Neue",Arial,sans-serif'
# How wide letters are, as a part of their height; all others are _OTHER. Other fonts of the family list are narrower.
_WIDTHS = {
    letter: width
    for letters, width in (
        ("'ijl.,:;|! ", 0.28),
        ("IJ/()[]tfr-", 0.35),
        ("sczLFk?vxyP", 0.51),
        ("ABRVXZKC", 0.62),
        ("UNHDG&OQ", 0.69),
        ("wM%mW@", 0.83),
    )
    for letter in letters
}
_OTHER, _BOLD = 0.58, 1.13
_GAP = 9.0  # between the lines of a hatching, along the axis
# Told apart by the color-blind, and dark enough for text; the page has a second set for dark screens.
LIGHT = {
    "paper": "#ffffff",
    "ink": "#1a1a1a",
    "muted": "#595959",
    "rule": "#d9d9d9",
    "hatch-bg": "#f1f1f1",
    "hatch-line": "#b9b9b9",
    "s0": "#1a1a1a",
    "s1": "#005a9c",
    "s2": "#b34700",
    "s3": "#00694d",
    "c1": "#e8eef4",
    "c2": "#b9cfe2",
    "c3": "#7ba7cc",
    "c4": "#3d7bb0",
    "c5": "#0b4a80",
}
DARK = {
    "paper": "#16181b",
    "ink": "#ececec",
    "muted": "#b3b3b3",
    "rule": "#3c4046",
    "hatch-bg": "#24272b",
    "hatch-line": "#555b64",
    "s0": "#ececec",
    "s1": "#74b9f5",
    "s2": "#ff9d63",
    "s3": "#5fd0a8",
    "c1": "#22303d",
    "c2": "#2c4a66",
    "c3": "#3c6d99",
    "c4": "#5b9bd1",
    "c5": "#a8d3f7",
}


@dataclass(frozen=True)
class Size:
    """A picture's width and its letters, in pixels."""

    name: str
    width: int
    heading: int
    text: int
    small: int
    left: int  # room for the numbers of an axis
    right: int  # room for the names of lines
    panel: int  # height of a panel's plot


WIDE = Size("wide", 780, 20, 13, 12, 54, 158, 210)
PHONE = Size("phone", 390, 17, 12, 11, 46, 104, 170)
SIZES = (WIDE, PHONE)
EDGE = 14  # empty on both sides of a picture; the page cuts it off, so that drawing and text line up


def element(name: str, *children: str, **attributes: object) -> str:
    """One element; `class_` and `font_size` become class and font-size, numbers keep one decimal."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"' for key, value in attributes.items() if value != ""
    )
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else html.escape(str(value))


def text(x: float, y: float, words: str, letter: int, class_: str = "t", anchor: str = "") -> str:
    """Words whose baseline starts, ends or has its middle at x, y."""
    return element(
        "text", html.escape(words), x=float(x), y=float(y), class_=class_, font_size=letter, text_anchor=anchor
    )


def width_of(words: str, letter: float, bold: bool = False) -> float:
    """How many pixels the words take."""
    return sum(_WIDTHS.get(sign, _OTHER) for sign in words) * letter * (_BOLD if bold else 1)


def balanced(words: str, pixels: float, letter: float, bold: bool = False) -> list[str]:
    """Words in as few lines as `pixels` allow, of about the same length: no last word stands alone."""
    lines = wrapped(words, pixels, letter, bold)
    while pixels > letter and len(narrower := wrapped(words, pixels - letter, letter, bold)) == len(lines):
        lines, pixels = narrower, pixels - letter
    return lines


def wrapped(words: str, pixels: float, letter: float, bold: bool = False) -> list[str]:
    """Words in lines of at most `pixels`; a word longer than that has a line of its own."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, letter, bold) > pixels:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def hatched(x: float, y: float, width: float, height: float) -> str:
    """A rectangle with diagonal lines: no number here."""
    lines = []
    place = _GAP / 2 - (x + y) % _GAP
    while place < width + height:
        if place > 0:
            left, right = max(place - height, 0.0), min(place, width)
            lines.append(f"M{x + left:.1f} {y + place - left:.1f}L{x + right:.1f} {y + place - right:.1f}")
        place += _GAP
    return element("rect", x=x, y=y, width=width, height=height, class_="hb") + element(
        "path", d="".join(lines), class_="hl"
    )


def paragraph(x: float, y: float, words: str, pixels: float, letter: int, class_: str = "t") -> tuple[list[str], float]:
    """Wrapped lines from y down, and where the next thing may start."""
    split = balanced if "bold" in class_ else wrapped  # what is bold is a heading
    lines = split(words, pixels, letter, "bold" in class_) if words else []
    step = letter * 1.35
    return [text(x, y + step * (row + 0.75), line, letter, class_) for row, line in enumerate(lines)], (
        y + step * len(lines)
    )


def rules(colors: dict[str, str]) -> str:
    """The style of every picture, in these colors."""
    series = "".join(
        f".s{n}{{stroke:{colors[f's{n}']};fill:none}}.f{n}{{fill:{colors[f's{n}']}}}"
        f".d{n}{{stroke:{colors[f's{n}']};fill:{colors['paper']}}}.b{n}{{fill:{colors[f's{n}']};fill-opacity:.22}}"
        for n in range(4)
    )
    classes = "".join(f".c{n}{{fill:{colors[f'c{n}']}}}" for n in range(1, 6))
    return (
        f".paper{{fill:{colors['paper']}}}.t{{fill:{colors['ink']}}}.m{{fill:{colors['muted']}}}.bold{{font-weight:bold}}"
        f".halo{{paint-order:stroke;stroke:{colors['paper']};stroke-width:4px;stroke-linejoin:round}}"
        f".rule{{stroke:{colors['rule']};stroke-width:1}}.axis{{stroke:{colors['ink']};stroke-width:1}}"
        f".hb{{fill:{colors['hatch-bg']}}}.hl{{stroke:{colors['hatch-line']};stroke-width:1}}"
        f".box{{fill:none;stroke:{colors['ink']};stroke-width:1}}{series}{classes}"
    )


# A size and where to start -> the shapes, and where they end.
Body = Callable[[Size, float], tuple[list[str], float]]


@dataclass(frozen=True)
class Words:
    """What a picture says in words, inside its file and around it on the page."""

    title: str
    subtitle: str
    alt: str
    notes: tuple[str, ...]
    source: str


def inline(name: str, body: Body, words: Words, size: Size) -> str:
    """The drawing alone, for the page, which has the words around it and the style."""
    mark = f"{name}-{size.name}"
    drawn, height = body(size, 4)
    described = element("title", html.escape(words.title), id=f"{mark}-t") + element(
        "desc", html.escape(words.alt), id=f"{mark}-d"
    )
    return _root(
        size,
        height + 4,
        described + "\n".join(drawn),
        f'class="{size.name}" role="img" aria-labelledby="{mark}-t" aria-describedby="{mark}-d"',
        EDGE,
    )


def standalone(body: Body, words: Words, size: Size) -> str:
    """The picture as a file of its own: title, drawing, notes and source."""
    inner = size.width - 2 * EDGE
    shapes, y = paragraph(EDGE, 12, words.title, inner, size.heading, "t bold")
    said, y = paragraph(EDGE, y + 4, words.subtitle, inner, size.text, "m")
    drawn, y = body(size, y + 10)
    shapes += said + drawn
    y += 10
    for note in (*words.notes, words.source):
        lines, y = paragraph(EDGE, y, note, inner, size.small, "m")
        shapes += lines
        y += 2
    height = y + 12
    head = (
        element("title", html.escape(words.title))
        + element("desc", html.escape(words.alt))
        + f"<style>text{{font-family:{FAMILY}}}{rules(LIGHT)}</style>"
        + element("rect", width=size.width, height=float(height), class_="paper")
    )
    return _root(size, height, head + "\n".join(shapes), f'role="img" width="{size.width}" height="{height:.0f}"')


def _root(size: Size, height: float, inside: str, attributes: str, edge: int = 0) -> str:
    box = f"{edge} 0 {size.width - 2 * edge} {height:.0f}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {attributes}>\n{inside}</svg>\n'
