"""What changes costs only itself, and gives what a build from nothing gives."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from sc_pipeline import plan, sql
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.errors import UserError
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.simulate import simulate
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance
from sc_pipeline.warehouse import publish as warehouse
from sc_pipeline.warehouse.trace.figures import find_figure, source_rows
from sc_pipeline.warehouse.trace.why import why
from tests.builders import HEADER, ask, copy_of

BY_RELEASE = (
    "removals",
    "removals_not_serving",
    "detainers",
    "detainers_not_serving",
    "level1_removals",
    "detainer_linked_removals",
    "detainer_departures",
    "biometric_matches",
)
# One that is kept by release, and one that is kept whole.
OTHERWISE = ("core.detainer_departures", "main.monthly_removals")
# Tables that tell when and how the others were made.
TELLING = ("tables", "figure_history")


@pytest.fixture
def project(two_releases: Project, tmp_path: Path) -> Project:
    """A copy of them that a test may change."""
    return copy_of(two_releases, tmp_path / "copy")


def store_of(project: Project) -> Store:
    """The tables with their notes as they are now."""
    return Store(project.tables)


def nothing_is_stale(project: Project) -> bool:
    """Whether every release and every table of a build without the site is current."""
    look = Look(project)
    return not plan.waiting(look) and not any(plan.stale(look, step) for step in plan.WITHOUT_SITE)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are copied from now on."""
    found: list[Path] = []
    copy = shutil.copyfile
    monkeypatch.setattr(shutil, "copyfile", lambda source, target: found.append(source) or copy(source, target))
    return found


def rows_of(published: Path) -> dict[str, list[tuple[object, ...]]]:
    """Table or view -> its rows, sorted."""
    with duckdb.connect(published, read_only=True) as connection:
        names = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_name not in (?, ?)", TELLING
        ).fetchall()
        return {
            f"{schema}.{name}": sorted(connection.execute(f'from "{schema}"."{name}"').fetchall(), key=repr)
            for schema, name in names
        }


def meanings_of(published: Path) -> list[tuple[object, ...]]:
    """The comments of tables, views and columns."""
    with duckdb.connect(published, read_only=True) as connection:
        return connection.execute(
            """
            select schema_name, table_name, column_name, comment from duckdb_columns() where not internal
            union all select schema_name, table_name, null, comment from duckdb_tables() where not internal
            union all select schema_name, view_name, null, comment from duckdb_views() where not internal
            order by all
            """
        ).fetchall()


def test_every_table_view_and_column_has_a_meaning(two_releases: Project) -> None:
    assert [each[:3] for each in meanings_of(two_releases.published) if not each[3]] == []


def test_an_empty_table_says_why_and_one_with_rows_does_not(shipped_once: Project, two_releases: Project) -> None:
    shipped, cases = (
        {str(row[1]): str(row[3]) for row in meanings_of(project.published) if row[2] is None}
        for project in (shipped_once, two_releases)
    )
    assert shipped["removals"].endswith("Empty in this file: no release with one row a removal is in use.")
    assert shipped["removals_by_place"].endswith("Empty in this file: no release with one row a removal is in use.")
    assert shipped["corrections"].endswith("Empty in this file: no entry of a corrections.toml was applied.")
    rows = rows_of(shipped_once.published)
    empty = {name.partition(".")[2] for name, found in rows.items() if not found} | {"figure_history"}
    assert {table for table, meaning in shipped.items() if "Empty in this file" in meaning} == empty
    assert "Empty" not in cases["removals"] + cases["removals_by_place"]


def test_a_small_file_has_small_blocks(shipped_once: Project) -> None:
    ((size,),) = ask(shipped_once, "select block_size from pragma_database_size() limit 1")
    assert size == 16_384


@pytest.mark.parametrize("table", BY_RELEASE)
def test_a_table_made_release_by_release_equals_the_one_made_of_all(two_releases: Project, table: str) -> None:
    store, definition = store_of(two_releases), sql.sql_tables()[table]
    whole = sql.run(definition, {name: store.paths(name) for name in definition.inputs}).read_all()
    parts = pl.read_parquet(store.paths(table))
    keys = ["release_id", "source_file", "source_sheet", "source_row"]
    assert pl.DataFrame(whole).sort(keys).equals(parts.sort(keys))
    assert len(parts) > 0


PICKED = [table for table in sql.sql_tables().values() if table.picks_from]


@pytest.mark.parametrize("table", PICKED, ids=lambda table: table.name)
def test_a_table_that_picks_rows_has_no_others_and_keeps_their_order(
    two_releases: Project, table: sql.SqlTable
) -> None:
    store = store_of(two_releases)
    assert table.picks_from
    for release in map(str, store.parts(table.name)):
        every, picked = (pl.read_parquet(store.path(name, release)) for name in (table.picks_from, table.name))
        kept = every.join(picked, on=picked.columns, how="semi", nulls_equal=True, maintain_order="left")
        assert kept.equals(picked)


def test_rows_that_are_all_picked_are_what_the_query_gives_in_its_order(project: Project) -> None:
    (project.raw / "book").mkdir()
    with xlsxwriter.Workbook(project.raw / "book" / "book.xlsx") as book:
        for sheet, day in (("later", "2027-02-03"), ("earlier", "2027-01-05")):
            rows = book.add_worksheet(sheet)
            for row, cells in enumerate([HEADER.split(","), [day, "LOUISIANA"], [day, "TEXAS"]]):
                rows.write_row(row, 0, cells)
    (project.raw / "book" / "release.toml").write_text('title = "x"\nreceived = 2027-03-31\n')
    assert build_without_dagster(project) == []
    for name, all_of in {"removals": "removals_by_release", "removals_not_serving": None}.items():
        table = sql.sql_tables()[name]
        stored = pq.read_table(store_of(project).path(name, "book"))
        look = Look(project)
        made = sql.run(table, {input: look.source(input, ["book"]) for input in table.inputs}).read_all()
        assert made.equals(stored)
        if all_of:
            assert stored["source_sheet"].to_pylist() == ["earlier", "earlier", "later", "later"]
            assert (
                store_of(project).path(name, "book").read_bytes() == store_of(project).path(all_of, "book").read_bytes()
            )


def test_these_tables_are_kept_by_release() -> None:
    assert {table.name for table in sql.sql_tables().values() if table.by_release} == {*BY_RELEASE}


def later_release(project: Project) -> None:
    simulate(
        "ice_removals_2026_03", project.raw, 40, months=(date(2026, 4, 1), date(2026, 5, 1)), release_id="sim-later"
    )


def newer_leaves(project: Project) -> None:
    shutil.rmtree(project.raw / "sim-newer")


def newer_is_withdrawn(project: Project) -> None:
    manifest = project.raw / "sim-newer" / "release.toml"
    manifest.write_text(manifest.read_text() + '\nwithdrawn = "a test"\n')


@pytest.mark.parametrize("change", [later_release, newer_is_withdrawn])
def test_a_published_file_brought_up_to_date_is_as_one_made_from_nothing(
    project: Project,
    change: Callable[[Project], None],
    tmp_path: Path,
    copied: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change(project)
    monkeypatch.setattr(warehouse, "COPY_SHARE", 100.0)
    assert build_without_dagster(project) == []
    assert project.published in copied, "brought up to date, not made from nothing"
    again = Project(project.raw, tmp_path / "again")
    assert build_without_dagster(again) == []
    assert rows_of(project.published) == rows_of(again.published)
    # The history is of the one file alone, and its meaning says whether it is empty.
    meanings, new = (
        [row for row in meanings_of(each.published) if row[1] != "figure_history" or row[2]]
        for each in (project, again)
    )
    assert meanings == new


def test_a_release_of_other_months_leaves_the_rows_of_the_others_alone(project: Project) -> None:
    files = [store_of(project).path(table, release) for table in BY_RELEASE for release in ("sim-older", "sim-newer")]
    before = [file.stat().st_mtime_ns for file in files]
    later_release(project)
    assert build_without_dagster(project) == []
    assert [file.stat().st_mtime_ns for file in files] == before
    assert store_of(project).note("removals", "sim-later") is not None


def one_later_row(project: Project) -> None:
    simulate("ice_removals_2026_03", project.raw, 1, months=(date(2026, 4, 1), date(2026, 4, 1)), release_id="sim-one")


def statuses(project: Project) -> dict[str, str]:
    with duckdb.connect(project.published, read_only=True) as connection:
        return dict(connection.execute("select release_id, status from meta.releases").fetchall())


def test_what_somebody_wrote_into_the_published_file_does_not_outlive_the_next_build(project: Project) -> None:
    with duckdb.connect(project.published) as connection:
        connection.execute("update removals set county = 'Mine'")
        connection.execute("create table mine as select 1 as one")
    one_later_row(project)
    assert build_without_dagster(project) == []
    assert "main.mine" not in rows_of(project.published)
    with duckdb.connect(project.published, read_only=True) as connection:
        assert connection.execute("select count(*) from removals where county = 'Mine'").fetchall() == [(0,)]


def test_an_unfinished_session_in_the_old_file_is_not_replayed_over_the_new_one(project: Project) -> None:
    left = project.published.with_name(f"{project.published.name}.wal")
    left.write_bytes(b"")
    one_later_row(project)
    assert build_without_dagster(project) == []
    assert not left.exists()
    assert "sim-one" in statuses(project)


def test_a_release_fixed_after_a_refusal_is_no_longer_listed_as_refused(project: Project) -> None:
    file = next((project.raw / "sim-older").glob("*Removals.csv"))
    whole = file.read_bytes()
    file.write_bytes(whole + b"one line too many\n")
    one_later_row(project)
    (problem,) = build_without_dagster(project)
    assert "changed after it landed" in problem
    assert statuses(project) == {"sim-newer": "ready", "sim-older": "kept", "sim-one": "ready"}
    file.write_bytes(whole)
    assert build_without_dagster(project) == []
    assert statuses(project) == {"sim-newer": "ready", "sim-older": "ready", "sim-one": "ready"}
    assert nothing_is_stale(project)


def test_a_release_refused_in_cleaning_leaves_the_figures_of_the_others_traceable(project: Project) -> None:
    head = next((project.raw / "sim-older").glob("*Detainers.csv")).read_text().splitlines()[:7]
    days = ["2045-05-01"] * 9
    rows = [",".join(day if name == "Detainer Prepare Date" else "" for name in head[-1].split(",")) for day in days]
    (project.raw / "undated").mkdir()
    (project.raw / "undated" / "undated.csv").write_text("\n".join([*head, *rows]) + "\n")
    (project.raw / "undated" / "release.toml").write_text('title = "x"\nreceived = 2025-07-31\n')
    one_later_row(project)
    (problem,) = build_without_dagster(project)
    assert problem.startswith(
        "undated: undated.csv, row 8, detainers.detainer_prepare_date: '[not shown: may tell who a person is]': later"
    )
    figure = find_figure(project, date(2026, 4, 1), "ice", "all")
    assert [row["release"] for row in source_rows(project, figure)] == ["sim-one"]
    with pytest.raises(UserError, match=r"undated: was refused, so none of its rows is counted: undated\.csv, row 8"):
        why(project, "undated/undated.csv:8")


def test_a_file_most_of_which_changes_is_made_from_nothing(project: Project, copied: list[Path]) -> None:
    newer_leaves(project)
    assert build_without_dagster(project) == []
    assert project.published not in copied
    with duckdb.connect(project.published, read_only=True) as connection:
        assert connection.execute("select distinct release_id from removals").fetchall() == [("sim-older",)]


def test_rows_in_use_and_the_others_are_every_row(two_releases: Project) -> None:
    store = store_of(two_releases)
    with duckdb.connect(two_releases.published, read_only=True) as connection:
        for kind in ("removals", "detainers"):
            ((published,),) = connection.execute(f"select count(*) from core.{kind}_by_release").fetchall()
            assert published == sum(note.rows for note in store.parts(f"{kind}_by_release").values()) > 0
    assert nothing_is_stale(two_releases)


def test_a_table_that_was_kept_in_another_way_has_each_row_once(project: Project) -> None:
    store, of_before = store_of(project), Provenance("an earlier version", {})
    before = {table: ask(project, f"select count(*), sum(hash(t)) from {table} as t") for table in OTHERWISE}
    by_release, whole = (table.partition(".")[2] for table in OTHERWISE)
    rows = pa.concat_tables([pq.read_table(path) for path in store.paths(by_release)])
    for part in list(store.parts(by_release)):
        store.drop(by_release, part)
    store.write(by_release, rows, of_before)
    rows = pq.read_table(store.path(whole))
    store.drop(whole)
    for release in ("sim-newer", "sim-older"):
        store.write(whole, rows, of_before, release)
    assert build_without_dagster(project) == []
    assert {table: ask(project, f"select count(*), sum(hash(t)) from {table} as t") for table in OTHERWISE} == before
    assert None not in store_of(project).parts(by_release)
    assert [*store_of(project).parts(whole)] == [None]
