"""Releases, what is known of their productions, why some were refused -> the register: releases, windows, totals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from sc_pipeline.hashing import code_version
from sc_pipeline.raw.look import Found
from sc_pipeline.raw.manifest import Serves
from sc_pipeline.raw.release import Release
from sc_pipeline.schemas import meta
from sc_pipeline.schemas.base import arrow_schema

TABLES = ("releases", "release_windows", "expected_rows", "withheld_fields")
CODE_VERSION = code_version(Path(__file__))

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Facts:
    """The rows that one release has in each table of the register."""

    releases: Rows
    release_windows: Rows
    expected_rows: Rows
    withheld_fields: Rows


@dataclass(frozen=True)
class Known:
    """What is known of the productions that a release is: it counts where the manifest says nothing.

    `expected` are rows of expected_rows, without the release.
    """

    caution: str | None = None
    scope_note: str | None = None
    serves: tuple[Serves, ...] = ()
    expected: tuple[dict[str, Any], ...] = ()


def facts_of(release: Release, known: Known = Known()) -> Facts:
    """What a release that is taken in states, and what is known of it besides."""
    first, last = release.covers or (None, None)
    row = {
        "release_id": release.id,
        "title": release.title,
        "publisher": release.publisher,
        "agency": release.agency,
        "foia_request": release.foia_request,
        "received": release.received,
        "population": release.population,
        "covers_from": first,
        "covers_to": last,
        "synthetic": release.synthetic,
        "sha256": release.sha256,
        "status": "withdrawn" if release.withdrawn else "ready",
        "problem": release.withdrawn,
        "inferred": ", ".join(release.inferred) or None,
        "source_url": release.source_url,
        "caution": release.caution or known.caution,
        "scope_note": release.scope_note or known.scope_note,
    }
    serves = release.serves or known.serves
    windows = [{"release_id": release.id, **_months(window), "kind": window.kind} for window in serves]
    expected = [{"release_id": release.id, **row} for row in known.expected]
    withheld = [
        {"release_id": release.id, "field": field, **_months(span), "reason": span.reason, "citation": span.citation}
        for span in release.withheld
        for field in span.fields
    ]
    return Facts([row], windows, expected, withheld)


def _months(span: Any) -> dict[str, date | None]:
    return {"first_month": span.first, "last_month": span.last}


def kept_facts(release_id: str, problem: str, before: Mapping[str, Mapping[str, Rows]]) -> Facts | None:
    """What was last stated of a release whose last good rows serve on; None where it never had any.

    `before` has the rows of each table of the register, by release.
    """
    rows = {name: by_release.get(release_id, []) for name, by_release in before.items()}
    if not rows.get("releases"):
        return None
    return Facts(
        [{**rows["releases"][0], "status": "kept", "problem": problem}],
        *(rows.get(name, []) for name in TABLES[1:]),  # a table may be newer than the last build
    )


def failed_facts(release_id: str, release: Release | None, problem: str) -> Facts:
    """What is known of a release of which no row was ever taken in."""
    bare = facts_of(release).releases[0] if release else dict.fromkeys(arrow_schema(meta.Releases).names)
    synthetic = bool(release and release.synthetic)
    return Facts(
        [{**bare, "release_id": release_id, "synthetic": synthetic, "status": "failed", "problem": problem}],
        [],
        [],
        [],
    )


def register_tables(
    found: Found,
    problems: Mapping[str, str],
    with_rows: set[str],
    before: Mapping[str, pa.Table],
    known: Mapping[str, Known],
) -> dict[str, pa.Table]:
    """The register as tables: every release in raw/ that has rows or was refused, in order of its id.

    `problems` holds why releases were refused; `with_rows` names those that the tables have rows of; `before` is the
    register as it was; `known` is what is known of the releases' productions.
    """
    facts: list[Facts] = []
    last = {name: _by_release(table) for name, table in before.items()} if problems else {}
    for release_id in found.ids:
        problem = problems.get(release_id)
        if problem is None and release_id in with_rows:
            facts.append(facts_of(found.releases[release_id], known.get(release_id, Known())))
        elif problem is not None:
            kept = kept_facts(release_id, problem, last) if release_id in with_rows else None
            facts.append(kept or failed_facts(release_id, found.releases.get(release_id), problem))
    return {name: _table(name, [row for fact in facts for row in getattr(fact, name)]) for name in TABLES}


def _by_release(table: pa.Table) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for row in table.to_pylist():
        found.setdefault(row["release_id"], []).append(row)
    return found


def _table(name: str, rows: Rows) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(meta.MODELS[name]))
