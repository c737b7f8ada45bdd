"""What is built, in order: a step makes a table, or one release's part of some, unless it stands."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.parquet as pq

from sc_pipeline import sql as engine
from sc_pipeline.core import intake
from sc_pipeline.errors import AuditFailed, UserError
from sc_pipeline.prefetch import ahead
from sc_pipeline.project import Project, commit
from sc_pipeline.raw import register as registry
from sc_pipeline.raw.register import Found
from sc_pipeline.raw.release import Release
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import RowTable, arrow_schema, failures
from sc_pipeline.sql import Source, SqlTable
from sc_pipeline.staged import stage
from sc_pipeline.store import Made, Origin, Store, hash_of

# Release -> input -> its version.
Inputs = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Done:
    """A table, or one release's part of it, as it stands after a step, and whether the step had to write it."""

    table: str
    made: Made
    rewritten: bool


def stage_rows(project: Project, release_id: str, run_id: str | None = None) -> Done:
    """raw -> staged for one release. Raises UserError, kept as the reason why the release is refused."""
    release = find(project, release_id)
    staged = stage.read_staged(project.store, release_id)
    if staged and stage.is_current(project.store, release):
        return Done(stage.TABLE, staged.made, rewritten=False)
    with _refusing(project.store, release):
        staged = stage.stage_release(project.store, release, project.scratch, _run(stage.origin_of(release), run_id))
        if find(project, release_id).sha256 != release.sha256:
            raise UserError(f"{release_id}: its files changed while they were read; wait until they stand still")
    return Done(stage.TABLE, staged.made, rewritten=True)


def clean_rows(project: Project, release_id: str, run_id: str | None = None) -> list[Done]:
    """staged -> core for one release: its part of every table kept per release. Raises UserError, kept likewise."""
    release = find(project, release_id)
    staged = stage.read_staged(project.store, release_id)
    if staged is None or not stage.is_current(project.store, release):
        raise UserError(f"{release_id}: its files are not staged as they are now; materialize staged_rows first")
    origin = intake.origin_of(release, staged)
    current = all(project.store.is_current(table, origin, release_id) for table in intake.TABLES)
    if not current:
        with _refusing(project.store, release):
            intake.clean_release(project.store, release, staged, _run(origin, run_id))
    if not current or not registry.is_accepted(project.store, release):
        registry.accept(project.store, release)
    return [Done(table, _made(project.store, table, release_id), not current) for table in intake.TABLES]


def register(project: Project, run_id: str | None = None) -> list[Done]:
    """The release tables. What a release that left raw/ had in the tables kept per release goes with it.

    Raises UserError where all of them left at once: that is a disk that is away, sooner than a wish.
    """
    found = registry.look(project)
    if not found.ids and has_rows(project.store):
        raise UserError(
            f"{project.raw}: holds no release any more, so nothing was changed; put the releases back, "
            f"or remove {project.warehouse.name}/ if all is to go"
        )
    for release_id in gone(project.store, found):
        project.store.drop_release(release_id, (stage.TABLE, *intake.TABLES))
        registry.forget(project.store, release_id)
    origin, stale = registry.origin(found.ids, project.store), registry.stale_tables(project.store, found)
    rows = registry.tables(project.store, found) if stale else {}
    for table in stale:
        _write(project.store, table, rows[table].to_batches(), _run(origin, run_id))
    return [Done(table, _made(project.store, table), table in stale) for table in registry.TABLES]


def sql_table(project: Project, name: str, run_id: str | None = None) -> Done:
    """A table made by its .sql file. Raises AuditFailed where a row breaks the table's schema; the old table stays."""
    table, store = engine.sql_tables()[name], project.store
    if not table.by_release:
        rewritten = _run_sql(store, table, {input: store.paths(input) for input in table.inputs}, run_id)
        return Done(name, _made(store, name), rewritten)
    releases = _releases_behind(store, table)
    if not releases:
        raise UserError(f"{name}: no release is taken in yet; put one under raw/")
    store.drop_whole(name)
    for release in {*store.releases(name)} - {*releases}:
        store.drop_release(release, [name])
    rewritten = [
        _run_sql(store, table, {input: rows_of(store, input, release) for input in table.inputs}, run_id, release)
        for release in releases
    ]
    summary = store.summary(name)
    assert summary is not None
    return Done(name, summary, any(rewritten))


def _run_sql(store: Store, table: SqlTable, views: Mapping[str, Source], run_id: str | None,
             release: str | None = None) -> bool:  # fmt: skip
    """Make a table, or one release's part of it, unless it stands; returns whether it had to be made."""
    origin = _sql_origin(store, table, release)
    if store.is_current(table.name, origin, release):
        return False
    of = table.picks_from and store.made(table.picks_from, release)
    if table.picks_from and of and engine.count(table, views) == of.rows:
        # Every row is picked, as of a release that serves all its months: nothing to sort, check and write again.
        store.copy(table.picks_from, table.name, _run(origin, run_id), release)
    else:
        _write(store, table.name, ahead(engine.run(table, views)), _run(origin, run_id), release)
    return True


def is_sql_table_current(store: Store, name: str) -> bool:
    """Whether a table made by SQL stands as it would be made now."""
    origins = _origins(store, engine.sql_tables()[name])
    return store.parts(name).keys() == origins.keys() - {None} and all(
        store.is_current(name, origin, release) for release, origin in origins.items()
    )


def sql_inputs(store: Store, name: str) -> tuple[Inputs, Inputs]:
    """The versions of a table's inputs now, and those that it was made from; by release, or under "" where whole."""
    origins = _origins(store, engine.sql_tables()[name])
    made = {release: store.made(name, release) for release in {*origins, *store.releases(name)}}
    return (
        {release or "": origin.inputs for release, origin in origins.items()},
        {release or "": note.inputs for release, note in made.items() if note},
    )


def _origins(store: Store, table: SqlTable) -> dict[str | None, Origin]:
    """What each part of a table depends on now; a table kept whole has one part, of no release."""
    releases = _releases_behind(store, table) if table.by_release else [None]
    return {release: _sql_origin(store, table, release) for release in releases}


def _sql_origin(store: Store, table: SqlTable, release: str | None) -> Origin:
    versions = {input: _version(store, input, release) or "empty" for input in table.inputs}
    return Origin(table.code_version, versions)


def _version(store: Store, table: str, release: str | None) -> str | None:
    """The version of a table; for the part of one release, of what the table says of that release."""
    if release is None:
        return store.version(table)
    if is_by_release(table):
        made = store.made(table, release)
        return made.sha256 if made else None
    return hash_of(_said_of(store, table, release).to_pylist()) if store.made(table) else None


def is_by_release(table: str) -> bool:
    """Whether a table is kept per release."""
    made_by_sql = engine.sql_tables().get(table)
    return table in intake.TABLES or (made_by_sql is not None and made_by_sql.by_release)


def rows_of(store: Store, table: str, release: str) -> Source:
    """What a table says of one release: its part, or of a table that is kept whole the rows that name the release."""
    if not is_by_release(table):
        return _said_of(store, table, release)
    return [store.path(table, release)] if store.made(table, release) else []


def _said_of(store: Store, table: str, release: str) -> pa.Table:
    """The rows of a table kept whole that name the release."""
    return pq.read_table(store.path(table), filters=[("release_id", "=", release)])


def _releases_behind(store: Store, table: SqlTable) -> list[str]:
    """The releases that a table kept per release has rows of, or might have."""
    return sorted({release for input in table.inputs if is_by_release(input) for release in store.releases(input)})


def find(project: Project, release_id: str) -> Release:
    """The release as it stands under raw/. Raises UserError with the reason where it can't be taken in."""
    found = registry.look(project)
    if release_id in found.problems:
        raise UserError(found.problems[release_id])
    if release_id not in found.releases:
        raise UserError(f"{release_id}: no such release under {project.raw.name}/; its rows leave at the next build")
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


def plan(project: Project) -> Plan:
    """Compare what stands with what would be made; no rows are made."""
    found = registry.look(project)
    store = project.store
    refused = dict(found.problems)
    releases = []
    for release in found.releases.values():
        problem = registry.refusal(store, release)
        if problem:
            refused[release.id] = problem
        elif not is_taken_in(store, release):
            releases.append(release.id)
    stale = registry.stale_tables(store, found)
    stale += [name for name in engine.sql_tables() if not (has_rows(store) and is_sql_table_current(store, name))]
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


def _write(store: Store, name: str, batches: Iterable[pa.RecordBatch], origin: Origin,
           release: str | None = None) -> None:  # fmt: skip
    """Write a table, held to its schema: tables of rows batch by batch, those that people read as a whole."""
    model = MODELS[name]
    schema = arrow_schema(model)
    by_batch = issubclass(model, RowTable)
    pieces = (
        (pa.Table.from_batches([batch]) for batch in batches) if by_batch else [pa.Table.from_batches(batches, schema)]
    )
    with store.writer(name, schema, origin, release) as writer:
        for piece in pieces:
            broken = failures(model, piece)
            if broken:
                raise AuditFailed(f"{name}: {broken[0]}; nothing was published")
            writer.add(piece)
