"""One rule says when a step is current; the build, `status`, the sensor and automation all ask it."""

import shutil
from pathlib import Path

import pytest

from sc_pipeline import plan
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.core import intake
from sc_pipeline.errors import AuditFailed, UserError
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.raw import register
from sc_pipeline.schemas import MODELS
from sc_pipeline.sql import sql_tables
from sc_pipeline.staged import stage
from sc_pipeline.store import Store
from sc_pipeline.warehouse import publish
from tests.builders import ask, cases, copy_of, empty_project, removal, unreadable


@pytest.fixture(scope="module")
def two_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two releases, built whole; no test may change it."""
    project = empty_project(tmp_path_factory.mktemp("two") / "project")
    cases(project, "a", [removal("2012-05-03")])
    cases(project, "b", [removal("2013-05-03")])
    plan.build(Look(project))
    return project


@pytest.fixture
def two(two_once: Project, tmp_path: Path) -> Project:
    """A copy of them that a test may change."""
    return copy_of(two_once, tmp_path / "two")


def stale_steps(project: Project) -> list[str]:
    look = Look(project)
    return [name for name, step in plan.STEPS.items() if plan.stale(look, step)]


def edit_title(project: Project, release: str) -> None:
    (project.raw / release / "release.toml").write_text('title = "Another"\nreceived = 2018-01-31\n')


def test_every_table_is_made_by_one_step_after_what_it_reads() -> None:
    made = [table for step in plan.STEPS.values() for table in step.tables]
    assert len(made) == len(set(made))
    kept = {stage.TABLE, *intake.TABLES, *register.TABLES, *sql_tables()}
    assert set(made) == {*kept, "warehouse", "figures", "report", "explorer"}
    assert kept - {stage.TABLE} <= MODELS.keys()
    for table in sql_tables().values():
        assert all(made.index(name) < made.index(table.name) for name in table.inputs)


def test_after_a_build_nothing_is_stale_and_nothing_is_written(two: Project) -> None:
    assert stale_steps(two) == []
    assert plan.outlook(Look(two)).is_empty
    assert plan.changed_inputs(Look(two)) == {}
    before = {path: path.stat().st_mtime_ns for path in two.warehouse.rglob("*") if path.is_file()}
    plan.build(Look(two))
    after = {path: path.stat().st_mtime_ns for path in two.warehouse.rglob("*") if path.is_file()}
    assert {
        path for path in after if after[path] != before.get(path) and path.suffix in (".parquet", ".duckdb")
    } == set()


def test_an_edited_manifest_makes_its_own_release_stale_and_no_other(two: Project) -> None:
    edit_title(two, "b")
    look = Look(two)
    assert plan.waiting(look) == ["b"]
    assert plan.stale(look, plan.STAGED) == {}
    assert list(plan.stale(look, plan.ROWS)) == ["b"]


def test_a_title_reaches_the_register_and_what_reads_it_and_no_count_is_made_again(two: Project) -> None:
    counted = Store(two.tables).path("monthly_removals")
    before = counted.stat().st_mtime_ns
    edit_title(two, "b")
    assert build_without_dagster(two) == []
    assert ask(two, "select title from meta.releases order by release_id") == [("a",), ("Another",)]
    reads_register = {table.name for table in sql_tables().values() if "releases" in table.inputs}
    if "monthly_removals" not in reads_register:
        assert counted.stat().st_mtime_ns == before


def test_a_change_of_code_is_for_a_person_to_build_and_a_change_of_rows_follows(
    two: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = plan.Step(plan.PUBLISH.name, plan.PUBLISH.tables, "newer", plan.PUBLISH.inputs, plan.PUBLISH.make)
    monkeypatch.setattr(plan, "OF_ALL_RELEASES", (*plan.WITHOUT_SITE[:-1], changed, plan.FIGURES, plan.REPORT))
    assert plan.outlook(Look(two)).steps == ["warehouse"]
    assert plan.changed_inputs(Look(two)) == {}
    cases(two, "c", [removal("2014-05-03")])
    plan.take_in(Look(two), "c")
    assert {"release_register", "release_months", "warehouse"} <= plan.changed_inputs(Look(two)).keys()


def test_a_refusal_is_kept_until_the_release_changes(two: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = unreadable(two, "bad")
    with pytest.raises(UserError, match=r"^bad: holds no table that can be taken in: bad\.csv: "):
        plan.take_in(Look(two), "bad")
    with monkeypatch.context() as patch:
        patch.setattr(stage, "stage_release", lambda *_: pytest.fail("it was read again"))
        look = Look(two)
        assert plan.waiting(look) == []
        assert list(look.refused) == ["bad"]
        assert look.refused["bad"].startswith("bad: holds no table that can be taken in: bad.csv: ")
    cases(two, "bad", [removal("2014-05-03")])
    assert (folder / "bad.csv").exists()
    assert plan.waiting(Look(two)) == ["bad"]
    assert plan.take_in(Look(two), "bad") is True
    assert Look(two).refused == {}


def test_words_of_the_project_bring_a_refused_release_back(two: Project) -> None:
    folder = cases(two, "c", [removal("2014-05-03")])
    path = next(folder.glob("*.csv"))
    path.write_text(path.read_text().replace("departed_date", "Left On"))
    with pytest.raises(UserError, match=r"^c: "):
        plan.take_in(Look(two), "c")
    assert plan.waiting(Look(two)) == []
    words = two.raw.parent / "vocabulary"
    words.mkdir()
    (words / "removals.toml").write_text('[fields]\ndeparted_date = ["Left On"]\n')
    assert plan.waiting(Look(two)) == ["a", "b", "c"]
    assert build_without_dagster(two) == []
    assert ask(two, "select release_id, departed_date::text from removals where release_id = 'c'") == [
        ("c", "2014-05-03")
    ]


def test_a_release_that_left_is_named_and_its_rows_leave(two: Project) -> None:
    shutil.rmtree(two.raw / "b")
    look = Look(two)
    assert plan.outlook(look).gone == ["b"]
    with pytest.raises(UserError, match=r"^b: no such release in raw/; its rows leave with the next build$"):
        look.release("b")
    assert build_without_dagster(two) == []
    assert Store(two.tables).releases() == ["a"]
    assert ask(two, "select release_id from removals") == [("a",)]


def test_a_lost_part_is_made_again_and_gives_the_same_rows(two: Project) -> None:
    before = Store(two.tables).note("removals_by_release", "a")
    Store(two.tables).path("removals_by_release", "a").unlink()
    outlook = plan.outlook(Look(two))
    assert (list(outlook.damaged), outlook.releases) == (["removals_by_release of a"], ["a"])
    assert build_without_dagster(two) == []
    after = Store(two.tables).note("removals_by_release", "a")
    assert before and after and after.sha256 == before.sha256
    assert "warehouse" not in stale_steps(two)


def test_files_that_change_while_they_are_read_leave_nothing_staged(
    two: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cases(two, "c", [removal("2014-05-03")])
    real = stage.stage_release

    def stage_while_it_is_written(*arguments: object) -> object:
        found = real(*arguments)  # type: ignore[arg-type]
        (folder / "c.csv").write_text((folder / "c.csv").read_text() + removal("2014-05-04") + "\n")
        return found

    monkeypatch.setattr(stage, "stage_release", stage_while_it_is_written)
    with pytest.raises(UserError, match=r"^c: its files changed while they were read; wait until they are copied$"):
        plan.take_in(Look(two), "c")
    assert Store(two.tables).note(stage.TABLE, "c") is None
    monkeypatch.undo()
    assert build_without_dagster(two) == []
    assert ask(two, "select count(*) from removals where release_id = 'c'") == [(2,)]


def test_what_cannot_be_published_leaves_the_old_file_and_stays_stale(
    two: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = two.published.read_bytes()
    cases(two, "c", [removal("2014-05-03")])

    def refuse(*_: object) -> None:
        raise AuditFailed("removals: a check failed")

    with monkeypatch.context() as patch:
        patch.setattr(publish, "publish", refuse)
        with pytest.raises(AuditFailed):
            build_without_dagster(two)
    assert two.published.read_bytes() == before
    assert "warehouse" in stale_steps(two)
    assert build_without_dagster(two) == []
    assert two.published.read_bytes() != before
