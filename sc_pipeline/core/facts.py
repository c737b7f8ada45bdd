"""What adds up over the batches of a release -> the small tables about it: disclosure, silences, bases, files."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches

import polars as pl

from sc_pipeline.core.rows import Cleaned
from sc_pipeline.core.silences import MonthCounts, month_number, silent_months, whole_release
from sc_pipeline.core.survey import Disclosure, Surveyed, declared_withheld
from sc_pipeline.core.tables import KEYS, PREFIXES
from sc_pipeline.core.values import KINDS
from sc_pipeline.raw.folders import is_data
from sc_pipeline.raw.release import Release
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import polars_schema
from sc_pipeline.staged.formats import BESIDE, NOT_TAKEN_IN
from sc_pipeline.staged.names import fold
from sc_pipeline.staged.sheet import StagedSheet
from sc_pipeline.staged.stage import Staged
from sc_pipeline.staged.vocabularies import Words

# What a count joined from the detainers table needs, told for the months of the removals.
LISTED = "; "  # between several names in one cell of source_files
JOIN_FIELDS = ("detainers.person_id", "detainers.detainer_prepare_date")
_Counts = Mapping[tuple[str, str], Mapping[date, MonthCounts]]


class Tally:
    """What adds up over the batches of a release."""

    def __init__(self, release: Release, surveyed: Surveyed) -> None:
        self._release = release
        self._surveyed = surveyed
        self._accepted: dict[str, int] = defaultdict(int)
        self._refused: dict[str, int] = defaultdict(int)
        self._disclosure = Disclosure()
        self._present: set[str] = set()
        self._kinds: set[str] = set()
        self._populations: set[str] = set()

    def count(self, sheet: StagedSheet, accepted: int, refused: int) -> None:
        """Add to what became of a file's rows."""
        self._accepted[sheet.release_file] += accepted
        self._refused[sheet.release_file] += refused

    def add(self, sheet: StagedSheet, cleaned: Cleaned) -> None:
        """Add one batch of a sheet."""
        table = cleaned.table
        refused = cleaned.quarantine.filter(pl.col("severity") == "structural").height
        self.count(sheet, cleaned.rows.height, refused)
        self._kinds.add(table.kind)
        self._populations |= {table.population} if table.population else set()
        self._present |= {table.prefix + name for name in table.columns}
        self._disclosure.add(table, cleaned.rows["month"], cleaned.states, tuple(KINDS[table.kind]))

    def field_disclosure(self) -> pl.DataFrame:
        """The rows of field_disclosure, over all populations."""
        schema = polars_schema(MODELS["field_disclosure"])
        summed = (
            self._disclosure.counts()
            .group_by("month", "field")
            .agg(pl.col("rows", "disclosed", "redacted", "unreadable").sum(), pl.col("column_present").any())
        )
        blank = pl.col("rows") - pl.col("disclosed") - pl.col("redacted") - pl.col("unreadable")
        named = summed.with_columns(release_id=pl.lit(self._release.id), blank=blank)
        return named.select(schema.names()).cast(schema).sort("month", "field")

    def silences(self, sheets: Sequence[StagedSheet], words: Words) -> pl.DataFrame:
        """The rows of silences: each field, population and month that does not tell anything, with the reason."""
        counts = self._disclosure.months()
        unrecognized = unrecognized_fields(sheets, words)
        found: list[tuple[str, str, date, str, str]] = []
        for kind in sorted(self._kinds):
            populations = sorted(self._populations) if kind == "removals" else [""]
            for population in populations:
                months = self._months(counts, kind, population)
                for name in (PREFIXES[kind] + field for field in KINDS[kind]):
                    reasons = silent_months(
                        counts.get((population, name), {}),
                        months,
                        name in self._present,
                        name in unrecognized,
                        declared_withheld(self._release, name),
                    )
                    found += [(self._release.id, population, *told) for told in _listed_reasons(name, reasons)]
        found += self._silent_joins(counts, unrecognized)
        schema = polars_schema(MODELS["silences"])
        return pl.DataFrame(found, schema, orient="row").sort("population", "month", "field")

    def _months(self, counts: _Counts, kind: str, population: str) -> list[date]:
        """The months a kind has rows of, and of removals those of a declared coverage."""
        months = set(counts.get((population, PREFIXES[kind] + KEYS[kind]), {}))
        if kind == "removals" and self._release.covers:
            first, last = self._release.covers
            months |= {
                date(number // 12, number % 12 + 1, 1) for number in range(month_number(first), month_number(last) + 1)
            }
        return sorted(months)

    def _silent_joins(self, counts: _Counts, unrecognized: set[str]) -> list[tuple[str, str, date, str, str]]:
        found = []
        for population in sorted(self._populations):
            for name in JOIN_FIELDS:
                own = counts.get(("", name), {})
                declared = declared_withheld(self._release, name)
                by_month = silent_months(own, own, name in self._present, name in unrecognized, declared)
                throughout = self._silent_throughout(name, own, unrecognized)
                for month in self._months(counts, "removals", population):
                    is_declared = silent_months({}, [month], False, False, declared).get(month) == "withheld"
                    reason = "withheld" if is_declared else throughout or by_month.get(month)
                    if reason:
                        found.append((self._release.id, population, month, name, reason))
        return found

    def _silent_throughout(self, name: str, own: Mapping[date, MonthCounts], unrecognized: set[str]) -> str | None:
        """Why a field of the detainers table tells nothing of any removal."""
        if name not in self._present:
            return "unreadable" if name in unrecognized else "not_in_release"
        reason = whole_release(sum(own.values(), MonthCounts()))
        if reason:
            return reason
        known = self._surveyed
        if name == "detainers.person_id" and known.removal_ids and known.detainer_ids and not known.matched_ids:
            return "ids_do_not_join"
        return None

    def release_bases(self) -> pl.DataFrame:
        """The rows of release_bases, one for each population."""
        known, span = self._surveyed, self._surveyed.detainers
        rows = [
            (
                self._release.id,
                population,
                known.bases[population].level_basis if population in known.bases else None,
                span.first if span else None,
                span.last if span else None,
                known.removal_ids,
                known.detainer_ids,
                known.matched_ids,
                "detainer_prepare_date" in self._present,
                known.has_detainers_table,
            )
            for population in sorted(self._populations)
        ]
        return pl.DataFrame(rows, polars_schema(MODELS["release_bases"]), orient="row")

    def source_files(self, staged: Staged) -> pl.DataFrame:
        """The rows of source_files: every file of the release with what became of its rows."""
        rows = []
        for file in self._release.files:
            sheets = [sheet for sheet in staged.sheets if sheet.release_file == file.name]
            read = sum(sheet.rows + len(sheet.problems) for sheet in sheets)
            aside = [sheet for sheet in sheets if not sheet.part]
            rows.append(
                {
                    "release_id": self._release.id,
                    "file": file.name,
                    "kind": _listed(sheet.kind for sheet in sheets),
                    "production": _listed(sheet.production for sheet in sheets),
                    "sha256": file.sha256,
                    "bytes": file.bytes,
                    "rows_read": read,
                    "rows_accepted": self._accepted[file.name],
                    "rows_quarantined": self._refused[file.name],
                    "rows_left_out": sum(sheet.rows for sheet in aside),
                    "left_out": _listed(_why_left_out(sheet) for sheet in aside),
                    "encoding": _listed(sheet.encoding for sheet in sheets),
                    "sheets": len(sheets) - len(aside),
                    "unknown_columns": _listed(name for sheet in sheets if sheet.part for name in sheet.unknown),
                    "missing_columns": _listed(name for sheet in sheets if sheet.part for name in sheet.missing),
                    "personal_columns": _listed(
                        name for sheet in sheets if sheet.part for name in staged.personal(sheet)
                    ),
                }
            )
        rows += [
            {
                "release_id": self._release.id,
                "file": file.name,
                "sha256": file.sha256,
                "bytes": file.bytes,
                "rows_read": 0,
                "rows_accepted": 0,
                "rows_quarantined": 0,
                "rows_left_out": 0,
                "sheets": 0,
                "left_out": f"{BESIDE}{'not named in release.toml' if is_data(file.name) else 'not a table'}",
            }
            for file in self._release.beside
        ]
        return pl.DataFrame(rows, polars_schema(MODELS["source_files"]))


def _why_left_out(sheet: StagedSheet) -> str:
    """Which table of a file is left out, and why."""
    within = sheet.file.removeprefix(sheet.release_file).removeprefix("/")
    named = ", ".join(name for name in (within, sheet.sheet and f"sheet {sheet.sheet}") if name)
    return f"{named}: {sheet.left_out}" if named else str(sheet.left_out)


def unrecognized_fields(sheets: Sequence[StagedSheet], words: Words) -> set[str]:
    """Fields without a column whose names look like that of a column nobody knows: there, perhaps, and not read."""
    found = set()
    kinds = {sheet.kind for sheet in sheets if sheet.part}
    if any(not sheet.part and not sheet.kind and (sheet.left_out or "").startswith(NOT_TAKEN_IN) for sheet in sheets):
        # A table that nobody recognizes may hold what the release seems to lack.
        found |= {PREFIXES[kind] + name for kind in KINDS.keys() - kinds for name in KINDS[kind]}
    for sheet in sheets:
        unknown = {fold(name) for name in sheet.unknown}
        if sheet.kind not in KINDS or not sheet.part or not unknown:
            continue
        fields = words.vocabularies[sheet.kind].fields
        for name in KINDS[sheet.kind]:
            likely = any(get_close_matches(fold(known), unknown, n=1) for known in fields.get(name, (name,)))
            if name not in sheet.columns and likely:
                found.add(PREFIXES[sheet.kind] + name)
    return found


def _listed_reasons(name: str, reasons: Mapping[date, str]) -> list[tuple[date, str, str]]:
    return [(month, name, reason) for month, reason in reasons.items()]


def _listed(names: Iterable[str | None]) -> str | None:
    """Each name once, in order; null where there is none."""
    return LISTED.join(dict.fromkeys(name for name in names if name)) or None
