"""The build from the command line: what has to be done, done as runs of the Dagster job, said line by line."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sc_pipeline import plan as steps
from sc_pipeline import sql as engine
from sc_pipeline.errors import UserError
from sc_pipeline.project import Project, one_writer
from sc_pipeline.raw import register as registry
from sc_pipeline.warehouse import publish as warehouse

Say = Callable[[str], None]
_REST = "making the tables of all releases, auditing, publishing"


@dataclass(frozen=True)
class Built:
    """How a build ended: what was refused or failed, one line each, and whether readers see a new file."""

    problems: list[str]
    published: bool


def build(project: Project, say: Say) -> Built:
    """Bring the published file up to date with raw/. Nothing is written where nothing changed."""
    with one_writer(project, "sc-pipeline build", say):
        before = steps.plan(project)
        if before.is_empty and _is_current(project):
            return Built(_refusals(before), published=False)
        return _run(project, before, say)


def build_directly(project: Project) -> list[str]:
    """The same steps in the same order without Dagster, which keeps no record of them. Returns what was refused.

    Raises AuditFailed where the result cannot be published.
    """
    with one_writer(project, "a build without Dagster", lambda line: None):
        return _build_directly(project)


def _build_directly(project: Project) -> list[str]:
    found = registry.look(project)
    problems = list(found.problems.values())
    for release_id in found.releases:
        try:
            steps.stage_rows(project, release_id)
            steps.clean_rows(project, release_id)
        except UserError as problem:
            problems.append(str(problem))
    if steps.has_rows(project.store):
        steps.register(project)
        for table in engine.sql_tables():
            steps.sql_table(project, table)
        warehouse.publish(project)
    return problems


def _run(project: Project, before: steps.Plan, say: Say) -> Built:
    # Dagster takes a second or two to import; a build with nothing to do never needs it.
    from sc_pipeline import definitions

    published_before = _written(project)
    with _heard(say), definitions.records(project) as instance:
        definitions.end_killed_runs(instance)
        definitions.know_releases(instance, before.releases)
        failed: dict[str, list[str]] = {}
        for release_id in before.releases:
            is_last = release_id == before.releases[-1]
            say(f"taking in {release_id}{f', then {_REST}' if is_last else ''}")
            failed[release_id] = (definitions.run_all if is_last else definitions.run_release)(instance, release_id)
        after = steps.plan(project)
        problems = _refusals(after)
        problems += [line for release_id in failed if release_id not in after.refused for line in failed[release_id]]
        if not steps.has_rows(project.store):
            return Built([*problems, f"{project.raw}: no release could be taken in, so nothing was published"], False)
        # Where the last release was not taken in, what is made of all of them was skipped with it.
        is_skipped = not before.releases or before.releases[-1] in {*after.refused, *after.releases}
        if is_skipped and (after.tables or after.gone or not _is_current(project)):
            say(_REST)
            problems += definitions.run_rest(instance)
    return Built(problems, published=_written(project) != published_before)


def _written(project: Project) -> int | None:
    """When the published file was written, or None where there is none."""
    return project.published.stat().st_mtime_ns if project.published.exists() else None


def _is_current(project: Project) -> bool:
    # The report's charting library takes a moment to import; `build_directly` never needs it.
    from sc_pipeline.report import steps as report_steps

    return warehouse.is_current(project) and report_steps.is_current(project)


def _refusals(plan: steps.Plan) -> list[str]:
    return [
        text if text.startswith((f"{release}:", f"{release}/")) else f"{release}: {text}"
        for release, text in plan.refused.items()
    ]


@contextmanager
def _heard(say: Say) -> Iterator[None]:
    """Hand what the steps log to `say`, as long as this lasts."""

    class Line(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(record.getMessage())

    logger, line = logging.getLogger("sc_pipeline"), Line()
    logger.addHandler(line)
    try:
        yield
    finally:
        logger.removeHandler(line)
