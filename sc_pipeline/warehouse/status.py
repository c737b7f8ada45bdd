"""The state of a warehouse in words: releases, what serves which months, the last build, checks, what would run."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import duckdb

from sc_pipeline import plan as steps
from sc_pipeline.project import Project
from sc_pipeline.report import steps as report_steps
from sc_pipeline.warehouse import publish as warehouse


def status_lines(project: Project) -> Iterator[str]:
    """What a person should know before they use the published file or build again. Nothing is written but hashes."""
    plan = steps.plan(project)
    if project.published.exists():
        with duckdb.connect(project.published, read_only=True) as connection:
            yield from _published(connection)
    else:
        yield "nothing is published yet"
    yield from _section("refused", [f"{release}: {problem}" for release, problem in plan.refused.items()])
    would = [f"take in {release}" for release in plan.releases]
    would += [f"drop {release}, which left raw/" for release in plan.gone]
    would += [f"make {table}" for table in plan.tables] if not plan.releases else ["make what depends on them"]
    if not would and project.published.exists() and not warehouse.is_current(project):
        would = ["publish the tables as they are"]
    if not would and not report_steps.is_current(project):
        would = ["make the report"]
    yield from _section("a build would", would or ["do nothing"])


def _published(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    built = connection.execute("select max(built_at) from meta.tables").fetchall()[0][0]
    yield f"published; its newest table was built {built}"
    releases = connection.execute(
        "select release_id, status, synthetic, title, problem from meta.releases order by 1"
    ).fetchall()
    lines = []
    for release, state, synthetic, title, problem in releases:
        lines.append(f"{release}: {state}{', simulated' if synthetic else ''}: {problem or title}")
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


def _ranges(served: list[tuple[Any, ...]]) -> Iterator[str]:
    """Months in a row with the same source, as one line each."""
    for (population, release, origin), rows in groupby(served, key=lambda row: row[:3]):
        months = [row[3] for row in rows]
        yield f"{population} {months[0]:%Y-%m} to {months[-1]:%Y-%m}: {release} ({origin})"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from (f"  {line}" for line in lines)
