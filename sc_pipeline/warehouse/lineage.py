"""Which columns every column comes from, down to the columns of the files and the manifest."""

import csv
from functools import cache
from pathlib import Path

import pyarrow as pa

from sc_pipeline.core.membership import CONVICTION_FIELDS
from sc_pipeline.hashing import code_version
from sc_pipeline.schemas import MODELS, meta
from sc_pipeline.schemas.base import arrow_schema, columns, key_of
from sc_pipeline.staged.vocabularies import load_words

_TRACE = Path(__file__).with_name("trace.sql")
_OF_SQL = Path(__file__).with_name("column_lineage.csv")
CODE_VERSION = code_version(Path(__file__), _TRACE, _OF_SQL)
TRACE_MACRO = _TRACE.read_text(encoding="utf-8")
Source = tuple[str, str]

# Of a table: its rows, where how many there are, or which, is what matters. Of a vocabulary: the file as a whole.
ROWS = "*"
MANIFEST, CORRECTIONS, PRODUCTIONS = "release.toml", "corrections.toml", "productions/*.toml"

_PLACE = ("source_file", "source_sheet", "source_row")
_KINDS = {"removals_by_release": "removals", "detainers_by_release": "detainers", "detainer_links": "removals"}
_PUBLISHED = {
    "published_counts": "monthly_counts",
    "published_years": "yearly_counts",
    "other_counts": "monthly_counts",
}
_FACTS = ("quarantine", "field_disclosure", "silences", "release_bases", "source_files")
_JOINED = (
    "detainer_prepare_date",
    "departed_date",
    "person_id",
    "detainers.detainer_prepare_date",
    "detainers.person_id",
)
# What cleaning works out, or looks up: column -> the fields it rests on, and reference tables.
_DERIVED: dict[str, dict[str, tuple[str, ...]]] = {
    "removals": {
        "month": ("departed_date",),
        "fiscal_year": ("departed_date",),
        "citizenship_iso": ("citizenship_country",),
        "offense_level": ("msc_code",),
        "conviction_level": CONVICTION_FIELDS,
        "convicted": CONVICTION_FIELDS,
        "level1": CONVICTION_FIELDS,
        "detainer_linked": _JOINED,
        "linked_detainer_date": _JOINED,
        "days_to_departure": _JOINED,
        "link_method": _JOINED,
        "departure_kind": ("case_status", "processing_disposition", "case_category"),
        "county": ("state",),
        "county_fips": ("county", "state"),
        "duplicate_likely": ("person_id", "departed_date"),
    },
    "detainers": {
        "month": ("detainer_prepare_date",),
        "duplicate_likely": ("person_id", "detainer_prepare_date"),
    },
}
_LOOKED_UP: dict[str, tuple[Source, ...]] = {
    "citizenship_iso": (("reference/countries.csv", "iso"),),
    "offense_level": (("reference/offense_levels.csv", "level"),),
    "conviction_level": (("reference/offense_levels.csv", "level"),),
    "level1": (("reference/offense_levels.csv", "level"), ("reference/offense_levels.csv", "possible")),
    "detainer_linked": (("reference/constants.csv", "value"),),
    "departure_kind": (("reference/dispositions.csv", "departure_kind"),),
    "county": (("reference/counties.csv", "name"),),
    "county_fips": (("reference/counties.csv", "county_fips"),),
    "aor": (("reference/areas.csv", "aor"),),
    "facility_aor": (("reference/areas.csv", "aor"),),
    "state": (("reference/states.csv", "state"),),
    "detainer_state": (("reference/states.csv", "state"),),
    "facility_state": (("reference/states.csv", "state"),),
}
# Columns whose manifest key has another name; `folder` is the release's folder itself.
_MANIFEST_KEYS = {
    ("releases", "covers_from"): "covers",
    ("releases", "covers_to"): "covers",
    ("releases", "sha256"): "files",
    ("releases", "status"): "withdrawn",
    ("releases", "problem"): "withdrawn",
    ("releases", "inferred"): ROWS,
    ("release_windows", "first_month"): "serves.from",
    ("release_windows", "last_month"): "serves.to",
    ("release_windows", "kind"): "serves.kind",
    ("withheld_fields", "field"): "withheld.fields",
    ("withheld_fields", "first_month"): "withheld.from",
    ("withheld_fields", "last_month"): "withheld.to",
}
# What a known production says where the manifest says nothing, or what only it says.
_PRODUCTION_KEYS = {
    ("releases", "caution"): "cautions",
    ("releases", "scope_note"): "scope_note",
    ("release_windows", "first_month"): "serves.from",
    ("release_windows", "last_month"): "serves.to",
    ("release_windows", "kind"): "kind",
    ("release_windows", ROWS): "serves",
    ("expected_rows", "production"): ROWS,
    ("expected_rows", "kind"): "kind",
    ("expected_rows", "fiscal_year"): "expected.fiscal_year",
    ("expected_rows", "rows"): "expected.rows",
    ("expected_rows", "source"): "expected.source",
    ("expected_rows", ROWS): "expected",
}
_CORRECTION_KEYS = {"rows_matched": "rows", "replacement": "value"}


def lineage_table() -> pa.Table:
    """The rows of meta.column_lineage."""
    rows = [
        {"table_name": table, "column_name": column, "from_table": source, "from_column": source_column}
        for table, found in all_lineage().items()
        for column, sources in found.items()
        for source, source_column in sources
    ]
    return pa.Table.from_pylist(rows, arrow_schema(meta.ColumnLineage))


def asset_lineage(table: str) -> dict[str, list[Source]]:
    """Column -> the columns of other assets it comes from, for Dagster: the files' columns are those of staged_rows."""
    own = all_lineage().get(table, {})
    return {
        column: sorted({found for source in sources for found in _of_assets(source)}) for column, sources in own.items()
    }


@cache
def all_lineage() -> dict[str, dict[str, list[Source]]]:
    """Table -> column -> its direct sources, for every table that is made of others, of files or of manifests.

    The column `*` stands for the rows of the table: what decides which there are.
    """
    found = {table: _of_files(table, kind) for table, kind in _KINDS.items()}
    found |= {table: _of_published(table, kind) for table, kind in _PUBLISHED.items()}
    found |= {table: _of_any_file(table) for table in _FACTS}
    found["corrections"] = {
        column.name: [(CORRECTIONS, _CORRECTION_KEYS.get(column.name, column.name))]
        for column in columns(MODELS["corrections"])
    } | {ROWS: [(CORRECTIONS, ROWS)]}
    for table in ("releases", "release_windows", "withheld_fields"):
        found[table] = {
            column.name: [(MANIFEST, _MANIFEST_KEYS.get((table, column.name), column.name))]
            for column in columns(MODELS[table])
        } | {ROWS: [(MANIFEST, ROWS)]}
    found["expected_rows"] = {"release_id": []}
    for (table, column), key in _PRODUCTION_KEYS.items():
        found[table].setdefault(column, []).append((PRODUCTIONS, key))
    for table, sources in found.items():
        if "release_id" in sources:
            found[table] = {**sources, "release_id": [(MANIFEST, "folder")]}
    return found | _of_sql()


def _of_files(table: str, kind: str) -> dict[str, list[Source]]:
    files = [(f"vocabulary:{kind}", ROWS)]
    found: dict[str, list[Source]] = {}
    for column in columns(MODELS[table]):
        fields = (column.name, *_DERIVED[kind].get(column.name, ()))
        fed = [source for field in dict.fromkeys(fields) for source in _feeding(kind, field)]
        found[column.name] = [*fed, *_LOOKED_UP.get(column.name, ())]
    if "population" in found:
        # What the manifest states goes before what the shape of the file implies.
        found["population"] = [(MANIFEST, "population"), *files]
    return {**found, **dict.fromkeys((*_PLACE, ROWS), files)}


def _feeding(kind: str, field: str) -> list[Source]:
    """The columns that feed a field of a kind; `detainers.person_id` is a field of another."""
    kind, name = field.split(".") if "." in field else (kind, field)
    return [(f"vocabulary:{kind}", column) for column in load_words().vocabularies[kind].fields.get(name, ())]


def _of_published(table: str, kind: str) -> dict[str, list[Source]]:
    vocabulary = load_words().vocabularies[kind]
    files = [(f"vocabulary:{kind}", ROWS)]
    # Which column a figure is in says whom it counts and what it measures.
    cells = [(f"vocabulary:{kind}", name) for measure in vocabulary.measures for name in measure.columns]
    found: dict[str, list[Source]] = {column.name: cells for column in columns(MODELS[table])}
    return {**found, **dict.fromkeys((*_PLACE, ROWS), files), vocabulary.key: _feeding(kind, vocabulary.key)}


def _of_any_file(table: str) -> dict[str, list[Source]]:
    files = [(f"vocabulary:{kind}", ROWS) for kind in load_words().vocabularies]
    return {column.name: files for column in columns(MODELS[table])} | {ROWS: files}


def _of_sql() -> dict[str, dict[str, list[Source]]]:
    """The tables that .sql files make, each column in the order of its model."""
    found: dict[str, dict[str, list[Source]]] = {}
    with _OF_SQL.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["table"] not in found:
                found[row["table"]] = {column.name: [] for column in columns(MODELS[row["table"]])} | {ROWS: []}
            found[row["table"]][row["column"]].append((row["from_table"], row["from_column"]))
    return found


def _of_assets(source: Source) -> list[Source]:
    """A source as columns of assets; none for what is no asset, such as a manifest."""
    table, column = source
    if table.startswith("vocabulary:"):
        return [("staged_rows", "source_row" if column == ROWS else column)]
    if table not in MODELS:
        return []
    if column != ROWS:
        return [source]
    names = [each.name for each in columns(MODELS[table])]
    return [(table, name) for name in key_of(MODELS[table]) or (name for name in _PLACE if name in names)]
