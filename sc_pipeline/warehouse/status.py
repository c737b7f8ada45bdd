"""The state of a warehouse in words: releases, what serves which months, the last build, checks, the next build."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb

from sc_pipeline.errors import UserError, refusals
from sc_pipeline.project import Project
from sc_pipeline.warehouse.published import open_published


@dataclass(frozen=True)
class Outlook:
    """What a build would do now, as the plan tells it."""

    releases: Sequence[str]  # to take in
    refused: Mapping[str, str]  # release -> why
    gone: Sequence[str]
    steps: Sequence[str]  # known to be stale; more may follow once the releases are in
    damaged: Sequence[str]

    @property
    def is_empty(self) -> bool:
        """Whether everything is current."""
        return not (self.releases or self.gone or self.steps)


def status_lines(project: Project, outlook: Outlook) -> Iterator[str]:
    """What a person should know before they use the published file or build again. Nothing is written but hashes."""
    if project.published.exists():
        try:
            with open_published(project) as connection:
                yield from _published(connection)
        except UserError as problem:
            yield str(problem)
    else:
        yield "nothing is published yet"
    yield from _section("refused", refusals(outlook.refused))
    yield from _section("damaged", [f"{table}: is made again" for table in outlook.damaged])
    yield from _section("next build", next_build(outlook) or ["nothing to do"])


def next_build(outlook: Outlook) -> list[str]:
    """What a build would do, one line each."""
    lines = [f"ingest {release}" for release in outlook.releases]
    lines += [f"remove {release} (no longer in raw/)" for release in outlook.gone]
    lines += [f"rebuild {step}" for step in outlook.steps] if not outlook.releases else ["rebuild dependents"]
    return lines


def _published(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    built = connection.execute("select max(built_at) from meta.tables").fetchall()[0][0]
    yield f"published; its newest table was built {built}"
    releases = connection.execute(
        "select release_id, status, synthetic, title, problem from meta.releases order by 1"
    ).fetchall()
    lines = []
    for release, state, synthetic, title, problem in releases:
        (told,) = refusals({release: problem or title or release})
        lines.append(f"{told} ({state}{', simulated' if synthetic else ''})")
    yield from _section("releases", lines)
    served = connection.execute(
        "select population, release_id, origin, month from meta.month_sources order by population, month"
    ).fetchall()
    yield from _section("months served", list(_ranges(served)))
    failing = connection.execute(
        "select check_name, outcome, blocking, notes from meta.checks where outcome <> 'passed' order by 1"
    ).fetchall()
    lines = [
        f"{name} {outcome}{' (blocking)' if blocking else ''}: {notes}" for name, outcome, blocking, notes in failing
    ]
    yield from _section("checks that do not pass", lines or ["none"])
    noted = connection.execute(
        "select check_name, notes from meta.checks where is_note and bad_rows > 0 order by 1"
    ).fetchall()
    yield from _section("notes", [f"{name}: {notes}" for name, notes in noted])


def _ranges(served: list[tuple[Any, ...]]) -> Iterator[str]:
    """Months in a row with the same source, as one line each."""
    for (population, release, origin), rows in groupby(served, key=lambda row: row[:3]):
        months = [row[3] for row in rows]
        yield f"{population} {months[0]:%Y-%m} to {months[-1]:%Y-%m}: {release} ({origin})"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from (f"  {line}" for line in lines)
