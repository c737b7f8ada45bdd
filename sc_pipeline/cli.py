"""The `sc-pipeline` command."""

import csv
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sc_pipeline import __version__
from sc_pipeline.errors import EXIT_PROBLEMS, UsageError, UserError, visible
from sc_pipeline.machine import told
from sc_pipeline.project import REPOSITORY, Project, is_free, open_project

# As in schemas/records.py, which takes a second to import.
POPULATIONS = ("ice", "sc")
SUBSETS = ("all", "convicted", "not_convicted", "level1", "detainer_linked")


def echo(*lines: str, err: bool = False) -> None:
    """Print lines that may hold what a stranger wrote."""
    for line in lines:
        click.echo(visible(line), err=err)


class Command(click.Group):
    """Shows what a user did wrong in one line, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with told(Path.cwd()):
                return super().invoke(ctx)
        except UserError as problem:
            echo(f"sc-pipeline: {problem}", err=True)
            ctx.exit(problem.exit_code)


def folders(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options every command takes; the command gets them as one Project."""

    def with_workspace(*args: Any, raw: Path | None, warehouse: Path | None, **options: Any) -> Any:
        return command(*args, open_project(raw, warehouse), **options)

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

    Exit codes: 0 success, 1 problems found, 2 incorrect usage.
    """


@main.command()
@click.option("--check", is_flag=True, help="First read every table again, and make those again that are damaged.")
@folders
def build(project: Project, check: bool) -> None:
    """Build the published warehouse from the releases in raw/.

    Does only what changed, as runs of the same Dagster job as the UI's, which lists them in its history.

    Example: sc-pipeline build --raw demo/raw --warehouse demo/warehouse
    """
    from sc_pipeline.building import build as run

    with _progress() as say:
        built = run(project, say, check)
    for problem in built.problems:
        echo(f"sc-pipeline: {problem}", err=True)
    if built.published:
        echo(f"published {_shown(project.published)}")
    elif not built.problems:
        echo(f"nothing has changed; {_shown(project.published)} stays as it is")
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


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--release", "release_id", help="Id of the release [default: its public id, else from the first file].")
@click.option("--replace", is_flag=True, help="Replace the files of a release already in raw/.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--title", help="What the release is called.")
@click.option("--publisher", help="Who made it public.")
@click.option("--agency", help="Whose records it holds, such as ICE.")
@click.option("--received", type=click.DateTime(["%Y-%m-%d"]), help="The day it was received.")
@click.option("--population", type=click.Choice(POPULATIONS), help="Population, if the file does not imply it.")
@folders
def add(project: Project, files: tuple[Path, ...], release_id: str | None, replace: bool, dry_run: bool,
        received: datetime | None, **stated: Any) -> None:  # fmt: skip
    """Copy FILES (or folders) into raw/ as one release, and write its release.toml.

    Shows what was found: each table's kind, rows and days, what its columns feed, what is missing or left out.

    Example: sc-pipeline add removals.xlsx --release ice-2025-07 --received 2025-07-15
    """
    from sc_pipeline.add import addition as adding
    from sc_pipeline.add.findings import findings
    from sc_pipeline.raw.manifest import Manifest

    manifest = Manifest(**stated, received=received.date() if received else None)
    addition = adding.plan_addition(list(files), project.raw, release_id, replace, manifest, echo)
    echo(*findings(addition.files))
    if addition.problem:
        raise UserError(f"{addition.release_id}: not added, a build would refuse it: {addition.problem}")
    if dry_run:
        echo("", f"{addition.folder.name}/release.toml would say:", "", *addition.manifest_text.splitlines(), "")
        echo("dry run: nothing was copied")
        return
    adding.apply(addition, echo)
    echo(f"added {_shown(addition.folder)}; look at its release.toml, then: sc-pipeline build")


@main.command()
@click.argument("layout", metavar="[PRODUCTION]", required=False)
@click.option("--demo", type=click.Path(file_okay=False, path_type=Path), help="Write one of each kind, and build.")
@click.option("--rows", type=click.IntRange(min=1), help="Dated rows [default: as published, or 3,000].")
@click.option("--seed", type=click.IntRange(min=0), default=2017, show_default=True, help="Same seed, same bytes.")
@click.option("--months", nargs=2, type=click.DateTime(["%Y-%m"]), help="First and last month.")
@click.option("--format", "format_", type=click.Choice(["csv", "xlsx"]), help="File format [default: the real one's].")
@click.option("--release", "release_id", help="Id of the release [default: sim-<production>].")
@click.option("--without", multiple=True, help="A habit of real files to leave out, such as undated or redactions.")
@folders
def simulate(project: Project, layout: str | None, demo: Path | None, rows: int | None, seed: int,
             months: tuple[datetime, datetime] | None, format_: str | None, release_id: str | None,
             without: tuple[str, ...]) -> None:  # fmt: skip
    """Write a simulated delivery in the form of a known PRODUCTION into raw/.

    Its manifest and its values say that it is simulated.

    TRAC's production is calibrated: its counts are the published ones.

    Examples: sc-pipeline simulate ice_removals_2025_07 --raw /tmp/raw --rows 50000
              sc-pipeline simulate --demo demo
    """
    from sc_pipeline import simulate as simulation

    if (layout is None) == (demo is None):
        raise UsageError("give either a PRODUCTION or --demo FOLDER; see sc-pipeline simulate --help")
    habits = simulation.Habits().without(*without)
    if layout:
        span = (months[0].date(), months[1].date()) if months else None
        folder = simulation.simulate(layout, project.raw, rows, seed, span, habits, format_, release_id)
        echo(f"wrote {_shown(folder)}")
        return
    assert demo is not None
    _demo(demo, rows, seed, habits)


def _demo(folder: Path, rows: int | None, seed: int, habits: Any) -> None:
    from sc_pipeline import simulate as simulation
    from sc_pipeline.building import build as run

    project = open_project(folder / "raw", folder / "warehouse")
    echo(f"simulating one production of each kind into {_shown(project.raw)}")
    simulation.simulate_demo(project.raw, seed, habits=habits, rows=rows)
    built = run(project, echo)
    for problem in built.problems:
        echo(f"sc-pipeline: {problem}", err=True)
    if built.problems:
        sys.exit(EXIT_PROBLEMS)
    echo(*_to_look_at(project))


def _to_look_at(project: Project) -> list[str]:
    shown = _shown(project.published)
    return [
        "",
        f"{shown} is ready; its case-level rows are simulated. To look at:",
        f'  duckdb -readonly {shown} "from claim_checks"           claims, now exact',
        f'  duckdb -readonly {shown} "from meta.month_sources"     which release serves which month, and why',
        f'  duckdb -readonly {shown} "from release_revisions"      where two productions disagree',
        f'  duckdb -readonly {shown} "from meta.quarantine"        what could not be counted, and why',
        "  make demo-ui                                              the same in the Dagster UI",
    ]


@main.command()
@folders
def status(project: Project) -> None:
    """Show the releases, what serves which months, checks that do not pass, and what a build would do.

    Example: sc-pipeline status
    """
    from sc_pipeline import plan
    from sc_pipeline.look import Look
    from sc_pipeline.warehouse.status import status_lines

    for line in status_lines(project, plan.outlook(Look(project))):
        echo(line)


@main.command()
@click.argument("month", required=False, metavar="[MONTH]", type=click.DateTime(["%Y-%m"]))
@click.option("--subset", default="all", show_default=True, type=click.Choice(SUBSETS))
@click.option("--population", default="sc", show_default=True, type=click.Choice(POPULATIONS))
@click.option("--csv", "as_csv", is_flag=True, help="Only the source rows, as CSV.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=0), help="Source rows to show.")
@click.option("--why", "row", metavar="FILE:ROW", help="What became of one source row (FILE:SHEET:ROW in a workbook).")
@folders
def trace(project: Project, month: datetime | None, subset: str, population: str, as_csv: bool, limit: int,
          row: str | None) -> None:  # fmt: skip
    """Show where the figure of a MONTH comes from: the rule, the release, and each source row as written.

    Examples: sc-pipeline trace 2015-12 --subset detainer_linked
              sc-pipeline trace --why table2_removals_by_source.csv:87
    """
    from sc_pipeline.warehouse.trace import figures as tracing

    if (month is None) == (row is None):
        raise UsageError("give either a MONTH such as 2015-12, or a row with --why FILE:ROW")
    if row is not None:
        from sc_pipeline.warehouse.trace.why import why

        echo(*why(project, row))
        return
    assert month is not None
    figure = tracing.find_figure(project, month.date(), population, subset)
    rows = tracing.source_rows(project, figure)
    if as_csv:
        _write_csv(rows)
        return
    echo(*figure.in_words())
    for number, found in enumerate(rows):
        if number == limit:
            echo(f"  … and {(figure.removals or 0) - limit:,} more; --csv gives them all")
            break
        echo("  " + ", ".join(f"{name}: {value}" for name, value in found.items() if value is not None))


def _write_csv(rows: Iterable[dict[str, Any]]) -> None:
    """Rows of several files may have different columns: the header has all of them."""
    found = list(rows)
    shown = visible if sys.stdout.isatty() else str  # in a file or a pipe, cells are as they are written
    writer = csv.DictWriter(sys.stdout, list(dict.fromkeys(shown(name) for row in found for name in row)))
    writer.writeheader()
    writer.writerows({shown(name): value if value is None else shown(str(value)) for name, value in row.items()}
                     for row in found)  # fmt: skip


@main.command()
@click.option("--against", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Another published file.")
@click.option("--lock", is_flag=True, help="Compare with the hashes kept in warehouse.lock.json.")
@click.option("--write-lock", is_flag=True, help="Keep the hashes of the tables as they are.")
@folders
def verify(project: Project, against: Path | None, lock: bool, write_lock: bool) -> None:
    """Build raw/ again in a temporary folder and compare every table with the published one.

    Says which tables, months and figures differ, and which input or change of code explains it.

    Examples: sc-pipeline verify
              sc-pipeline verify --against last-month.duckdb
    """
    from sc_pipeline.building import build_without_dagster
    from sc_pipeline.store import Store
    from sc_pipeline.warehouse.verify import compare as verifying
    from sc_pipeline.warehouse.verify import lock as locking

    if sum((against is not None, lock, write_lock)) > 1:
        raise UsageError("give one of --against, --lock and --write-lock")
    if write_lock:
        locking.write_lock(project)
        echo(f"wrote {locking.LOCK.name}")
        return
    if lock:
        found = locking.check_lock(project)
    elif against:
        found = verifying.compare(against, project.published)
    else:
        found = verifying.verify(project, build_without_dagster, echo)
    changed = [] if against or lock else Store(project.tables).changed()
    for table, release in changed:
        part = f"{table} of {release}" if release else table
        echo(f"{part}: damaged: not as it was written; make it again with: sc-pipeline build --check")
    for difference in found:
        echo(difference.in_words())
    if found or changed:
        sys.exit(EXIT_PROBLEMS)
    echo("no difference")


@main.command()
@click.argument("tables", nargs=-1)
@click.option(
    "--to",
    "folder",
    default="export",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to; made where it is not there.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    default=("csv",),
    show_default=True,
    help="csv, parquet or xlsx; may be given more than once. Half a million rows as xlsx take minutes.",
)
@folders
def export(project: Project, tables: tuple[str, ...], folder: Path, formats: tuple[str, ...]) -> None:
    """Write TABLES (or all that is published) as CSV, Parquet or a typed workbook, with a datapackage.json.

    Example: sc-pipeline export convictions removals_by_source --format csv --format xlsx --to for-the-desk
    """
    from sc_pipeline.warehouse.export import export as write

    for path in write(project, folder, tables, formats):
        echo(f"wrote {_shown(path)}")


@main.command()
@click.option("--port", default=3000, show_default=True, help="Port on 127.0.0.1.")
@folders
def ui(project: Project, port: int) -> None:
    """Open the Dagster UI, with the daemon that watches raw/, on 127.0.0.1.

    Example: sc-pipeline ui --port 3001
    """
    from sc_pipeline.defs import runs
    from sc_pipeline.look import Look

    with runs.records(project) as instance:
        if is_free(project):
            runs.end_killed_runs(instance)
        runs.register_releases(instance, list(Look(project).found.releases))
    echo(f"opening http://127.0.0.1:{port} (Ctrl-C ends it)")
    arguments = ["-w", str(REPOSITORY / "workspace.yaml"), "-h", "127.0.0.1", "-p", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "sc_pipeline.defs.ui", *arguments])


def _shown(path: Path) -> str:
    """The shortest form of a path from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


if __name__ == "__main__":
    main()
