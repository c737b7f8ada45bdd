"""The build from the command line: what has to be done, done as runs of the Dagster job, said line by line."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sc_pipeline import engine, steps, warehouse
from sc_pipeline.errors import UserError
from sc_pipeline.releases import registry
from sc_pipeline.workspace import Workspace, one_writer

Say = Callable[[str], None]
_REST = "making the tables of all releases, auditing, publishing"


@dataclass(frozen=True)
class Built:
    """How a build ended: what was refused or failed, one line each, and whether readers see a new file."""

    problems: list[str]
    published: bool


def build(ws: Workspace, say: Say) -> Built:
    """Bring the published file up to date with raw/. Nothing is written where nothing changed."""
    with one_writer(ws, "sc-pipeline build", say):
        before = steps.plan(ws)
        if before.is_empty and _is_current(ws):
            return Built(_refusals(before), published=False)
        return _run(ws, before, say)


def build_directly(ws: Workspace) -> list[str]:
    """The same steps in the same order without Dagster, which keeps no record of them. Returns what was refused.

    Raises AuditFailed where the result cannot be published.
    """
    with one_writer(ws, "a build without Dagster", lambda line: None):
        return _build_directly(ws)


def _build_directly(ws: Workspace) -> list[str]:
    found = registry.look(ws)
    problems = list(found.problems.values())
    for release_id in found.releases:
        try:
            steps.stage_rows(ws, release_id)
            steps.clean_rows(ws, release_id)
        except UserError as problem:
            problems.append(str(problem))
    if steps.has_rows(ws.store):
        steps.register(ws)
        for table in engine.sql_tables():
            steps.sql_table(ws, table)
        warehouse.publish(ws)
    return problems


def _run(ws: Workspace, before: steps.Plan, say: Say) -> Built:
    # Dagster takes a second or two to import; a build with nothing to do never needs it.
    from sc_pipeline import definitions

    published_before = _written(ws)
    with _heard(say), definitions.records(ws) as instance:
        definitions.end_killed_runs(instance)
        definitions.know_releases(instance, before.releases)
        failed: dict[str, list[str]] = {}
        for release_id in before.releases:
            is_last = release_id == before.releases[-1]
            say(f"taking in {release_id}{f', then {_REST}' if is_last else ''}")
            failed[release_id] = (definitions.run_all if is_last else definitions.run_release)(instance, release_id)
        after = steps.plan(ws)
        problems = _refusals(after)
        problems += [line for release_id in failed if release_id not in after.refused for line in failed[release_id]]
        if not steps.has_rows(ws.store):
            return Built([*problems, f"{ws.raw}: no release could be taken in, so nothing was published"], False)
        # Where the last release was not taken in, what is made of all of them was skipped with it.
        is_skipped = not before.releases or before.releases[-1] in {*after.refused, *after.releases}
        if is_skipped and (after.tables or after.gone or not _is_current(ws)):
            say(_REST)
            problems += definitions.run_rest(instance)
    return Built(problems, published=_written(ws) != published_before)


def _written(ws: Workspace) -> int | None:
    """When the published file was written, or None where there is none."""
    return ws.published.stat().st_mtime_ns if ws.published.exists() else None


def _is_current(ws: Workspace) -> bool:
    # The report's charting library takes a moment to import; `build_directly` never needs it.
    from sc_pipeline.report import steps as report_steps

    return warehouse.is_current(ws) and report_steps.is_current(ws)


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
