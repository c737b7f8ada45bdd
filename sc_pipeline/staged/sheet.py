"""What staging says of one table: the index entry that all later stages read."""

from dataclasses import dataclass, field

from sc_pipeline.staged.vocabularies import Measure


@dataclass(frozen=True)
class StagedSheet:
    """One table as found: its kind, which columns feed which field, and where its rows are.

    `left_out` says why its rows are not taken in; then `part` is empty, and where no kind fits `kind` too: all its
    columns are `unknown`. `missing` are the usual fields no column feeds, each with the likeliest unknown column. Row
    numbers are those a person sees.
    """

    release_file: str  # the file of the release; `file` is the same, or its member where it is an archive
    file: str
    sheet: str | None
    kind: str
    production: str | None = None
    header_row: int = 0
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    date_forms: tuple[str, ...] = ()
    date_order: str | None = None
    null_marks: tuple[str, ...] = ()
    population: str | None = None
    part: str = ""
    rows: int = 0
    encoding: str | None = None
    problems: tuple[tuple[int, str, str], ...] = ()
    left_out: str | None = None
    table_name: str | None = None
    measures: tuple[Measure, ...] = ()
    month_formats: tuple[str, ...] = ()
    epoch_1904: bool = False
    hidden: bool = False
    personal: tuple[str, ...] = ()  # columns whose names say that they tell who a person is
    rows_sha256: str | None = None  # over the rows of its part

    @property
    def place(self) -> str:
        """How a message names this table."""
        return self.file if self.sheet is None else f"{self.file}, sheet '{self.sheet}'"
