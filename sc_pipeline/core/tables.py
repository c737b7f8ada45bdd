"""A staged sheet of case records -> what core reads it by: its fields' columns, its marks, its dates' habits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sc_pipeline.core.dates import DateForms
from sc_pipeline.core.identifiers import IdForms
from sc_pipeline.core.rules import FieldRules, rules_of
from sc_pipeline.core.values import KINDS, Kind, Reading
from sc_pipeline.reference import LATEST_RECEIVED
from sc_pipeline.schemas.base import RowTable
from sc_pipeline.schemas.records import Detainers, Removals

if TYPE_CHECKING:
    from sc_pipeline.raw.release import Release
    from sc_pipeline.staged.sheet import StagedSheet

KEYS = {"removals": "departed_date", "detainers": "detainer_prepare_date"}
PREFIXES = {"removals": "", "detainers": "detainers."}
MODELS: dict[str, type[RowTable]] = {"removals": Removals, "detainers": Detainers}


@dataclass(frozen=True)
class CaseTable:
    """One sheet of case records. `day_first` and `ids` hold what the survey of the whole release decided."""

    release_id: str
    file: str
    sheet: str | None
    kind: str
    columns: Mapping[str, tuple[str, ...]]
    population: str | None
    rules: FieldRules
    forms: DateForms
    null_marks: tuple[str, ...] = ()
    date_order: str | None = None
    day_first: Mapping[str, bool] = field(default_factory=dict)  # staged columns that write the other order
    ids: IdForms = field(default_factory=IdForms)
    beside_names: bool = False  # whether it has columns that tell who a person is

    @property
    def key(self) -> str:
        """The field that a row is counted by."""
        return KEYS[self.kind]

    @property
    def prefix(self) -> str:
        """What goes before its fields' names where both kinds are listed together."""
        return PREFIXES[self.kind]

    @property
    def place(self) -> str:
        """The file and sheet, as a message names them."""
        return self.file + (f", sheet {self.sheet}" if self.sheet else "")

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """How each field of its kind is read."""
        return KINDS[self.kind]

    def reading(self, column: str) -> Reading:
        """How the cells of one of its columns are read."""
        day_first = self.day_first.get(column, self.forms.day_first)
        forms = DateForms(day_first, self.forms.epoch_1904, self.forms.last_day)
        return Reading(forms, self.null_marks, self.ids)


def case_table(release: "Release", sheet: "StagedSheet") -> CaseTable:
    """What core needs to know of a sheet. What a person states of the release goes before what its shape implies."""
    forms = DateForms(
        day_first=sheet.date_order == "day first" if sheet.date_order else _is_day_first(sheet.date_forms),
        epoch_1904=sheet.epoch_1904,
        last_day=release.received or LATEST_RECEIVED,
    )
    return CaseTable(
        release.id,
        sheet.file,
        sheet.sheet,
        sheet.kind,
        {name: sheet.columns[name] for name in KINDS[sheet.kind] if name in sheet.columns},
        (release.population or sheet.population) if sheet.kind == "removals" else None,
        rules_of(MODELS[sheet.kind], KEYS[sheet.kind], release.received),
        forms,
        sheet.null_marks,
        sheet.date_order,
        beside_names=bool(sheet.personal),
    )


def _is_day_first(date_forms: tuple[str, ...]) -> bool:
    """Whether the vocabulary writes the day before the month in figures."""
    orders = ["%d" in form[:2] for form in date_forms if form[:2] in ("%d", "%m") and "%m" in form]
    return bool(orders) and orders[0]
