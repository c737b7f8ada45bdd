"""Dagster: the project as a resource, and the one place that takes the lock, translates errors and sets retries."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from sc_pipeline.errors import UserError
from sc_pipeline.look import Look
from sc_pipeline.machine import MachineProblem, told
from sc_pipeline.project import Project, one_writer, open_project

# What it tells is heard by the command line, and kept in the run's log (python_logs in dagster.yaml).
_logger = logging.getLogger("sc_pipeline.build")
# What can pass is tried again, such as a disk that was full; bad data is not, see `working`.
RETRIES = dg.RetryPolicy(max_retries=2, delay=5)
# What is made of all releases. Machines that share no lock, but Dagster's records, give it a limit of one.
POOL = "all_releases"


class ProjectResource(dg.ConfigurableResource):
    """Where the project's folders are; what is not given is as the command line finds it."""

    raw: str | None = None
    warehouse: str | None = None

    def open(self) -> Project:
        """The project."""
        return open_project(Path(self.raw) if self.raw else None, Path(self.warehouse) if self.warehouse else None)


@contextmanager
def working(context: dg.AssetExecutionContext, project: ProjectResource) -> Iterator[Look]:
    """A look at the project, its lock held; what a user can fix fails the step with one line, and is not retried."""
    found = project.open()
    with one_writer(found, f"run {context.run.run_id}", context.log.info):
        try:
            with told(found.warehouse):
                yield Look(found, context.run.run_id, _logger.info)
        except MachineProblem as problem:
            raise dg.Failure(description=str(problem)) from None  # it may pass, so it is tried again
        except UserError as problem:
            raise dg.Failure(description=str(problem), allow_retries=False) from None
