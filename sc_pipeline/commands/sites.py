"""Commands that show the report and the explorer, or write them as a site."""

from pathlib import Path

import click

from sc_pipeline.commands.options import echo, folders, shown
from sc_pipeline.project import Project


@click.command()
@folders
def report(project: Project) -> None:
    """Print where the report is, and open it in a browser.

    \b
    Example:
      sc-pipeline report
    """
    from sc_pipeline.report import opening

    _open(opening.page_of(project, opening.REPORT))


@click.command()
@folders
def explore(project: Project) -> None:
    """Print where the explorer is, and open it in a browser.

    \b
    Example:
      sc-pipeline explore
    """
    from sc_pipeline.report import opening

    _open(opening.page_of(project, opening.EXPLORER))


def _open(page: Path) -> None:
    from sc_pipeline.report.opening import show

    echo(shown(page))
    if not show(page):
        echo("no browser was found here; open the file in one", err=True)


@click.command()
@click.option(
    "--to", "folder", required=True, type=click.Path(path_type=Path), help="Folder to write; replaces an earlier site."
)
@click.option("--with-rows", is_flag=True, help="Also publish one row for each removal and detainer.")
@folders
def publish(project: Project, folder: Path, with_rows: bool) -> None:
    """Write a site that any web host can serve: the report, the explorer, and the tables behind them.

    The tables hold counts (CSV, Parquet, one DuckDB file), with their meaning and checksums. --with-rows adds the
    records: for each removal and detainer its day, place, traits of the person, and an identifier. Use it only for
    records that are already public in full.

    \b
    Example:
      sc-pipeline publish --to public
    """
    from sc_pipeline.report.site import publish_site

    site = publish_site(project, folder, with_rows)
    if site.simulated:
        echo("sc-pipeline: simulated releases are among these; the site says so on every page", err=True)
    if with_rows:
        echo(f"sc-pipeline: the site holds {site.rows:,} rows about single people; see docs/privacy.md", err=True)
    echo(f"wrote {shown(folder / 'index.html')} and {site.files - 1:,} more files, {site.bytes / 1e6:,.1f} MB")
