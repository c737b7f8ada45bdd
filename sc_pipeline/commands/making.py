"""Commands that make something: releases in raw/, and the published warehouse."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sc_pipeline.commands.options import FOLDERS, HABITS, POPULATIONS, PRODUCTIONS, echo, folders, refuse, shown
from sc_pipeline.errors import EXIT_PROBLEMS, UsageError, UserError, visible
from sc_pipeline.project import Project, init_project, open_project


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--empty", is_flag=True, help="Without the releases that ship, TRAC's and ICE's.")
def init(folder: Path, empty: bool) -> None:
    """Make a project in FOLDER: raw/ for the releases, and sc_pipeline.toml for its settings.

    What is there already stays as it is.

    \b
    Example:
      sc-pipeline init myproject
    """
    try:
        made = init_project(folder.resolve(), with_release=not empty)
    except OSError as problem:
        raise UserError(f"{folder}: no project can be made there: {problem.strerror}") from None
    for path in made:
        echo(f"wrote {shown(path)}")
    if not made:
        echo(f"{shown(folder.resolve())} is a project already; nothing was changed")
        return
    steps = ["sc-pipeline add FILE", "sc-pipeline build"] if empty else ["sc-pipeline build"]
    steps = steps if folder.resolve() == Path.cwd() else [f"cd {folder}", *steps]
    echo(f"next: {' && '.join(steps)}")


@click.command()
@click.option("--check", is_flag=True, help="First read every table again, and make those again that are damaged.")
@folders
def build(project: Project, check: bool) -> None:
    """Build the published warehouse from the releases in raw/.

    Does only what changed, as runs of the same Dagster job as the UI's, which lists them in its history.

    \b
    Examples:
      sc-pipeline build
      sc-pipeline build --raw raw --warehouse elsewhere
    """
    from sc_pipeline.commands.building import build as run

    with _progress() as say:
        built = run(project, say, check)
    for problem in built.problems:
        echo(f"sc-pipeline: {problem}", err=True)
    if built.published:
        echo(f"published {shown(project.published)}")
    elif built.made and not built.problems:
        echo(f"made what was missing or out of date; {shown(project.published)} stays as it is")
    elif not built.problems:
        echo(f"nothing has changed; {shown(project.published)} stays as it is")
    if (page := project.site / "index.html").exists():
        echo(f"report: {shown(page)}")
    if built.problems:
        sys.exit(EXIT_PROBLEMS)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """What a build does and how far it is: on a terminal one line that changes, elsewhere a line each."""
    if not sys.stdout.isatty():
        yield echo
        return
    from rich.console import Console
    from rich.markup import escape

    with Console().status("looking at raw/ and the tables") as status:
        yield lambda line: status.update(escape(visible(line)))


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--release", "release_id", help="Id of the release [default: its public id, else from the first file].")
@click.option("--replace", is_flag=True, help="Replace the files of a release already in raw/.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--title", help="What the release is called.")
@click.option("--publisher", help="Who made it public.")
@click.option("--agency", help="Whose records it holds, such as ICE.")
@click.option("--received", type=click.DateTime(["%Y-%m-%d"]), help="The day it was received.")
@click.option("--population", type=click.Choice(POPULATIONS), help="Population, if the file does not imply it.")
@click.option("--covers", nargs=2, type=click.DateTime(["%Y-%m-%d"]), help="First and last day it is complete for.")
@folders
def add(
    project: Project,
    files: tuple[Path, ...],
    release_id: str | None,
    replace: bool,
    dry_run: bool,
    received: datetime | None,
    covers: tuple[datetime, datetime] | None,
    **facts: Any,
) -> None:
    """Copy FILES (or folders) into raw/ as one release, and write its release.toml.

    Shows what was found: each table's kind, rows and days, what its columns feed, what is missing or left out.

    \b
    Examples:
      sc-pipeline add removals.xlsx --dry-run
      sc-pipeline add removals.xlsx --release ice-2025-07 --received 2025-07-15
    """
    from sc_pipeline.add import addition as adding
    from sc_pipeline.add.against import against_published
    from sc_pipeline.add.findings import findings, stated
    from sc_pipeline.add.starter import starters
    from sc_pipeline.raw.manifest import stated_manifest
    from sc_pipeline.staged.vocabularies import load_words

    span = (covers[0].date(), covers[1].date()) if covers else None
    manifest = stated_manifest(**facts, received=received.date() if received else None, covers=span)
    addition = adding.plan_addition(list(files), project.raw, release_id, replace, manifest, echo)
    echo(*findings(addition.files))
    echo(*against_published(project, addition), *stated(addition.manifest, addition.files))
    if addition.problem:
        for starter in starters(addition.files, load_words(project.raw.parent)):
            echo(*starter.splitlines())
        raise UserError(f"{addition.release_id}: not added, a build would refuse it: {addition.problem}")
    if dry_run:
        echo("", f"{addition.folder.name}/release.toml would say:", "", *addition.manifest_text.splitlines(), "")
        echo("dry run: nothing was copied")
        return
    adding.apply(addition, echo)
    echo(f"added {shown(addition.folder)}; look at its release.toml, then: sc-pipeline build")


@click.command(epilog=f"Productions: {', '.join(PRODUCTIONS)}.")
@click.argument("layout", metavar="[PRODUCTION]", required=False)
@click.option("--demo", type=click.Path(file_okay=False, path_type=Path), help="Write one of each kind, and build.")
@click.option(
    "--rows", type=click.IntRange(min=1), help="Dated rows [default: as published, or 3,000]; for a demo 500 or more."
)
@click.option("--seed", type=click.IntRange(min=0), default=2017, show_default=True, help="Same seed, same bytes.")
@click.option("--months", nargs=2, type=click.DateTime(["%Y-%m"]), help="First and last month.")
@click.option("--format", "format_", type=click.Choice(["csv", "xlsx"]), help="File format [default: the real one's].")
@click.option("--release", "release_id", help="Id of the release [default: sim-<production>].")
@click.option("--without", multiple=True, type=click.Choice(HABITS), help="A habit of real files to leave out.")
@folders
def simulate(
    project: Project,
    layout: str | None,
    demo: Path | None,
    rows: int | None,
    seed: int,
    months: tuple[datetime, datetime] | None,
    format_: str | None,
    release_id: str | None,
    without: tuple[str, ...],
) -> None:
    """Write a simulated delivery in the form of a known PRODUCTION into raw/.

    Its manifest and its values say that it is simulated.

    TRAC's production is calibrated: its counts are the published ones.

    \b
    Examples:
      sc-pipeline simulate ice_removals_2025_07 --rows 5000
      sc-pipeline simulate --demo demo
    """
    from sc_pipeline import simulate as simulation

    if (layout is None) == (demo is None):
        raise UsageError("give either a PRODUCTION or --demo FOLDER; see sc-pipeline simulate --help")
    habits = simulation.Habits().without(*without)
    if layout:
        span = (months[0].date(), months[1].date()) if months else None
        folder = simulation.simulate(layout, project.raw, rows, seed, span, habits, format_, release_id)
        echo(f"wrote {shown(folder)}")
        return
    assert demo is not None
    refuse(("months", "format_", "release_id", *FOLDERS), "--demo")
    _demo(demo, rows, seed, habits)


def _demo(folder: Path, rows: int | None, seed: int, habits: Any) -> None:
    from sc_pipeline import simulate as simulation
    from sc_pipeline.commands.building import build as run

    project = open_project(folder / "raw", folder / "warehouse")
    echo(f"simulating one production of each kind into {shown(project.raw)}")
    simulation.simulate_demo(project.raw, seed, habits=habits, rows=rows)
    built = run(project, echo)
    for problem in built.problems:
        echo(f"sc-pipeline: {problem}", err=True)
    if built.problems:
        sys.exit(EXIT_PROBLEMS)
    echo(*_to_look_at(project, folder))


def _to_look_at(project: Project, demo: Path) -> list[str]:
    file = shown(project.published)
    query = f"sc-pipeline query --project {demo}"
    return [
        "",
        f"{file} is ready; its case-level rows are simulated. To look at:",
        f'  {query} "from claim_checks"           claims, now exact',
        f'  {query} "from meta.month_sources"     which release serves which month, and why',
        f'  {query} "from release_revisions"      where two productions disagree',
        f'  {query} "from meta.quarantine"        what could not be counted, and why',
        f"  sc-pipeline ui --project {demo}   the same in the Dagster UI",
    ]
