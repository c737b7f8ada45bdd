"""What is built, in order: a step makes a table, or one release's part of some, unless it stands."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa

from sc_pipeline import engine, stage
from sc_pipeline.clean import intake
from sc_pipeline.errors import AuditFailed, UserError
from sc_pipeline.releases import registry
from sc_pipeline.releases.registry import Found
from sc_pipeline.releases.release import Release
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import RowTable, arrow_schema, failures
from sc_pipeline.tables import Made, Origin, Store
from sc_pipeline.workspace import Workspace, commit


@dataclass(frozen=True)
class Done:
    """A table, or one release's part of it, as it stands after a step, and whether the step had to write it."""

    table: str
    made: Made
    rewritten: bool


def stage_rows(ws: Workspace, release_id: str, run_id: str | None = None) -> Done:
    """raw -> staged for one release. Raises UserError, kept as the reason why the release is refused."""
    release = find(ws, release_id)
    staged = stage.read_staged(ws.store, release_id)
    if staged and stage.is_current(ws.store, release):
        return Done(stage.TABLE, staged.made, rewritten=False)
    with _refusing(ws.store, release):
        staged = stage.stage_release(ws.store, release, ws.scratch, _run(stage.origin_of(release), run_id))
    return Done(stage.TABLE, staged.made, rewritten=True)


def clean_rows(ws: Workspace, release_id: str, run_id: str | None = None) -> list[Done]:
    """staged -> core for one release: its part of every table kept per release. Raises UserError, kept likewise."""
    release = find(ws, release_id)
    staged = stage.read_staged(ws.store, release_id)
    if staged is None or not stage.is_current(ws.store, release):
        raise UserError(f"{release_id}: its files are not staged as they are now; materialize staged_rows first")
    origin = intake.origin_of(release, staged)
    current = all(ws.store.is_current(table, origin, release_id) for table in intake.TABLES)
    if not current:
        with _refusing(ws.store, release):
            intake.clean_release(ws.store, release, staged, _run(origin, run_id))
    if not current or not registry.is_accepted(ws.store, release):
        registry.accept(ws.store, release)
    return [Done(table, _made(ws.store, table, release_id), not current) for table in intake.TABLES]


def register(ws: Workspace, run_id: str | None = None) -> list[Done]:
    """The release tables. What a release that left raw/ had in the tables kept per release goes with it.

    Raises UserError where all of them left at once: that is a disk that is away, sooner than a wish.
    """
    found = registry.look(ws)
    if not found.ids and has_rows(ws.store):
        raise UserError(
            f"{ws.raw}: holds no release any more, so nothing was changed; put the releases back, "
            f"or remove {ws.warehouse.name}/tables if they are to go"
        )
    for release_id in gone(ws.store, found):
        ws.store.drop_release(release_id, (stage.TABLE, *intake.TABLES))
        registry.forget(ws.store, release_id)
    origin = registry.origin(found.ids, ws.store)
    stale = [table for table in registry.TABLES if not ws.store.is_current(table, origin)]
    rows = registry.tables(ws.store, found) if stale else {}
    for table in stale:
        _write(ws.store, table, rows[table].to_batches(), _run(origin, run_id))
    return [Done(table, _made(ws.store, table), table in stale) for table in registry.TABLES]


def sql_table(ws: Workspace, name: str, run_id: str | None = None) -> Done:
    """A table made by its .sql file. Raises AuditFailed where a row breaks the table's schema; the old table stays."""
    table = engine.sql_tables()[name]
    origin = sql_origin(ws.store, name)
    current = ws.store.is_current(name, origin)
    if not current:
        views = {input: ws.store.paths(input) for input in table.inputs}
        _write(ws.store, name, engine.run(table, views), _run(origin, run_id))
    return Done(name, _made(ws.store, name), not current)


def sql_origin(store: Store, name: str) -> Origin:
    """What a table made by SQL depends on now."""
    table = engine.sql_tables()[name]
    return Origin(table.code_version, {input: store.version(input) or "empty" for input in table.inputs})


def find(ws: Workspace, release_id: str) -> Release:
    """The release as it stands under raw/. Raises UserError with the reason where it can't be taken in."""
    found = registry.look(ws)
    if release_id in found.problems:
        raise UserError(found.problems[release_id])
    if release_id not in found.releases:
        raise UserError(f"{release_id}: no such release under {ws.raw.name}/; its rows leave at the next build")
    return found.releases[release_id]


def gone(store: Store, found: Found) -> list[str]:
    """Releases that earlier builds took in and that raw/ no longer holds."""
    kept = {*registry.known_ids(store), *(release for table in intake.TABLES for release in store.releases(table))}
    return sorted(kept - set(found.ids))


@dataclass(frozen=True)
class Plan:
    """What a build would do now."""

    releases: tuple[str, ...]  # to take in
    refused: dict[str, str]  # release -> why
    gone: tuple[str, ...]
    tables: tuple[str, ...]  # known to be stale; more may follow once the releases are in

    @property
    def is_empty(self) -> bool:
        """Whether everything stands as it would be made."""
        return not (self.releases or self.gone or self.tables)


def plan(ws: Workspace) -> Plan:
    """Compare what stands with what would be made, reading notes only."""
    found = registry.look(ws)
    store = ws.store
    refused = dict(found.problems)
    releases = []
    for release in found.releases.values():
        problem = registry.refusal(store, release)
        if problem:
            refused[release.id] = problem
        elif not is_taken_in(store, release):
            releases.append(release.id)
    stale = [name for name in registry.TABLES if not store.is_current(name, registry.origin(found.ids, store))]
    stale += [name for name in engine.sql_tables() if not store.is_current(name, sql_origin(store, name))]
    return Plan(tuple(releases), refused, tuple(gone(store, found)), tuple(stale))


def has_rows(store: Store) -> bool:
    """Whether any release's rows stand in the tables."""
    return any(store.releases(table) for table in intake.TABLES)


def is_taken_in(store: Store, release: Release) -> bool:
    """Whether a release's rows stand in the tables as its files and manifest are now."""
    staged = stage.read_staged(store, release.id)
    if staged is None or not stage.is_current(store, release) or not registry.is_accepted(store, release):
        return False
    origin = intake.origin_of(release, staged)
    return all(store.is_current(table, origin, release.id) for table in intake.TABLES)


def _run(origin: Origin, run_id: str | None) -> Origin:
    return replace(origin, run_id=run_id, commit=commit())


def _made(store: Store, table: str, release_id: str | None = None) -> Made:
    made = store.made(table, release_id)
    assert made is not None
    return made


@contextmanager
def _refusing(store: Store, release: Release) -> Iterator[None]:
    try:
        yield
    except UserError as problem:
        registry.refuse(store, release, problem)
        raise


def _write(store: Store, name: str, batches: Iterable[pa.RecordBatch], origin: Origin) -> None:
    """Write a table, held to its schema: tables of rows batch by batch, those that people read as a whole."""
    model = MODELS[name]
    schema = arrow_schema(model)
    by_batch = issubclass(model, RowTable)
    pieces = (
        (pa.Table.from_batches([batch]) for batch in batches) if by_batch else [pa.Table.from_batches(batches, schema)]
    )
    with store.writer(name, schema, origin) as writer:
        for piece in pieces:
            broken = failures(model, piece)
            if broken:
                raise AuditFailed(f"{name}: {broken[0]}; nothing was published")
            writer.add(piece)
