"""A cell as a file holds it -> its plain text and its state: value, blank, redacted or unreadable."""

import polars as pl

# What became of a cell. That its column is absent is a fact about the table, so no cell carries it.
BLANK, VALUE, REDACTED, UNREADABLE = 0, 1, 2, 3

NULL_MARKS = ("", "NA", "N/A", "NULL", "UNK", "UNKNOWN")

# Nulls, zero-width characters, soft hyphens, direction marks and byte-order marks: never part of what a person wrote.
_INVISIBLE = r"[\u0000-\u0008\u00AD\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]"
# Put in front of a value so that a spreadsheet keeps it as text.
_LEADING_QUOTE = r"^\s*['`\u2018\u2019]+"
_QUOTED = r'^\s*="(.*)"\s*$|^\s*"([^"]*)"\s*$'
_ERROR = r"^#[A-Z_/0-9]+[!?]?$"

# A FOIA exemption, such as (b)(6), b(7)c or (b7)(e), or (k)(2) of the Privacy Act.
# Without any bracket only b3 to b9: B1 and B2 are visa classes.
_LETTER = r"(\s*\(?[A-F]\)?)?"
_BRACKETED = rf"(\(\s*[BJK]\s*\)\s*\(?\s*\d\s*\)?{_LETTER}|B\s*\(\s*\d\s*\){_LETTER}|\(\s*B\s*-?\d\s*\)?{_LETTER}\)?)"
_EXEMPTION = rf"({_BRACKETED}|B\s*-?[3-9]{_LETTER})"
_BETWEEN = r"[\s,;:/&+.\[\]-]*(AND\s+)?"
_LIST = rf"{_EXEMPTION}({_BETWEEN}{_EXEMPTION})*"
# A mark fills the whole cell: exemptions alone, with words but no other figures around them, or with the statute that
# exemption 3 names. Statute text such as 237(a)(1)(B), or 241(b)(3), only holds a piece that looks like one.
_MARKS = (
    rf"^[\s\[(]*{_LIST}[\s,;.\])]*$",
    rf"^([^0-9]*[^0-9A-Z)])?{_BRACKETED}({_BETWEEN}{_EXEMPTION})*[^0-9]*$",
    rf"^[\s\[(]*{_BRACKETED}[\s\]]*[:;,\[(-]\s*\d+\s*U\.?\s*S\.?\s*C.*$",
    rf"^[\s\[(]*5\s*U\.?\s*S\.?\s*C\.?[^0-9A-Z]*(SEC\w*\.?\s*)?552[\s,]*{_LIST}[^0-9]*$",
    rf"^[^0-9]*\b(REDACT\w*|WITHHELD|EXEMPT(ION)?|EX|FOIA)\b[^0-9]*{_LIST}[^0-9]*$",
    r"^[^0-9]*\bREDACT(ED|ION|IONS)\b[^0-9]*$",
    r"^[\s\[(]*((ICE|DHS|CBP|EOIR|AGENCY|INFORMATION)\s+)?WITHHELD([\s,:-]+(BY|UNDER|PER|PURSUANT)\b[^0-9]*)?[\s\])]*$",
    r"^[\s\u2580-\u259F\u25A0-\u25AC\u25FC\u25FE\u2B1B]*[\u2580-\u259F\u25A0-\u25AC\u25FC\u25FE\u2B1B][\s\u2580-\u259F\u25A0-\u25AC\u25FC\u25FE\u2B1B]*$",
    r"^[\sX.,/()\[\]-]*X{3}[\sX.,/()\[\]-]*$",
    r"^[\s*.,/()\[\]-]*\*{3}[\s*.,/()\[\]-]*$",
)
# What all marks have in common is quick to find and rare in values.
_MAYBE_MARK = r"[BJK]\s*\)?\s*[(-]?\s*\d|REDACT|WITHHELD|XXX|\*\*\*|[\u2580-\u259F\u25A0-\u25AC\u25FC\u25FE\u2B1B]"


def plain_text(cell: pl.Expr) -> pl.Expr:
    """A cell's text without invisible characters, an apostrophe before it, quotes around it, and doubled spaces."""
    visible = cell.str.replace_all(_INVISIBLE, "").str.replace(_QUOTED, "$1$2").str.replace(_LEADING_QUOTE, "")
    return visible.str.replace_all(r"\s+", " ").str.strip_chars()


def is_redacted(upper: pl.Expr) -> pl.Expr:
    """Whether a redaction mark fills the cell; `upper` is its plain text in capitals."""
    fills = pl.any_horizontal(upper.str.contains(mark) for mark in _MARKS)
    return pl.when(upper.str.contains(_MAYBE_MARK)).then(fills).otherwise(False)


def is_error(upper: pl.Expr) -> pl.Expr:
    """Whether a spreadsheet wrote an error in place of a value, such as #N/A or #REF!."""
    return upper.str.contains(_ERROR)
