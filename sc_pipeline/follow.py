"""What no longer fits what it was made of: the assets that have to follow, because an input's content changed.

A change of code alone is none of its business: `sc-pipeline status` names that, and a build is for a person to start.
"""

from sc_pipeline import contents, engine, stage, steps, warehouse
from sc_pipeline.clean import intake
from sc_pipeline.errors import UserError
from sc_pipeline.releases import registry
from sc_pipeline.releases.release import find_releases
from sc_pipeline.report import steps as report_steps
from sc_pipeline.tables import Store, hash_of
from sc_pipeline.workspace import Workspace

# Release -> the version of the inputs that its part of a table has to be made from now; "" stands for a whole table.
Wanted = dict[str, str]


def outdated(ws: Workspace) -> dict[str, Wanted]:
    """Every asset that was made from other inputs than stand now. Nothing of it is kept or changed."""
    try:
        release_ids = list(find_releases(ws.raw))
    except UserError:
        return {}  # raw/ is away or ambiguous: no time to change what is published
    found: dict[str, Wanted] = {}
    parts = _outdated_parts(ws)
    if parts:
        found |= dict.fromkeys(intake.TABLES, parts)
    if release_ids and steps.has_rows(ws.store):
        for asset, (wanted, noted) in _of_all_releases(ws, release_ids).items():
            if wanted != noted:
                found[asset] = {"": hash_of(wanted)}
    return found


def _outdated_parts(ws: Workspace) -> Wanted:
    """Releases whose cleaned rows come from other staged rows than stand now, but for those refused as they are."""
    waiting = {}
    for folder in (ws.store.root / stage.TABLE).glob("*"):
        staged = stage.read_staged(ws.store, folder.name)
        if staged and staged.made.sha256 != _was_cleaned_from(ws.store, folder.name):
            waiting[folder.name] = staged.made.sha256
    if not waiting:
        return {}
    releases = registry.look(ws).releases
    return {
        release_id: version
        for release_id, version in waiting.items()
        if (release := releases.get(release_id))
        and stage.is_current(ws.store, release)
        and not registry.refusal(ws.store, release)
    }


def _was_cleaned_from(store: Store, release_id: str) -> str | None:
    """The version of the staged rows that all of a release's parts were made from; None where there is no such one."""
    notes = [store.made(table, release_id) for table in intake.TABLES]
    versions = {note.inputs.get(stage.TABLE) if note else None for note in notes}
    return versions.pop() if len(versions) == 1 else None


def _of_all_releases(ws: Workspace, release_ids: list[str]) -> dict[str, tuple[object, object]]:
    """Asset -> the versions of its inputs now, and those it was made from."""
    store = ws.store
    register = registry.origin(release_ids, store).inputs
    found: dict[str, tuple[object, object]] = {}
    for table in registry.TABLES:
        made = store.made(table)
        found[table] = register, made.inputs if made else None
    for name in engine.sql_tables():
        found[name] = steps.sql_inputs(store, name)
    found["warehouse"] = contents.versions(store), warehouse.published_versions(ws)
    for step, tables in report_steps.INPUTS.items():
        versions = {table: store.version(table) or "empty" for table in tables}
        found[step] = versions, report_steps.noted_inputs(ws, step)
    return found
