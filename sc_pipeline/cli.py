"""The `sc-pipeline` command."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from sc_pipeline import __version__
from sc_pipeline.commands import making, reading, sites
from sc_pipeline.commands.options import echo, folders
from sc_pipeline.errors import UserError
from sc_pipeline.machine import told
from sc_pipeline.project import Project, is_free


class Command(click.Group):
    """Shows what a user did wrong in one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with told(Path.cwd()):
                return super().invoke(ctx)
        except UserError as problem:
            echo(f"sc-pipeline: {problem}", err=True)
            ctx.exit(problem.exit_code)


@click.group(cls=Command, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="sc-pipeline")
def main() -> None:
    """FOIA files on immigration removals and detainers in, an audited DuckDB warehouse out.

    Exit codes: 0 success, 1 problems found, 2 incorrect usage.
    """


@main.command()
@click.option("--port", default=3000, show_default=True, help="Port on 127.0.0.1.")
@folders
def ui(project: Project, port: int) -> None:
    """Open the Dagster UI, with the daemon that watches raw/, on 127.0.0.1.

    \b
    Example:
      sc-pipeline ui --port 3001
    """
    from sc_pipeline.defs import runs
    from sc_pipeline.look import Look

    with runs.records(project) as instance:
        if is_free(project):
            runs.end_killed_runs(instance)
        runs.register_releases(instance, list(Look(project).found.releases))
    echo(f"opening http://127.0.0.1:{port} (Ctrl-C ends it)")
    # Dagster would have its developers use `dg dev`, which needs a package that nobody else does.
    quiet = ["-W", "ignore:Function `dev_command` is superseded"]
    arguments = ["-w", str(runs.WORKSPACE), "-h", "127.0.0.1", "-p", str(port)]
    os.execv(sys.executable, [sys.executable, *quiet, "-m", "sc_pipeline.defs.ui", *arguments])


for command in (making.init, making.build, making.add, making.simulate):
    main.add_command(command)
for command in (sites.report, sites.explore, sites.publish):
    main.add_command(command)
for command in (reading.status, reading.trace, reading.query, reading.verify, reading.export):
    main.add_command(command)


if __name__ == "__main__":
    main()
