"""What changes costs only itself, and gives what a build from nothing gives."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from sc_pipeline import engine, steps, warehouse
from sc_pipeline.build import build_directly
from sc_pipeline.errors import UserError
from sc_pipeline.simulate import simulate, simulate_together
from sc_pipeline.trace.figures import find_figure, source_rows
from sc_pipeline.trace.why import why
from sc_pipeline.workspace import Workspace
from tests.test_pipeline import HEADER

BY_RELEASE = (
    "detainer_links", "removals", "removals_not_serving", "detainers", "detainers_not_serving", "level1_removals",
    "detainer_linked_removals",
)  # fmt: skip
# Tables that tell when and how the others were made.
TELLING = ("tables", "figure_history")


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two simulated productions of removals and detainers that overlap in time, built."""
    folder = tmp_path_factory.mktemp("two")
    ws = Workspace(folder / "raw", folder / "warehouse")
    simulate_together(("ice_removals_2025_07", "ice_detainers_2025_07"), ws.raw, 300, "sim-older", format="csv")
    simulate_together(("ice_removals_2026_03", "ice_detainers_2026_03"), ws.raw, 300, "sim-newer", format="csv")
    assert build_directly(ws) == []
    return ws


@pytest.fixture
def ws(two_releases: Workspace, tmp_path: Path) -> Workspace:
    """A copy of them that a test may change."""
    for part in ("raw", "warehouse"):
        shutil.copytree(getattr(two_releases, part), tmp_path / part)
    return Workspace(tmp_path / "raw", tmp_path / "warehouse")


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


@pytest.mark.parametrize("table", BY_RELEASE)
def test_a_table_made_release_by_release_equals_the_one_made_of_all(two_releases: Workspace, table: str) -> None:
    store, definition = two_releases.store, engine.sql_tables()[table]
    whole = engine.run(definition, {name: store.paths(name) for name in definition.inputs}).read_all()
    parts = pl.read_parquet(store.paths(table))
    keys = ["release_id", "source_file", "source_sheet", "source_row"]
    assert pl.DataFrame(whole).sort(keys).equals(parts.sort(keys))
    assert len(parts) > 0


PICKED = [table for table in engine.sql_tables().values() if table.picks_from]


@pytest.mark.parametrize("table", PICKED, ids=lambda table: table.name)
def test_a_table_that_picks_rows_has_no_others_and_keeps_their_order(
    two_releases: Workspace, table: engine.SqlTable
) -> None:
    store = two_releases.store
    assert table.picks_from
    for release in store.releases(table.name):
        every, picked = (pl.read_parquet(store.path(name, release)) for name in (table.picks_from, table.name))
        kept = every.join(picked, on=picked.columns, how="semi", nulls_equal=True, maintain_order="left")
        assert kept.equals(picked)


def test_rows_that_are_all_picked_are_what_the_query_gives_in_its_order(ws: Workspace) -> None:
    (ws.raw / "book").mkdir()
    with xlsxwriter.Workbook(ws.raw / "book" / "book.xlsx") as book:
        for sheet, day in (("later", "2027-02-03"), ("earlier", "2027-01-05")):
            rows = book.add_worksheet(sheet)
            for row, cells in enumerate([HEADER.split(","), [day, "LOUISIANA"], [day, "TEXAS"]]):
                rows.write_row(row, 0, cells)
    (ws.raw / "book" / "release.toml").write_text('title = "x"\nreceived = 2027-03-31\n')
    assert build_directly(ws) == []
    for name, all_of in {"removals": "removals_by_release", "removals_not_serving": None}.items():
        table = engine.sql_tables()[name]
        stands = pq.read_table(ws.store.path(name, "book"))
        made = engine.run(table, {input: steps.rows_of(ws.store, input, "book") for input in table.inputs}).read_all()
        assert made.equals(stands)
        if all_of:
            assert stands["source_sheet"].to_pylist() == ["earlier", "earlier", "later", "later"]
            assert ws.store.path(name, "book").read_bytes() == ws.store.path(all_of, "book").read_bytes()


def test_these_tables_are_kept_by_release() -> None:
    assert {table.name for table in engine.sql_tables().values() if table.by_release} == {*BY_RELEASE}


def later_release(ws: Workspace) -> None:
    simulate("ice_removals_2026_03", ws.raw, 40, months=(date(2026, 4, 1), date(2026, 5, 1)), release_id="sim-later")


def newer_leaves(ws: Workspace) -> None:
    shutil.rmtree(ws.raw / "sim-newer")


def newer_is_withdrawn(ws: Workspace) -> None:
    manifest = ws.raw / "sim-newer" / "release.toml"
    manifest.write_text(manifest.read_text() + '\nwithdrawn = "a test"\n')


@pytest.mark.parametrize("change", [later_release, newer_leaves, newer_is_withdrawn])
def test_a_published_file_brought_up_to_date_is_as_one_made_from_nothing(
    ws: Workspace, change: Callable[[Workspace], None], tmp_path: Path, copied: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    change(ws)
    monkeypatch.setattr(warehouse, "COPY_SHARE", 100.0)
    assert build_directly(ws) == []
    assert ws.published in copied, "brought up to date, not made anew"
    anew = Workspace(ws.raw, tmp_path / "anew")
    assert build_directly(anew) == []
    assert rows_of(ws.published) == rows_of(anew.published)
    assert meanings_of(ws.published) == meanings_of(anew.published)


def test_a_release_of_other_months_leaves_the_rows_of_the_others_alone(ws: Workspace) -> None:
    files = [ws.store.path(table, release) for table in BY_RELEASE for release in ("sim-older", "sim-newer")]
    before = [file.stat().st_mtime_ns for file in files]
    later_release(ws)
    assert build_directly(ws) == []
    assert [file.stat().st_mtime_ns for file in files] == before
    assert ws.store.made("removals", "sim-later") is not None


def one_later_row(ws: Workspace) -> None:
    simulate("ice_removals_2026_03", ws.raw, 1, months=(date(2026, 4, 1), date(2026, 4, 1)), release_id="sim-one")


def statuses(ws: Workspace) -> dict[str, str]:
    with duckdb.connect(ws.published, read_only=True) as connection:
        return dict(connection.execute("select release_id, status from meta.releases").fetchall())


def test_what_somebody_wrote_into_the_published_file_does_not_outlive_the_next_build(ws: Workspace) -> None:
    with duckdb.connect(ws.published) as connection:
        connection.execute("update removals set county = 'Mine'")
        connection.execute("create table mine as select 1 as one")
    one_later_row(ws)
    assert build_directly(ws) == []
    assert "main.mine" not in rows_of(ws.published)
    with duckdb.connect(ws.published, read_only=True) as connection:
        assert connection.execute("select count(*) from removals where county = 'Mine'").fetchall() == [(0,)]


def test_an_unfinished_session_in_the_old_file_is_not_replayed_over_the_new_one(ws: Workspace) -> None:
    left = ws.published.with_name(f"{ws.published.name}.wal")
    left.write_bytes(b"")
    one_later_row(ws)
    assert build_directly(ws) == []
    assert not left.exists()
    assert "sim-one" in statuses(ws)


def test_a_release_mended_after_a_refusal_is_no_longer_listed_as_refused(ws: Workspace) -> None:
    file = next((ws.raw / "sim-older").glob("*Removals.csv"))
    whole = file.read_bytes()
    file.write_bytes(whole + b"one line too many\n")
    one_later_row(ws)
    (problem,) = build_directly(ws)
    assert "changed after it landed" in problem
    assert statuses(ws) == {"sim-newer": "ready", "sim-older": "kept", "sim-one": "ready"}
    file.write_bytes(whole)
    assert build_directly(ws) == []
    assert statuses(ws) == {"sim-newer": "ready", "sim-older": "ready", "sim-one": "ready"}
    assert steps.plan(ws).is_empty


def test_a_release_refused_in_cleaning_leaves_the_figures_of_the_others_traceable(ws: Workspace) -> None:
    head = next((ws.raw / "sim-older").glob("*Detainers.csv")).read_text().splitlines()[:7]
    cells = ["the third of May" if name == "Detainer Prepare Date" else "" for name in head[-1].split(",")]
    (ws.raw / "undated").mkdir()
    (ws.raw / "undated" / "undated.csv").write_text("\n".join([*head, ",".join(cells)]) + "\n")
    (ws.raw / "undated" / "release.toml").write_text('title = "x"\nreceived = 2025-07-31\n')
    one_later_row(ws)
    (problem,) = build_directly(ws)
    assert problem.startswith("undated.csv, row 8, detainers.detainer_prepare_date: 'the third of May' unreadable date")
    figure = find_figure(ws, date(2026, 4, 1), "ice", "all")
    assert [row["release"] for row in source_rows(ws, figure)] == ["sim-one"]
    with pytest.raises(UserError, match=r"undated: was refused, so none of its rows counts: undated\.csv, row 8"):
        why(ws, "undated/undated.csv:8")


def test_a_file_most_of_which_changes_is_made_anew(ws: Workspace, copied: list[Path]) -> None:
    newer_leaves(ws)
    assert build_directly(ws) == []
    assert ws.published not in copied
    with duckdb.connect(ws.published, read_only=True) as connection:
        assert connection.execute("select distinct release_id from removals").fetchall() == [("sim-older",)]


def test_rows_in_use_and_the_others_are_every_row(two_releases: Workspace) -> None:
    store = two_releases.store
    with duckdb.connect(two_releases.published, read_only=True) as connection:
        for kind in ("removals", "detainers"):
            ((published,),) = connection.execute(f"select count(*) from {kind}_by_release").fetchall()
            assert published == sum(made.rows for made in store.parts(f"{kind}_by_release").values()) > 0
    assert steps.plan(two_releases).is_empty
