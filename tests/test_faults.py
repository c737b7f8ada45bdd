"""Whatever of a warehouse is damaged or deleted is noticed, told in one line, and made again as it was."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sc_pipeline.commands.building import build, build_without_dagster
from sc_pipeline.defs import runs
from sc_pipeline.errors import UserError
from sc_pipeline.project import Project
from sc_pipeline.warehouse.published import open_published
from tests.builders import MakeOnce, ask, cases, copy_of, empty_project, removal


@pytest.fixture(scope="module")
def built_once(once: MakeOnce) -> Project:
    return once("faults", faultless_workspace)


def faultless_workspace(folder: Path) -> Project:
    project = empty_project(folder)
    cases(project, "first", [removal("03MAY12", "0999", "01MAY12"), removal("04MAY12", "0000")])
    cases(project, "second", [removal("05JUN12", "5404")])
    assert build_without_dagster(project) == []
    return project


@pytest.fixture
def built(built_once: Project, tmp_path: Path) -> Project:
    return copy_of(built_once, tmp_path / "copy")


def hashes(project: Project) -> list[tuple[object, ...]]:
    return ask(project, "select table_name, rows, sha256 from meta.tables order by 1")


def spoil(path: Path) -> None:
    path.write_text("not what it was")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


FAULTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "a table is deleted": ("tables/monthly_removals.parquet", Path.unlink),
    "a table is cut short": ("tables/monthly_removals.parquet", cut),
    "a release's part is spoiled": ("tables/removals_by_release/first.parquet", spoil),
    "a note is spoiled": ("tables/monthly_removals.json", spoil),
    "a note is deleted": ("tables/release_months.json", Path.unlink),
    "staged rows are cut short": ("tables/staged_rows/first/0000.parquet", cut),
    "the published file is spoiled": ("sc_pipeline.duckdb", spoil),
    "the published file is deleted": ("sc_pipeline.duckdb", Path.unlink),
    "the remembered hashes are spoiled": ("file_hashes.json", spoil),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_damaged_is_made_again_as_it_was(built: Project, fault: str) -> None:
    before = hashes(built)
    name, damage = FAULTS[fault]
    damage(built.warehouse / name)
    assert build_without_dagster(built) == []
    assert hashes(built) == before


def test_a_spoiled_published_file_is_told_in_one_line(built: Project) -> None:
    spoil(built.published)
    with pytest.raises(UserError) as raised:
        open_published(built)
    line = str(raised.value)
    assert line.startswith("sc_pipeline.duckdb: cannot be read: ") and line.endswith(
        "make it again with: sc-pipeline build"
    )
    assert "\n" not in line


def test_spoiled_records_of_runs_are_set_aside_and_the_build_goes_on(
    small_once: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DAGSTER_HOME", "SC_PIPELINE_RAW", "SC_PIPELINE_WAREHOUSE"):
        monkeypatch.setenv(name, str(tmp_path))  # a build sets them; here they are put back afterwards
    built, told = copy_of(small_once, tmp_path / "small"), list[str]()
    with runs.records(built) as instance:
        runs.register_releases(instance, ["first"])
    spoil(built.dagster_home / "history" / "runs.db")
    cases(built, "third", [removal("06JUL12")])
    result = build(built, told.append)
    assert (result.problems, result.published) == ([], True)
    assert list(built.warehouse.glob("dagster-damaged-*"))
    assert any(line.startswith("Dagster's records can't be read") for line in told)
