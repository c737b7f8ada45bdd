"""Rows past a setting stay in Parquet files: the published file reads them, and shows what one that holds them does."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from sc_pipeline import plan
from sc_pipeline.errors import AuditFailed, UserError
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.project.settings import Settings
from sc_pipeline.warehouse import publish
from sc_pipeline.warehouse.export import export
from sc_pipeline.warehouse.published import open_published
from sc_pipeline.warehouse.query import show, to_csv
from sc_pipeline.warehouse.row_files import TABLES
from tests.builders import ask, cases, copy_of, empty_project, removal

# Tables that tell when the others were made.
TELLING = ("tables", "figure_history")
NOBODY = "http://127.0.0.1:9/rows%20of%20all"  # nothing answers there
_SHOWN = """
select table_schema, table_name from information_schema.tables order by all
"""


def built(project: Project, **settings: object) -> Project:
    """The project as these settings publish it."""
    project = Project(project.raw, project.warehouse, Settings(**settings))  # type: ignore[arg-type]
    plan.build(Look(project), plan.WITHOUT_SITE)
    return project


def shown(project: Project) -> dict[str, tuple[object, ...]]:
    """Table -> its rows as a hash, and its columns with their types and meanings."""
    found = {}
    with open_published(project) as connection:
        for schema, table in connection.execute(_SHOWN).fetchall():
            if table not in TELLING:
                rows = connection.execute(f"select count(*), sum(hash(t)) from {schema}.{table} as t").fetchone()
                columns = connection.execute(
                    "select column_name, data_type, comment from duckdb_columns()"
                    " where schema_name = ? and table_name = ? order by column_index",
                    [schema, table],
                ).fetchall()
                found[table] = (rows, columns)
    return found


def views(project: Project) -> set[str]:
    """The tables of rows that the published file does not hold."""
    return {name for (name,) in ask(project, "select view_name from duckdb_views()")} & set(TABLES)


@pytest.fixture
def project(two_releases: Project, tmp_path: Path) -> Project:
    """A copy of two releases, built, that a test may change."""
    return copy_of(two_releases, tmp_path / "copy")


@pytest.fixture
def small(small_once: Project, tmp_path: Path) -> Project:
    """One release of one removal, published without its rows."""
    return built(copy_of(small_once, tmp_path / "small"), max_file_rows=1)


@pytest.mark.parametrize("url", [None, NOBODY])
def test_a_file_without_its_rows_shows_what_one_with_them_does(project: Project, url: str | None) -> None:
    before, size = shown(project), project.published.stat().st_size
    outside = built(project, max_file_rows=1, rows_url=url)
    assert views(outside) == set(TABLES)
    assert shown(outside) == before
    assert outside.published.stat().st_size < size
    assert not plan.stale(Look(outside), plan.PUBLISH)
    # The setting is a limit: with room for all of them the rows are in the file again.
    inside = built(project, max_file_rows=10_000_000)
    assert (views(inside), shown(inside)) == (set(), before)


def test_a_file_lies_under_its_table_release_and_month_and_its_folder_can_have_any_name(tmp_path: Path) -> None:
    project = empty_project(tmp_path / "month=1 [x] 'y'")
    cases(project, "é a=b [1]", [removal("2012-05-03"), removal("2012-06-04")])
    project = built(project, max_file_rows=1)
    names = sorted(path.parent.name for path in (project.rows / "removals").rglob("*.parquet"))
    assert names == ["month=2012-05-01", "month=2012-06-01"]
    rows = ask(project, "select release_id, month::varchar from removals order by month")
    assert rows == [("é a=b [1]", "2012-05-01"), ("é a=b [1]", "2012-06-01")]


def test_every_reader_of_the_file_reads_rows_that_are_not_yet_at_their_address(project: Project) -> None:
    project = built(project, max_file_rows=1, rows_url=NOBODY)
    look = Look(project)
    for step in (plan.FIGURES, plan.EXPLORER, plan.REPORT):
        plan.bring_up(look, step)
    folder = project.warehouse / "out"
    export(project, folder, ["removals"], ("csv", "duckdb"))
    with (folder / "answer.csv").open("wb") as file:
        to_csv(project, "select count(*) from removals", file)
    (answer,) = (folder / "answer.csv").read_text().splitlines()[1:]
    assert int(answer) == sum(1 for _ in (folder / "csv" / "removals.csv").open()) - 1 > 0
    assert "http://127.0.0.1:9/rows%20of%20all/removals/" in str(ask(project, "select sql from duckdb_views()"))


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: os.truncate(path, 10)])
def test_a_file_that_is_gone_or_cut_is_written_again_and_the_others_stay(
    small: Project, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    files = {path: path.stat().st_mtime_ns for path in (small.rows / "removals").rglob("*.parquet")}
    other = {path: path.stat().st_mtime_ns for path in (small.rows / "level1_removals").rglob("*")}
    damage(next(iter(files)))
    with pytest.raises(UserError, match=r"; write the rows again with: sc-pipeline build$"):
        show(small, "select * from removals")
    assert plan.stale(Look(small), plan.PUBLISH)
    plan.build(Look(small), plan.WITHOUT_SITE)
    assert ask(small, "select count(*) from removals") == [(1,)]
    assert "removals of first: missing or damaged in rows/, so it is written again" in caplog.text
    assert {path for path in files if path.stat().st_mtime_ns > files[path]} == set(files)
    assert {path: path.stat().st_mtime_ns for path in other} == other
    assert not plan.stale(Look(small), plan.PUBLISH)


def later(project: Project) -> Path:
    """A release that has the month of the first one whole, so that none of the first one's rows stay in use."""
    rows = [removal(day) for day in ("2012-04-01", "2012-05-05", "2012-06-05", "2012-07-01")]
    return cases(project, "later", rows, "received = 2018-01-01\n")


def test_who_has_the_file_of_before_open_reads_its_rows_for_a_day(small: Project) -> None:
    with duckdb.connect(small.published, read_only=True) as reader:
        later(small)
        built(small, max_file_rows=1)
        assert reader.execute("select count(*) from removals").fetchall() == [(1,)]
    assert ask(small, "select count(*) from removals") == [(4,)]
    (old,) = (small.rows / "removals" / "first").glob("*.before")
    assert len(list((small.rows / "removals" / "first").rglob("*.parquet"))) == 1
    os.utime(old, (0, 0))
    cases(small, "another", [removal("2016-05-05")])
    built(small, max_file_rows=1)
    assert not old.exists()
    assert not list((small.rows / "removals" / "first").rglob("*.parquet"))
    assert ask(small, "select count(*) from removals") == [(5,)]


def test_a_version_that_comes_back_is_not_removed_with_the_one_of_before(small: Project) -> None:
    folder = later(small)
    built(small, max_file_rows=1)
    shutil.rmtree(folder)
    built(small, max_file_rows=1)
    for old in small.rows.rglob("*.before"):
        os.utime(old, (0, 0))
    cases(small, "another", [removal("2016-05-05")])
    built(small, max_file_rows=1)
    assert ask(small, "select count(*) from removals where release_id = 'first'") == [(1,)]
    assert not list((small.rows / "removals" / "later").rglob("*.parquet"))


def test_a_failed_audit_leaves_the_file_of_before_and_its_rows(small: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise AuditFailed("removals: a check failed")

    later(small)
    with monkeypatch.context() as patched, pytest.raises(AuditFailed):
        patched.setattr(publish, "_refuse_failed", refuse)
        built(small, max_file_rows=1)
    assert ask(small, "select count(*) from removals") == [(1,)]
    built(small, max_file_rows=1)
    assert ask(small, "select count(*) from removals") == [(4,)]


def test_a_project_that_was_moved_publishes_again(small: Project, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    small.raw.rename(moved / "raw")
    small.warehouse.rename(moved / "warehouse")
    project = Project(moved / "raw", moved / "warehouse", small.settings)
    assert plan.stale(Look(project), plan.PUBLISH)
    plan.build(Look(project), plan.WITHOUT_SITE)
    assert ask(project, "select count(*) from removals") == [(1,)]
