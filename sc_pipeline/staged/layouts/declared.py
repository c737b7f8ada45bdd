"""The .toml files of this folder -> layouts, every key checked."""

import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from sc_pipeline.errors import FileProblem
from sc_pipeline.schemas.base import columns
from sc_pipeline.schemas.records import POPULATIONS, SUBSETS, Detainers, Removals

KINDS = ("removals", "detainers", "monthly_counts")
MEASURES = ("removals", "average_12m")
_KEY_FIELD = {"removals": "departed_date", "detainers": "detainer_prepare_date", "monthly_counts": "month"}
# Columns of the tables that the pipeline fills in itself.
_COMPUTED = {
    "release_id", "population", "month", "fiscal_year", "citizenship_iso", "offense_level", "conviction_level",
    "convicted", "level1", "detainer_linked", "departure_kind", "county_fips", "duplicate_likely", "source_file",
    "source_sheet", "source_row",
}  # fmt: skip
_MEASURE_KEYS = {"population", "subset", "measure", "columns"}


@dataclass(frozen=True)
class Measure:
    """A figure of a published table, and the names its column may have."""

    population: str
    subset: str
    measure: str
    columns: tuple[str, ...]

    @property
    def key(self) -> str:
        """How `Match.columns` calls it: `sc/convicted/removals`."""
        return f"{self.population}/{self.subset}/{self.measure}"


@dataclass(frozen=True)
class Layout:
    """The shape of one kind of file: how to know its header, which column feeds which field, how values are written.

    `known` are columns the files carry that feed no field; `date_formats` are strptime formats in the order to try,
    each for a whole cell, and "excel" for a serial day number.
    """

    name: str
    kind: str
    title: str
    required: tuple[str, ...]
    population: str | None = None
    known: tuple[str, ...] = ()
    date_formats: tuple[str, ...] = ()
    month_formats: tuple[str, ...] = ()
    null_marks: tuple[str, ...] = ()
    redaction_marks: tuple[str, ...] = ()
    table_name: str | None = None
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    measures: tuple[Measure, ...] = ()

    @cached_property
    def feeds(self) -> dict[str, str]:
        """Folded source name -> the field (or measure) it feeds."""
        by_name = {fold(name): target for target, names in self.fields.items() for name in names}
        return by_name | {fold(name): measure.key for measure in self.measures for name in measure.columns}

    @cached_property
    def explains(self) -> set[str]:
        """Every column name this layout knows, folded."""
        return {*self.feeds, *map(fold, self.known)}


@lru_cache(1 << 16)
def fold(name: str | None) -> str:
    """A column name without what producers vary: case, spaces and punctuation."""
    text = unicodedata.normalize("NFKC", name or "").casefold()
    return "".join(letter for letter in text if letter.isalnum())


def fields_of(kind: str) -> tuple[str, ...]:
    """The fields a layout of this kind may name."""
    if kind == "monthly_counts":
        return ("month",)
    model = Removals if kind == "removals" else Detainers
    return tuple(column.name for column in columns(model) if column.name not in _COMPUTED)


@cache
def load_layouts(folder: Path = Path(__file__).parent) -> dict[str, Layout]:
    """Every layout by name, in order of name. Raises FileProblem naming the .toml and the key that is wrong."""
    return {path.stem: _load(path) for path in sorted(folder.glob("*.toml"))}


def _load(path: Path) -> Layout:
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileProblem(f"{path.name}: is not valid TOML: {error}") from None
    allowed = {key.name for key in fields(Layout)} - {"name"}
    _refuse(path, "unknown key", set(facts) - allowed, allowed)
    for key in ("kind", "title", "required"):
        if key not in facts:
            raise FileProblem(f"{path.name}: key '{key}' is missing")
    _refuse(path, "unknown kind", {facts["kind"]} - set(KINDS), KINDS)
    values = {key: _typed(path, key, value) for key, value in facts.items()}
    layout = Layout(name=path.stem, **values)
    _check(path, layout)
    return layout


def _typed(path: Path, key: str, value: Any) -> Any:
    if key == "fields":
        if not isinstance(value, dict):
            raise FileProblem(f"{path.name}: [fields] must be a table of field = [source names]")
        return {target: _names(path, f"fields.{target}", names) for target, names in value.items()}
    if key == "measures":
        return tuple(_measure(path, entry) for entry in value)
    if key in ("kind", "title", "population", "table_name"):
        if not isinstance(value, str):
            raise FileProblem(f"{path.name}: key '{key}' must be a text, not {value!r}")
        return value
    return _names(path, key, value)


def _names(path: Path, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise FileProblem(f"{path.name}: key '{key}' must be a list of texts, not {value!r}")
    return tuple(value)


def _measure(path: Path, entry: Any) -> Measure:
    if not isinstance(entry, dict) or set(entry) != _MEASURE_KEYS:
        raise FileProblem(f"{path.name}: [[measures]] needs exactly the keys {', '.join(sorted(_MEASURE_KEYS))}")
    _refuse(path, "unknown population", {entry["population"]} - set(POPULATIONS), POPULATIONS)
    _refuse(path, "unknown subset", {entry["subset"]} - set(SUBSETS), SUBSETS)
    _refuse(path, "unknown measure", {entry["measure"]} - set(MEASURES), MEASURES)
    names = _names(path, "measures.columns", entry["columns"])
    return Measure(entry["population"], entry["subset"], entry["measure"], names)


def _check(path: Path, layout: Layout) -> None:
    """What must hold across keys."""
    _refuse(path, "unknown field", set(layout.fields) - set(fields_of(layout.kind)), fields_of(layout.kind))
    key_field = _KEY_FIELD[layout.kind]
    if key_field not in layout.fields:
        raise FileProblem(f"{path.name}: [fields] must say which column feeds '{key_field}'")
    if layout.kind == "removals" and layout.population not in POPULATIONS:
        raise FileProblem(f"{path.name}: key 'population' must be one of {', '.join(POPULATIONS)}")
    formats = "month_formats" if layout.kind == "monthly_counts" else "date_formats"
    if not getattr(layout, formats):
        raise FileProblem(f"{path.name}: key '{formats}' must list at least one format")
    if layout.kind == "monthly_counts" and not (layout.measures and layout.table_name):
        raise FileProblem(f"{path.name}: a layout of published counts needs 'table_name' and [[measures]]")
    fed = [fold(name) for names in layout.fields.values() for name in names]
    fed += [fold(name) for measure in layout.measures for name in measure.columns]
    doubled = sorted({name for name in fed if fed.count(name) > 1})
    _refuse(path, "source name listed for two fields:", doubled, ())
    _refuse(path, "required name neither in [fields] or [[measures]] nor in 'known':",
            {name for name in layout.required if fold(name) not in layout.explains}, ())  # fmt: skip
    if not layout.required:
        raise FileProblem(f"{path.name}: key 'required' must name the columns that tell this shape from others")


def _refuse(path: Path, what: str, wrong: Iterable[str], allowed: Iterable[str]) -> None:
    found = sorted(map(str, wrong))
    if found:
        rest = f"; known are {', '.join(allowed)}" if allowed else ""
        raise FileProblem(f"{path.name}: {what} '{found[0]}'{rest}")
