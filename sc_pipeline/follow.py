"""What no longer fits what it was made of: the assets that have to follow, because an input's content changed.

A change of code alone is none of its business: `sc-pipeline status` names that, and a build is for a person to start.
"""

from sc_pipeline import plan as steps
from sc_pipeline import sql as engine
from sc_pipeline.core import intake
from sc_pipeline.errors import UserError
from sc_pipeline.project import Project
from sc_pipeline.raw import register as registry
from sc_pipeline.raw.release import find_releases
from sc_pipeline.report import steps as report_steps
from sc_pipeline.staged import stage
from sc_pipeline.store import Store, hash_of
from sc_pipeline.warehouse import publish as warehouse
from sc_pipeline.warehouse import tables as contents

# Release -> the version of the inputs that its part of a table has to be made from now; "" stands for a whole table.
Wanted = dict[str, str]


def outdated(project: Project) -> dict[str, Wanted]:
    """Every asset that was made from other inputs than stand now. Nothing of it is kept or changed."""
    try:
        release_ids = list(find_releases(project.raw))
    except UserError:
        return {}  # raw/ is away or ambiguous: no time to change what is published
    found: dict[str, Wanted] = {}
    parts = _outdated_parts(project)
    if parts:
        found |= dict.fromkeys(intake.TABLES, parts)
    if release_ids and steps.has_rows(project.store):
        for asset, (wanted, noted) in _of_all_releases(project, release_ids).items():
            if wanted != noted:
                found[asset] = {"": hash_of(wanted)}
    return found


def _outdated_parts(project: Project) -> Wanted:
    """Releases whose cleaned rows come from other staged rows than stand now, but for those refused as they are."""
    waiting = {}
    for folder in (project.store.root / stage.TABLE).glob("*"):
        staged = stage.read_staged(project.store, folder.name)
        if staged and staged.made.sha256 != _was_cleaned_from(project.store, folder.name):
            waiting[folder.name] = staged.made.sha256
    if not waiting:
        return {}
    releases = registry.look(project).releases
    return {
        release_id: version
        for release_id, version in waiting.items()
        if (release := releases.get(release_id))
        and stage.is_current(project.store, release)
        and not registry.refusal(project.store, release)
    }


def _was_cleaned_from(store: Store, release_id: str) -> str | None:
    """The version of the staged rows that all of a release's parts were made from; None where there is no such one."""
    notes = [store.made(table, release_id) for table in intake.TABLES]
    versions = {note.inputs.get(stage.TABLE) if note else None for note in notes}
    return versions.pop() if len(versions) == 1 else None


def _of_all_releases(project: Project, release_ids: list[str]) -> dict[str, tuple[object, object]]:
    """Asset -> the versions of its inputs now, and those it was made from."""
    store = project.store
    register = registry.origin(release_ids, store).inputs
    found: dict[str, tuple[object, object]] = {}
    for table in registry.TABLES:
        made = store.made(table)
        found[table] = register, made.inputs if made else None
    for name in engine.sql_tables():
        found[name] = steps.sql_inputs(store, name)
    found["warehouse"] = contents.versions(store), warehouse.published_versions(project)
    for step, tables in report_steps.INPUTS.items():
        versions = {table: store.version(table) or "empty" for table in tables}
        found[step] = versions, report_steps.noted_inputs(project, step)
    return found
