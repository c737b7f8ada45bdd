"""A warehouse -> what differs from a new build, from another one, or from the hashes kept in git, and why."""

import json
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from sc_pipeline.errors import UserError
from sc_pipeline.project import Project
from sc_pipeline.warehouse.published import open_published
from sc_pipeline.warehouse.trace.written import ask

UNEXPLAINED = "same code, same inputs: other versions of the libraries that wrote it, or a build that is not repeatable"
EDITED = "the noted hash is the same: one of the two files was written to after it was published"
_SHORT = 12
# Tables of meta that tell when, by which code and with what success the others were made.
_TELLING = ("tables", "figure_history", "checks", "column_lineage", "columns")


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in two warehouses.

    `kind` is `input` (a file or a manifest), `code` (what makes a table, or a reference table it reads), `table`,
    `month` (of monthly_removals) or `figure` (of headline_figures); the first two explain the others.
    """

    kind: str
    name: str
    old: str
    new: str
    because: tuple[str, ...] = ()

    def in_words(self) -> str:
        """The difference in one line."""
        reason = f", because: {'; '.join(self.because)}" if self.because else ""
        return f"{self.kind} {self.name}: {self.old} -> {self.new}{reason}"


def verify(
    project: Project, build: Callable[[Project], list[str]], say: Callable[[str], None] = lambda _: None
) -> list[Difference]:
    """Build raw/ again in a temporary folder, and compare the result with the published file, which is the old one.

    `build` makes a warehouse and returns why releases were refused. Raises UserError where nothing is published, or
    nothing can be built.
    """
    open_published(project).close()
    with tempfile.TemporaryDirectory(prefix="sc-pipeline-verify-") as folder:
        again = replace(project, warehouse=Path(folder))
        say(f"building {project.raw.name}/ again to compare it with {project.published.name}")
        problems = build(again)
        if not again.published.exists():
            raise UserError(problems[0] if problems else f"{project.raw.name}: no releases found, nothing to compare")
        return compare(project.published, again.published)


def compare(old: Path, new: Path) -> list[Difference]:
    """What differs between two published files: inputs and code first, then the tables, months and figures that follow.

    Raises UserError where a file is not a published warehouse.
    """
    before, after = _read(old), _read(new)
    inputs, code = [*_inputs(before, after)], [*_code(before, after)]
    causes = _Causes(before, after, inputs, code)
    tables = [
        Difference("table", name, _short(a, "sha256"), _short(b, "sha256"), causes.of_table(name))
        for name, a, b in _pairs(before.tables, after.tables)
        if _short(a, "sha256") != _short(b, "sha256")
    ]
    named = {table.name for table in tables}
    tables += [
        Difference("table", name, "the rows it was published with", "other rows", (EDITED,))
        for name in sorted(before.rows.keys() & after.rows.keys() - named)
        if before.rows[name] != after.rows[name]
    ]
    explaining = [change for change in code if any(change.name in _named(table) for table in tables)]
    return [*inputs, *explaining, *tables, *_months(before, after, causes), *_figures(before, after, causes)]


def _named(table: Difference) -> set[str]:
    return {reason.removeprefix("code of ") for reason in table.because}


@dataclass(frozen=True)
class _Facts:
    """What one published file says of itself."""

    tables: dict[str, dict[str, Any]]
    files: dict[str, dict[str, Any]]
    manifests: dict[str, dict[str, Any]]
    releases: dict[str, dict[str, Any]]
    months: dict[str, dict[str, Any]]
    figures: dict[str, dict[str, Any]]
    rows: dict[str, tuple[int, int]]


def _read(path: Path) -> _Facts:
    if not path.exists():
        raise UserError(f"{path.name}: no such file; name a published warehouse, such as warehouse/sc_pipeline.duckdb")
    with path.open("rb") as file:
        if file.read(12)[8:] != b"DUCK":
            raise UserError(f"{path.name}: is not a warehouse this version can compare: no DuckDB file")
    try:
        with duckdb.connect(path, read_only=True) as connection:
            facts = ({row.pop("name"): row for row in ask(connection, sql)} for sql in _FACTS)
            return _Facts(*facts, rows=_hashes(connection))
    except (duckdb.IOException, duckdb.CatalogException, duckdb.BinderException) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{path.name}: is not a warehouse this version can compare: {reason}") from None


def _hashes(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Table -> how many rows the file holds of it, and a hash over them in any order; of one process and one DuckDB."""
    places = ask(connection, "select table_schema as schema_name, table_name from information_schema.tables")
    found = {}
    for place in places:
        if place["table_name"] not in _TELLING:
            name = f"{place['schema_name']}.{place['table_name']}"
            sql = f"select count(*) as rows, sum(hash(t)) as hash from {name} as t"
            found[place["table_name"]] = tuple(ask(connection, sql)[0].values())
    return found


def _pairs(
    old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, dict[str, Any] | None, dict[str, Any] | None]]:
    for name in dict.fromkeys((*old, *new)):
        yield name, old.get(name), new.get(name)


def _short(facts: dict[str, Any] | None, key: str) -> str:
    return "none" if facts is None else str(facts[key])[:_SHORT]


def _inputs(before: _Facts, after: _Facts) -> Iterator[Difference]:
    for name, a, b in _pairs(before.files, after.files):
        if a != b:
            yield Difference("input", name, _short(a, "sha256"), _short(b, "sha256"))
    for release, a, b in _pairs(before.manifests, after.manifests):
        keys = [key for key in (a or b or {}) if (a or {}).get(key) != (b or {}).get(key)]
        for key in keys if a and b else ():
            assert a and b
            yield Difference("input", f"{release}/release.toml, {key}", _said(a[key]), _said(b[key]))
    for release, a, b in _pairs(before.releases, after.releases):
        if a != b:
            yield Difference("input", f"release {release}", _state(a), _state(b))


def _state(facts: dict[str, Any] | None) -> str:
    return "none" if facts is None else ": ".join(text for text in (facts["status"], facts["problem"]) if text)


def _said(value: object) -> str:
    return "none" if value is None else str(value)


def _code(before: _Facts, after: _Facts) -> Iterator[Difference]:
    for name, a, b in _pairs(before.tables, after.tables):
        if a and b and a["code_version"] != b["code_version"]:
            yield Difference("code", name, a["code_version"], b["code_version"])


class _Causes:
    """What explains a difference: followed from a table over the inputs whose versions differ to files and code."""

    def __init__(self, before: _Facts, after: _Facts, inputs: list[Difference], code: list[Difference]) -> None:
        self._before, self._after = before.tables, after.tables
        self._releases = {*before.releases, *after.releases}
        self._inputs = [change.name for change in inputs]
        self._code = {change.name for change in code}

    def of_table(self, table: str, releases: Collection[str] = ()) -> tuple[str, ...]:
        """Why a table, or what it says of some releases, differs."""
        found = [*dict.fromkeys(self._walk(table, set()))]
        close = [cause for cause in found if cause.startswith("code of ") or any(_is_about(cause, r) for r in releases)]
        return tuple((close if releases else found) or found or [UNEXPLAINED])

    def _walk(self, table: str, seen: set[str]) -> Iterator[str]:
        if table in seen:
            return
        seen.add(table)
        if table in self._code:
            yield f"code of {table}"
        a, b = self._noted_inputs(self._before, table), self._noted_inputs(self._after, table)
        for name in sorted({*a, *b}):
            if a.get(name) == b.get(name):
                continue
            if name in self._releases:
                yield from (cause for cause in self._inputs if _is_about(cause, name))
                # A table kept per release is made from the release's staged rows.
                yield from self._walk("staged_rows", seen)
            else:
                yield from self._walk(name, seen)

    @staticmethod
    def _noted_inputs(tables: dict[str, dict[str, Any]], table: str) -> dict[str, str]:
        return json.loads(tables[table]["inputs"]) if table in tables else {}


def _is_about(cause: str, release: str) -> bool:
    return cause == f"release {release}" or cause.startswith(f"{release}/")


def _months(before: _Facts, after: _Facts, causes: _Causes) -> Iterator[Difference]:
    for name, a, b in _pairs(before.months, after.months):
        if a != b:
            because = causes.of_table("monthly_removals", {facts["release_id"] for facts in (a, b) if facts})
            yield Difference("month", name, _figure(a), _figure(b), because)


def _figure(facts: dict[str, Any] | None) -> str:
    if facts is None:
        return "none"
    value = "null" if facts["removals"] is None else f"{facts['removals']:,}"
    return f"{value} ({facts['status']}, {facts['origin']} of {facts['release_id']})"


def _figures(before: _Facts, after: _Facts, causes: _Causes) -> Iterator[Difference]:
    for name, a, b in _pairs(before.figures, after.figures):
        if a != b:
            yield Difference("figure", name, _headline(a), _headline(b), causes.of_table("headline_figures"))


def _headline(facts: dict[str, Any] | None) -> str:
    if facts is None:
        return "none"
    return f"{_said(facts['value'])} ({facts['first_month']:%Y-%m} to {facts['last_month']:%Y-%m})"


# One query for each field of _Facts.
_FACTS = (
    "select table_name as name, rows, sha256, code_version, inputs from meta.tables",
    "select concat(release_id, '/', file) as name, sha256 from meta.source_files order by name",
    """
    select releases.release_id as name, releases.* exclude (release_id, sha256, status, problem, inferred),
        (
            select string_agg(concat(first_month, ' to ', coalesce(cast(last_month as varchar), 'open')), '; '
                order by first_month)
            from meta.release_windows as windows
            where windows.release_id = releases.release_id
        ) as serves,
        (
            select string_agg(concat(field, ' ', first_month, ' to ', coalesce(cast(last_month as varchar), 'open')),
                '; ' order by field, first_month)
            from meta.withheld_fields as withheld
            where withheld.release_id = releases.release_id
        ) as withheld
    from meta.releases as releases
    order by name
    """,
    "select release_id as name, status, problem from meta.releases order by name",
    """
    select concat(strftime(month, '%Y-%m'), ', ', population, ', ', subset) as name,
        removals, status, origin, release_id
    from monthly_removals
    order by name
    """,
    "select figure as name, value, first_month, last_month from headline_figures order by name",
)
