"""The first rows of a sheet -> its header, the kind of table below it, and which columns feed which field."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged.formats.sheet import HEADER_ROWS, Row, Sheet
from sc_pipeline.staged.names import fold, nearest
from sc_pipeline.staged.vocabularies import Production, Vocabulary, Words

# Of a header's known names, this share must be a production's; and that share of the production's must be there, where
# no name is its alone.
_SHARE_OF_HEADER, _SHARE_OF_PRODUCTION = 0.8, 0.5
# Rows this wide are data, header or not; a narrower sheet without a header holds notes.
DATA_WIDTH = 6


@dataclass(frozen=True)
class Stated:
    """What release.toml states of a file: its kind, its production, and the fields of columns nobody knows."""

    kind: str | None = None
    production: str | None = None
    columns: Mapping[str, str] | None = None

    @cached_property
    def feeds(self) -> dict[str, str]:
        """Folded column name -> field."""
        return {fold(name): field for name, field in (self.columns or {}).items()}


@dataclass(frozen=True)
class Match:
    """How to read a table: `names` are its columns as staged, `columns` says which of them feed which field."""

    vocabulary: Vocabulary
    production: Production | None
    header_row: int
    header: tuple[tuple[str, ...], ...]  # the row it is written in, or the two rows, as folded names
    names: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def key_column(self) -> str:
        """The column of the field that every table of the kind has."""
        return self.columns[self.vocabulary.key][0]


@dataclass(frozen=True)
class Header:
    """A row that may be a header."""

    row: int
    cells: Sequence[str | None]
    over: tuple[Sequence[str | None], ...] = ()  # the two rows it is written over, where it is not one row

    @property
    def lines(self) -> tuple[tuple[str, ...], ...]:
        """Each row that it is written in, as names."""
        return tuple(tuple(fold(cell) for cell in cells) for cells in self.over or (self.cells,))

    @cached_property
    def folded(self) -> list[str]:
        """Its cells as names, in order."""
        return [fold(cell) for cell in self.cells]

    @cached_property
    def names(self) -> frozenset[str]:
        """Its cells as names; blanks left out."""
        return frozenset(self.folded) - {""}


def match(sheet: Sheet, words: Words, stated: Stated = Stated()) -> Match | None:
    """The table of a sheet, where its columns tell what it is. None where no kind fits.

    Raises FileProblem where the table fits two kinds, or what release.toml states cannot be.
    """
    _check_stated(sheet, words, stated)
    for header in headers(sheet.head, words):
        found = _kind_of(sheet, header, words, stated)
        if found is not None:
            _refuse_side_by_side(sheet, header, *found, stated)
            return _match(sheet, header, *found, stated)
    return None


def headers(head: Sequence[Row], words: Words) -> Iterator[Header]:
    """The rows that may be the header, in order; then pairs of rows, where names are written over two."""
    rows = [Header(row, cells) for row, cells in head[:HEADER_ROWS]]
    yield from rows
    for first, second in pairwise(rows):
        if second.row == first.row + 1 and len(first.cells) == len(second.cells):
            yield Header(second.row, list(_joined(first, second, words)), (first.cells, second.cells))


def _joined(first: Header, second: Header, words: Words) -> Iterator[str]:
    """The names of a header over two rows; a word above may be merged over several columns, and is in the first."""
    left = ""
    for above, below in zip(first.cells, second.cells, strict=True):
        left = above or left
        name, merged = f"{above or ''} {below or ''}".strip(), f"{left} {below or ''}".strip()
        yield merged if below and fold(merged) in words.names else name


def _kind_of(sheet: Sheet, header: Header, words: Words, stated: Stated) -> tuple[Vocabulary, Production | None] | None:
    production = words.productions[stated.production] if stated.production else _production_of(header, words)
    if kind := stated.kind or (stated.production and words.productions[stated.production].kind):
        vocabulary = words.vocabularies[kind]
        fits = has_key(vocabulary, production, header, stated)
        return (vocabulary, production if production and production.kind == kind else None) if fits else None
    fitting = kinds_of(header, words, stated)
    if len(fitting) == 1:
        vocabulary = fitting[0]
        return vocabulary, production if production and production.kind == vocabulary.kind else None
    if production and _is_whole(production, header, words, stated):
        return words.vocabularies[production.kind], production
    _refuse_two_kinds(sheet, header, words, stated)
    return None


def _is_whole(production: Production, header: Header, words: Words, stated: Stated) -> bool:
    """Whether a header is so much a known delivery's that it needs no column that only its kind has."""
    shared = len(production.folded & header.names)
    is_most = shared >= _SHARE_OF_HEADER * len(header.names) and shared >= _SHARE_OF_PRODUCTION * len(production.folded)
    return is_most and has_key(words.vocabularies[production.kind], production, header, stated)


def has_key(vocabulary: Vocabulary, production: Production | None, header: Header, stated: Stated) -> bool:
    """Whether a header has the field that every table of the kind has."""
    own = production.feeds if production and production.kind == vocabulary.kind else {}
    feeds = vocabulary.feeds | own | stated.feeds
    return any(feeds.get(name) == vocabulary.key for name in header.names)


def kinds_of(header: Header, words: Words, stated: Stated) -> list[Vocabulary]:
    """The kinds whose key is in a header with a column only they have, and without any that only another has.

    A name that a kind itself knows is no sign of another: detainers may tell the departure too.
    """
    found = []
    for vocabulary in words.vocabularies.values():
        others = {name for other in words.vocabularies.values() if other is not vocabulary for name in other.deciding}
        is_one = has_key(vocabulary, None, header, stated) and bool(header.names & vocabulary.deciding)
        strange = (others - vocabulary.deciding - vocabulary.feeds.keys()) | set(map(fold, vocabulary.never_with))
        if is_one and not header.names & strange:
            found.append(vocabulary)
    return found


def _production_of(header: Header, words: Words) -> Production | None:
    """The known delivery most of whose columns a header has, or one of its own, and few of others."""
    known = header.names & words.names
    others = Counter(name for production in words.productions.values() for name in production.folded)

    def shared(production: Production) -> int:
        return len(production.folded & known)

    close = [
        production
        for production in words.productions.values()
        if shared(production) >= max(2, _SHARE_OF_HEADER * len(known))
        and (
            shared(production) >= _SHARE_OF_PRODUCTION * len(production.folded)
            or any(others[name] == 1 for name in production.folded & known)
        )
    ]
    return max(close, key=shared) if close else None


def _refuse_two_kinds(sheet: Sheet, header: Header, words: Words, stated: Stated) -> None:
    taken = [
        v
        for v in words.vocabularies.values()
        if has_key(v, None, header, stated)
        and header.names & v.deciding
        and not header.names & set(map(fold, v.never_with))
    ]
    if len(taken) < 2:
        return
    at = {name: str(cell) for name, cell in zip(header.folded, header.cells, strict=True)}
    evidence = " and ".join(
        f"of {vocabulary.title} ('{at[sorted(header.names & vocabulary.deciding)[0]]}')" for vocabulary in taken
    )
    raise FileProblem(
        f'{sheet.place}, row {header.row}: has columns {evidence}; which is it? Write kind = "{taken[0].kind}" '
        "(or another) under [[files]] in release.toml, or leave the file out"
    )


def _refuse_side_by_side(
    sheet: Sheet, header: Header, vocabulary: Vocabulary, production: Production | None, stated: Stated
) -> None:
    counts = Counter(name for name in header.folded if name)
    doubled = Header(header.row, [name for name, count in counts.items() if count > 1])
    if len(doubled.names) >= max(3, len(counts) / 2) and has_key(vocabulary, production, doubled, stated):
        raise FileProblem(
            f"{sheet.place}: holds two tables side by side: {len(doubled.names)} columns are twice in the header in "
            f"row {header.row}; put each in a file of its own, in a copy"
        )


def _match(
    sheet: Sheet, header: Header, vocabulary: Vocabulary, production: Production | None, stated: Stated
) -> Match:
    ignored = set(map(fold, production.ignore)) if production else set()
    feeds = vocabulary.feeds | (production.feeds if production else {}) | stated.feeds
    feeds = {name: field for name, field in feeds.items() if name not in ignored or name in stated.feeds}
    names = staged_names(header.cells)
    rank = {
        name: place for place, name in enumerate([*stated.feeds, *(production.feeds if production else ()), *feeds])
    }
    found: dict[str, list[tuple[int, str]]] = {}
    for key, name in zip(header.folded, names, strict=True):
        if key in feeds:
            found.setdefault(feeds[key], []).append((rank[key], name))
    columns = {field: tuple(name for _, name in sorted(each)) for field, each in found.items()}
    known = vocabulary.explains | (production.folded if production else frozenset()) | set(stated.feeds)
    unknown = _unknown(sheet, header, names, known)
    missing = _missing(vocabulary, columns, unknown)
    return Match(vocabulary, production, header.row, header.lines, names, columns, unknown, missing)


def _missing(vocabulary: Vocabulary, columns: Mapping[str, object], unknown: Sequence[str]) -> tuple[str, ...]:
    """The usual fields that no column feeds, each with the unknown column that may be it."""
    by_name = {name: field for field in vocabulary.usual if field not in columns for name in vocabulary.fields[field]}
    guesses = {by_name[guess]: name for name in unknown if (guess := nearest(name, by_name))}
    return tuple(
        f"{field} (is that '{guesses[field]}'?)" if field in guesses else field
        for field in vocabulary.usual
        if field not in columns
    )


def staged_names(cells: Sequence[str | None]) -> tuple[str, ...]:
    """The header as column names: spaces collapsed, none blank, none twice (letter case aside), none reserved."""
    taken = {"source_row"}
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        plain = " ".join((cell or "").split()) or f"column {number}"
        name, count = plain, 1
        while name.casefold() in taken:
            count += 1
            name = f"{plain} ({count})"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)


def _unknown(sheet: Sheet, header: Header, names: tuple[str, ...], known: frozenset[str] | set[str]) -> tuple[str, ...]:
    """Columns that no vocabulary knows; a column without a name counts only where it holds something."""
    below = [cells for row, cells in sheet.head if row > header.row]
    unknown: list[str] = []
    for at, (key, name) in enumerate(zip(header.folded, names, strict=True)):
        used = bool(key) or any(cells[at] for cells in below if at < len(cells))
        if used and key not in known:
            unknown.append(name)
    return tuple(unknown)


def _check_stated(sheet: Sheet, words: Words, stated: Stated) -> None:
    """What release.toml names must be known."""
    where = f"{sheet.file}: release.toml"
    if stated.kind and stated.kind not in words.vocabularies:
        raise FileProblem(f"{where} names the kind '{stated.kind}'; known are {', '.join(words.vocabularies)}")
    if stated.production and stated.production not in words.productions:
        hint = nearest(stated.production, words.productions)
        known = f"did you mean '{hint}'?" if hint else f"known are {', '.join(words.productions)}"
        raise FileProblem(f"{where} names the production '{stated.production}'; {known}")
    fields = {field for vocabulary in words.vocabularies.values() for field in vocabulary.fields}
    for name, field in (stated.columns or {}).items():
        if field not in fields:
            hint = nearest(field, fields)
            raise FileProblem(
                f"{where}, columns: '{name}' = '{field}' is not a field{f'; did you mean {hint!r}?' if hint else ''}"
            )
