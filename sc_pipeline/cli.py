"""The `sc-pipeline` command."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sc_pipeline import __version__
from sc_pipeline.errors import EXIT_PROBLEMS, UserError
from sc_pipeline.workspace import REPOSITORY, Workspace, workspace


class Command(click.Group):
    """Shows what a user did wrong in one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as problem:
            click.echo(f"sc-pipeline: {problem}", err=True)
            ctx.exit(problem.exit_code)


def folders(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options every command takes; the command gets them as one Workspace."""

    def with_workspace(*args: Any, raw: Path | None, warehouse: Path | None, **options: Any) -> Any:
        return command(*args, workspace(raw, warehouse), **options)

    with_workspace.__name__, with_workspace.__doc__ = command.__name__, command.__doc__
    with_workspace.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    where = click.Path(file_okay=False, path_type=Path)
    with_raw = click.option("--raw", type=where, help="Folder of releases [default: $SC_PIPELINE_RAW, else raw/].")
    with_warehouse = click.option(
        "--warehouse", type=where, help="Folder that is built [default: $SC_PIPELINE_WAREHOUSE, else warehouse/]."
    )
    return with_raw(with_warehouse(with_workspace))


@click.group(cls=Command, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="sc-pipeline")
def main() -> None:
    """FOIA files on immigration removals and detainers in, an audited DuckDB warehouse out.

    Exit codes: 0 all is well, 1 problems were found, 2 the command was not used as it can be.
    """


@main.command()
@folders
def build(ws: Workspace) -> None:
    """Build the published warehouse from the releases in raw/.

    Does only what changed, as runs of the same Dagster job as the UI's, which lists them in its history.

    Example: sc-pipeline build --raw demo/raw --warehouse demo/warehouse
    """
    from sc_pipeline.build import build as run

    built = run(ws, click.echo)
    for problem in built.problems:
        click.echo(f"sc-pipeline: {problem}", err=True)
    if built.published:
        click.echo(f"published {_shown(ws.published)}")
    elif not built.problems:
        click.echo(f"nothing has changed; {_shown(ws.published)} stays as it is")
    if built.problems:
        sys.exit(EXIT_PROBLEMS)


@main.command()
@click.option("--port", default=3000, show_default=True, help="Port on 127.0.0.1.")
@folders
def ui(ws: Workspace, port: int) -> None:
    """Open the Dagster UI, with the daemon that watches raw/, on 127.0.0.1.

    Example: sc-pipeline ui --port 3001
    """
    from sc_pipeline import definitions, registry

    definitions.prepare_home(ws)
    definitions.know_releases(list(registry.look(ws).releases))
    click.echo(f"opening http://127.0.0.1:{port} (Ctrl-C ends it)")
    dagster = str(Path(sys.executable).with_name("dagster"))
    arguments = ["dev", "-w", str(REPOSITORY / "workspace.yaml"), "-h", "127.0.0.1", "-p", str(port)]
    os.execv(dagster, [dagster, *arguments])


def _shown(path: Path) -> str:
    """A path as short as it can be said from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
