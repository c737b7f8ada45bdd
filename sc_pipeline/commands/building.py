"""The build from the command line: what there is to do, done as Dagster runs, told line by line."""

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sc_pipeline.errors import refusals
from sc_pipeline.machine import told
from sc_pipeline.project import Project, one_writer
from sc_pipeline.settled import fingerprint, settle, settled

Say = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """How a build ended: what was refused or failed, one line each, and whether readers see a new file.

    `made`: whether anything was made, such as a page that was lost, though the published file stayed.
    """

    problems: list[str]
    published: bool
    made: bool = True


def build(project: Project, say: Say, check: bool = False) -> Built:
    """Bring the published file up to date with raw/. Nothing is written where nothing changed.

    Damage shows by sizes and times; with `check` every table is read again and compared with its hash.
    """
    problems = settled(project)
    if problems is not None and not check:
        return Built(problems, published=False, made=False)
    with told(project.warehouse), one_writer(project, "sc-pipeline build", say):
        with _uncollected():
            # Here and below: libraries that a build with nothing to do never needs.
            from sc_pipeline import plan
            from sc_pipeline.look import Look

            # Before the look: what lands during it is not settled.
            seen = fingerprint(project)
            look = Look(project, say=say)
            if check:
                say("reading every table again")
                look.store.check()
            before = plan.outlook(look)
        for table in before.damaged:
            say(f"{table}: missing or damaged, so it is made again")
        if before.is_empty:
            settle(project, seen, refusals(before.refused))
            return Built(refusals(before.refused), published=False, made=False)
        return _run(project, before.releases, say)


def build_without_dagster(project: Project) -> list[str]:
    """The same steps in the same order without Dagster and without the site. Returns what was refused.

    Raises AuditFailed where the result cannot be published.
    """
    from sc_pipeline import plan
    from sc_pipeline.look import Look

    with one_writer(project, "a build without Dagster", lambda line: None):
        look = Look(project)
        plan.build(look, plan.WITHOUT_SITE)
        return refusals(look.refused)


def _run(project: Project, releases: Sequence[str], say: Say) -> Built:
    with _uncollected():
        from sc_pipeline import definitions, plan
        from sc_pipeline.defs import runs
        from sc_pipeline.look import Look

        del definitions  # the runs need them

    published_before = _written(project)
    with _heard(say), runs.records(project) as instance:
        runs.end_killed_runs(instance)
        runs.register_releases(instance, releases)
        failed: list[str] = []
        if releases:
            failed = runs.run_releases(instance, releases)
        look = Look(project)
        if not look.has_rows:
            nothing = f"{project.raw}: no release could be taken in, so nothing was published"
            return Built([*refusals(look.refused), *failed, nothing], False)
        failed += runs.run_rest(instance)
    seen = fingerprint(project)
    after = Look(project)
    problems = [*refusals(after.refused), *failed]
    if plan.outlook(after).is_empty:
        settle(project, seen, problems)
    return Built(problems, published=_written(project) != published_before)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage where next to none is made, nor later in what was made: it took a tenth of a build."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _written(project: Project) -> int | None:
    """When the published file was written, or None where there is none."""
    return project.published.stat().st_mtime_ns if project.published.exists() else None


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
