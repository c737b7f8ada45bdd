"""A column name -> the letters and digits of it that producers do not vary."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
MONTHS = tuple(name[:3] for name in MONTH_NAMES)

_FOOTNOTES = dict.fromkeys(map(ord, "\u00b9\u00b2\u00b3\u2070\u2074\u2075\u2076\u2077\u2078\u2079"))
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")  # `Departed_x0020_Date`, as XML and Access write a space
_NUMBERED = re.compile(r"\.{3}\d+\s*$")  # `State...5`, as R tells two columns of one name apart
_FORM = re.compile(r"\(\s*[MDY]{1,4}(\W?[MDY]{1,4}){2}\s*\)\s*$", re.I)  # `Departed Date (MM/DD/YYYY)`


@lru_cache(1 << 16)
def fold(name: str | None) -> str:
    """A column name without what producers vary: case, spaces, punctuation, footnotes, the form of dates, marks."""
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), name or "").translate(_FOOTNOTES)
    plain = _FORM.sub("", _NUMBERED.sub("", plain))
    text = unicodedata.normalize("NFKC", plain.replace("%", " percent ")).casefold()
    return "".join(letter for letter in text if letter.isalnum())


def nearest(name: str, names: Iterable[str], likeness: float = 0.6) -> str | None:
    """The name most like another: for messages only, since names are never matched by likeness (0 to 1)."""
    folded = {fold(each): each for each in names}
    close = difflib.get_close_matches(fold(name), folded, n=1, cutoff=likeness)
    if close:
        return folded[close[0]]
    # `App State` is an abbreviation of `Apprehension State`: word for word, each begins as the other does.
    words = name.replace("_", " ").casefold().split()
    for each in names:
        others = each.replace("_", " ").casefold().split()
        if len(words) == len(others) and all(
            a.startswith(b) or b.startswith(a) for a, b in zip(words, others, strict=True)
        ):
            return each
    return None
