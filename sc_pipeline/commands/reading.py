"""Commands that read what is published: what there is, where it comes from, what differs, and copies of it."""

import csv
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sc_pipeline.commands.options import FORMATS, POPULATIONS, SUBSETS, echo, folders, refuse, shown
from sc_pipeline.errors import EXIT_PROBLEMS, UsageError, visible
from sc_pipeline.project import Project


@click.command()
@folders
def status(project: Project) -> None:
    """Show the releases, what serves which months, checks that do not pass, and what a build would do.

    \b
    Example:
      sc-pipeline status
    """
    from sc_pipeline import plan
    from sc_pipeline.look import Look
    from sc_pipeline.warehouse.status import status_lines

    for line in status_lines(project, plan.outlook(Look(project))):
        echo(line)


@click.command()
@click.argument("month", required=False, metavar="[MONTH]", type=click.DateTime(["%Y-%m"]))
@click.option("--subset", default="all", show_default=True, type=click.Choice(SUBSETS))
@click.option(
    "--population", type=click.Choice(POPULATIONS), help="[default: sc, or ice where only that has the month]"
)
@click.option("--csv", "as_csv", is_flag=True, help="Only the source rows, as CSV.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=0), help="Source rows to show.")
@click.option("--why", "row", metavar="FILE:ROW", help="What became of one source row (FILE:SHEET:ROW in a workbook).")
@click.option("--figure", "name", metavar="TABLE.COLUMN", help="A figure of any table instead, picked by --where.")
@click.option("--where", multiple=True, metavar="KEY=VALUE", help="A key of its row, such as month=2016-08.")
@folders
def trace(
    project: Project,
    month: datetime | None,
    subset: str,
    population: str | None,
    as_csv: bool,
    limit: int,
    row: str | None,
    name: str | None,
    where: Sequence[str],
) -> None:
    """Show where the figure of a MONTH comes from: the rule, the release, and each source row as written.

    \b
    Examples:
      sc-pipeline trace 2015-12 --subset detainer_linked
      sc-pipeline trace --figure convictions.level1 --where month=2016-08
      sc-pipeline trace --why table2_removals_by_source.csv:87
    """
    if sum(given is not None for given in (month, row, name)) != 1 or (where and not name):
        raise UsageError("give either a MONTH such as 2015-12, a row with --why FILE:ROW, or --figure with --where")
    if row is not None:
        from sc_pipeline.warehouse.trace.why import why

        refuse(("subset", "population", "as_csv", "limit"), "--why")
        echo(*why(project, row))
    elif name is not None:
        from sc_pipeline.warehouse.trace import marts

        refuse(("subset", "population"), "--figure")
        made = marts.find_mart_figure(project, name, dict(_key_and_value(each) for each in where))
        _show(made.in_words(), marts.rows_behind(project, made), len(made.places), as_csv, limit)
    else:
        from sc_pipeline.warehouse.trace import figures

        assert month is not None
        figure = figures.find_figure(project, month.date(), population, subset)
        _show(figure.in_words(), figures.source_rows(project, figure), figure.removals or 0, as_csv, limit)


def _key_and_value(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--where {text}: write KEY=VALUE, such as month=2016-08")
    return key, value


def _show(words: Iterable[str], rows: Iterable[dict[str, Any]], total: int, as_csv: bool, limit: int) -> None:
    """A figure in words and the first rows behind it; or all rows as CSV."""
    if as_csv:
        refuse(("limit",), "--csv")
        _write_csv(rows)
        return
    echo(*words)
    for number, found in enumerate(rows):
        if number == limit:
            echo(f"  … and {total - limit:,} more; --csv gives them all")
            break
        echo("  " + ", ".join(f"{name}: {value}" for name, value in found.items() if value is not None))


def _write_csv(rows: Iterable[dict[str, Any]]) -> None:
    """Rows of several files may have different columns: the header has all of them."""
    found = list(rows)
    shown = visible if sys.stdout.isatty() else str  # in a file or a pipe, cells are as they are written
    writer = csv.DictWriter(sys.stdout, list(dict.fromkeys(shown(name) for row in found for name in row)))
    writer.writeheader()
    writer.writerows(
        {shown(name): value if value is None else shown(str(value)) for name, value in row.items()} for row in found
    )


@click.command()
@click.option("--against", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Another published file.")
@click.option("--lock", is_flag=True, help="Compare with the hashes kept in warehouse.lock.json.")
@click.option("--write-lock", is_flag=True, help="Keep the hashes of the tables as they are.")
@folders
def verify(project: Project, against: Path | None, lock: bool, write_lock: bool) -> None:
    """Build raw/ again in a temporary folder and compare every table with the published one.

    Says which tables, months and figures differ, and which input or change of code explains it.

    \b
    Examples:
      sc-pipeline verify
      sc-pipeline verify --against last-month.duckdb
    """
    from sc_pipeline.commands.building import build_without_dagster
    from sc_pipeline.store import Store
    from sc_pipeline.warehouse.verify import compare as verifying
    from sc_pipeline.warehouse.verify import lock as locking

    if sum((against is not None, lock, write_lock)) > 1:
        raise UsageError("give one of --against, --lock and --write-lock")
    if write_lock:
        locking.write_lock(project)
        echo(f"wrote {project.hash_lock.name}")
        return
    if lock:
        found = locking.check_lock(project)
    elif against:
        found = verifying.compare(against, project.published)
    else:
        found = verifying.verify(project, build_without_dagster, echo)
    changed = [] if against or lock else Store.of(project).changed()
    for table, release in changed:
        part = f"{table} of {release}" if release else table
        echo(f"{part}: damaged: not as it was written; make it again with: sc-pipeline build --check")
    for difference in found:
        echo(difference.in_words())
    if found or changed:
        sys.exit(EXIT_PROBLEMS)
    echo("no difference")


@click.command()
@click.argument("sql")
@click.option("--csv", "as_csv", is_flag=True, help="All rows, as CSV.")
@click.option("--xlsx", "book", type=click.Path(dir_okay=False, path_type=Path), help="Write a workbook instead.")
@folders
def query(project: Project, sql: str, as_csv: bool, book: Path | None) -> None:
    """Ask the published file, read-only, in DuckDB's SQL. Shows the first 40 rows.

    \b
    Examples:
      sc-pipeline query "from headline_figures"
      sc-pipeline query "select month, sc from removals_by_source where sc > 8000" --csv
      sc-pipeline query "from convictions" --xlsx convictions.xlsx
    """
    from sc_pipeline.warehouse import query as asking

    if as_csv and book:
        raise UsageError("give one of --csv and --xlsx")
    if book:
        asking.to_workbook(project, sql, book.resolve())
        echo(f"wrote {shown(book.resolve())}")
    elif as_csv:
        asking.to_csv(project, sql, sys.stdout.buffer)
    else:
        asking.show(project, sql)


@click.command()
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
    type=click.Choice(FORMATS),
    help="May be given more than once. Half a million rows as xlsx take minutes.",
)
@folders
def export(project: Project, tables: tuple[str, ...], folder: Path, formats: tuple[str, ...]) -> None:
    """Write TABLES (or all that is published) as CSV, Parquet, DuckDB or a typed workbook, with a datapackage.json.

    CSV and Parquet files are in folders of their own; the workbook's first sheet says what it is of.

    \b
    Examples:
      sc-pipeline export
      sc-pipeline export convictions removals_by_source --format csv --format xlsx --to for-the-desk
    """
    from sc_pipeline.warehouse.export import export as write

    for path in write(project, folder, tables, formats):
        echo(f"wrote {shown(path)}")
