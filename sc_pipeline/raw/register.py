"""raw -> the release tables: what is known of every release, whether or not its rows could be taken in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sc_pipeline.errors import UserError
from sc_pipeline.project import Project
from sc_pipeline.raw.hashes import FileHashes
from sc_pipeline.raw.release import Release, check_landed, check_unique_bytes, find_releases, load_release, misnamed
from sc_pipeline.schemas import meta
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.store import Origin, Store, code_version, hash_of, read_json, write_json

TABLES = ("releases", "release_windows", "withheld_fields")
CODE_VERSION = code_version(Path(__file__))


@dataclass(frozen=True)
class Found:
    """What stands under raw/ now: releases that can be taken in, and for the others the reason why not."""

    releases: dict[str, Release]
    problems: dict[str, str]

    @property
    def ids(self) -> list[str]:
        """Every release id, good or bad, in order."""
        return sorted({*self.releases, *self.problems})


def look(project: Project) -> Found:
    """Read every manifest, and hash every file under raw/ that changed since the last look."""
    releases: dict[str, Release] = {}
    problems: dict[str, str] = misnamed(project.raw)
    hashes = FileHashes(project.raw, project.warehouse / "file_hashes.json")
    for release_id, path in find_releases(project.raw).items():
        try:
            release = load_release(release_id, path, hashes)
            if landed_path(project.store, release_id).exists():
                check_landed(release, landed_path(project.store, release_id))
            releases[release_id] = release
        except UserError as problem:
            problems[release_id] = str(problem)
    hashes.save()
    for release_id, problem in check_unique_bytes(releases.values()).items():
        problems[release_id] = str(problem)
        del releases[release_id]
    return Found(releases, problems)


def landed_path(store: Store, release_id: str) -> Path:
    """The note of the files a release was first taken in with."""
    return store.root / "landed" / f"{release_id}.json"


def _accepted_path(store: Store, release_id: str) -> Path:
    return store.root / "accepted" / f"{release_id}.json"


def _refused_path(store: Store, release_id: str) -> Path:
    return store.root / "refused" / f"{release_id}.json"


def accept(store: Store, release: Release) -> None:
    """Note that a release's rows stand in the tables as its files and manifest are now."""
    check_landed(release, landed_path(store, release.id))
    write_json(_accepted_path(store, release.id), _facts(release))
    _refused_path(store, release.id).unlink(missing_ok=True)


def is_accepted(store: Store, release: Release) -> bool:
    """Whether the rows in the tables were taken in with this very manifest."""
    return read_json(_accepted_path(store, release.id)) == _facts(release)


def refuse(store: Store, release: Release, problem: UserError) -> None:
    """Note why a release could not be taken in; it counts until its files, its manifest or the code change."""
    note = {"problem": str(problem), "of": state_of(release)}
    write_json(_refused_path(store, release.id), note)


def refusal(store: Store, release: Release) -> str | None:
    """Why this very state of a release was refused, or None."""
    note = read_json(_refused_path(store, release.id))
    return note["problem"] if note and note["of"] == state_of(release) else None


def state_of(release: Release) -> str:
    """A version for everything a release states: its files and its settings."""
    return hash_of([release.sha256, release.settings_sha256])


def forget(store: Store, release_id: str) -> None:
    """Drop the notes of a release that left raw/."""
    for path in (landed_path(store, release_id), _accepted_path(store, release_id), _refused_path(store, release_id)):
        path.unlink(missing_ok=True)


def known_ids(store: Store) -> list[str]:
    """Releases that earlier builds took note of, whether or not they still stand under raw/."""
    noted = [path.stem for kind in ("landed", "accepted", "refused") for path in (store.root / kind).glob("*.json")]
    return sorted(set(noted))


def tables(store: Store, found: Found) -> dict[str, pa.Table]:
    """The rows of `releases`, `release_windows` and `withheld_fields`."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for release_id in found.ids:
        facts = _facts_of(store, found, release_id)
        if facts is None:
            continue
        rows["release_windows"] += facts.pop("windows")
        rows["withheld_fields"] += facts.pop("withheld")
        rows["releases"].append(facts)
    return {name: _table(name, rows[name]) for name in TABLES}


def stale_tables(store: Store, found: Found) -> list[str]:
    """The release tables that have to be made anew: what they depend on changed, or a refusal they list is over."""
    made_from, old = origin(found.ids, store), _lists_old_refusals(store, found)
    return [table for table in TABLES if old or not store.is_current(table, made_from)]


def _lists_old_refusals(store: Store, found: Found) -> bool:
    if store.made("releases") is None:
        return False
    listed = pq.read_table(store.path("releases"), columns=["release_id", "status"]).to_pylist()
    refused = {row["release_id"] for row in listed if row["status"] in ("kept", "failed")}
    now = {facts["release_id"]: facts["status"] for id in refused if (facts := _facts_of(store, found, id))}
    return any(release_id not in found.ids or now.get(release_id) not in ("kept", "failed") for release_id in refused)


def origin(release_ids: Iterable[str], store: Store) -> Origin:
    """What the release tables depend on: every release under raw/ that was taken in, as its manifest was then.

    One that is refused is no reason to write them anew, for then nothing else changed: it is listed the next time.
    """
    accepted = {release_id: read_json(_accepted_path(store, release_id)) for release_id in release_ids}
    return Origin(CODE_VERSION, {release_id: hash_of(facts) for release_id, facts in accepted.items() if facts})


def _facts_of(store: Store, found: Found, release_id: str) -> dict[str, Any] | None:
    """One release's rows; None while it waits to be taken in for the first time."""
    release = found.releases.get(release_id)
    problem = found.problems.get(release_id) or (refusal(store, release) if release else None)
    accepted = read_json(_accepted_path(store, release_id))
    if problem is None:
        return accepted
    if accepted is None:
        bare = _facts(release) if release else dict.fromkeys(arrow_schema(meta.Releases).names)
        return {**bare, "release_id": release_id, "synthetic": bool(release and release.synthetic), "status": "failed",
                "problem": problem, "windows": [], "withheld": []}  # fmt: skip
    return {**accepted, "status": "kept", "problem": problem}


def _facts(release: Release) -> dict[str, Any]:
    first, last = release.covers or (None, None)
    return {
        "release_id": release.id,
        "title": release.title,
        "publisher": release.publisher,
        "agency": release.agency,
        "foia_request": release.foia_request,
        "received": _text(release.received),
        "population": release.population,
        "covers_from": _text(first),
        "covers_to": _text(last),
        "synthetic": release.synthetic,
        "sha256": release.sha256,
        "status": "withdrawn" if release.withdrawn else "ready",
        "problem": release.withdrawn,
        "inferred": ", ".join(release.inferred) or None,
        "source_url": release.source_url,
        "windows": [
            {"release_id": release.id, "first_month": _text(window.first), "last_month": _text(window.last)}
            for window in release.serves
        ],
        "withheld": [
            {"release_id": release.id, "field": field, "first_month": _text(span.first), "last_month": _text(span.last)}
            for span in release.withheld
            for field in span.fields
        ],
    }


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    schema = arrow_schema(meta.MODELS[name])
    as_text = pa.schema([field.with_type(pa.string()) if pa.types.is_date(field.type) else field for field in schema])
    return pa.Table.from_pylist(rows, schema=as_text).cast(schema)
