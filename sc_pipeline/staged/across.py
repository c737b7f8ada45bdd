"""A sheet with months across its columns -> its table: each row a year of one figure, or one figure by month."""

import re
from collections.abc import Iterator

from sc_pipeline.staged.formats.sheet import Row, Sheet
from sc_pipeline.staged.matching import Header, Match, headers, staged_names
from sc_pipeline.staged.names import MONTH_NAMES, MONTHS, fold
from sc_pipeline.staged.vocabularies import Measure, Vocabulary, Words

KEY = "across/"
"""How the field of a column that is a month begins: `across/10` where the row gives the year, else `across/2015-10`."""
_LEAST = 6
_MONTH = re.compile(r"([A-Za-z]{3,9})\.?[ -]?(\d{4}|\d{2})?")
_YEARS = ("fiscal_year", "year")


def month_of(text: str | None) -> tuple[int | None, int] | None:
    """October -> (None, 10); Oct-15 and October 2015 -> (2015, 10); None where it is not a month."""
    found = _MONTH.fullmatch(" ".join((text or "").split()))
    name = found[1].casefold() if found else ""
    if found is None or name[:3] not in MONTHS or name not in _names(name[:3]):
        return None
    year = int(found[2]) if found[2] else None
    return (year + 2000 if year is not None and len(found[2]) == 2 else year), MONTHS.index(name[:3]) + 1


def _names(short: str) -> tuple[str, ...]:
    full = MONTH_NAMES[MONTHS.index(short)]
    return (short, full, "sept") if short == "sep" else (short, full)


def match_across(sheet: Sheet, words: Words) -> Match | None:
    """The table of a sheet with months across; None where nothing says which figure it gives."""
    vocabulary = words.vocabularies["monthly_counts"]
    for header in headers(sheet.head, words):
        months = {at: month for at, cell in enumerate(header.cells) if (month := month_of(cell))}
        if len(months) < _LEAST or len(set(months.values())) < len(months) or 0 in months:
            continue
        below = [row for row in sheet.head if row[0] > header.row]
        if all(year is None for year, _ in months.values()):
            field = next((field for field in _YEARS if vocabulary.feeds.get(header.folded[0]) == field), None)
            measures = [*_named(_cells([row for row in sheet.head if row[0] < header.row]), vocabulary)]
            if field is None or len({measure.key for measure in measures}) != 1:
                continue
        elif all(year is not None for year, _ in months.values()):
            field, measures = "month", [*_named((cells[0] for _, cells in below if cells), vocabulary)]
        else:
            continue
        if measures and below:
            return _match(header, vocabulary, field, measures, months)
    return None


def _match(
    header: Header,
    vocabulary: Vocabulary,
    field: str,
    measures: list[Measure],
    months: dict[int, tuple[int | None, int]],
) -> Match:
    names = staged_names(header.cells)
    columns: dict[str, tuple[str, ...]] = {"month": (names[0],), field: (names[0],)}
    columns |= {measure.key: () for measure in measures}
    columns |= {
        KEY + (f"{month}" if year is None else f"{year}-{month:02}"): (names[at],)
        for at, (year, month) in months.items()
    }
    unknown = [
        name
        for at, (key, name) in enumerate(zip(header.folded, names, strict=True))
        if at and at not in months and key and key not in vocabulary.explains
    ]
    return Match(vocabulary, None, header.row, header.lines, names, columns, tuple(unknown), ())


def _cells(rows: list[Row]) -> Iterator[str | None]:
    return (cell for _, cells in rows for cell in cells)


def _named(cells: Iterator[str | None], vocabulary: Vocabulary) -> Iterator[Measure]:
    by_name = {fold(name): measure for measure in vocabulary.measures for name in measure.columns}
    return (by_name[fold(cell)] for cell in cells if fold(cell) in by_name)
