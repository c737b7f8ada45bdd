"""What follows a change on its own: once, only where content changed, and never what is bound to fail again."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.asset_daemon_cursor import AssetDaemonCursor

from sc_pipeline import definitions, sql
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.defs import assets, automation, checks
from sc_pipeline.errors import AuditFailed
from sc_pipeline.project import Project
from sc_pipeline.warehouse import publish
from tests.builders import ask, cases, empty_project, removal, unreadable
from tests.test_sensors import failing

pytestmark = pytest.mark.usefixtures("undrawn")
EVERYTHING = {key.to_user_string() for key in assets.of_all_releases()}
ROWS = set(assets.BY_RELEASE)


@dataclass
class Ui:
    """What a person and the daemon do to one Dagster instance."""

    instance: dg.DagsterInstance
    cursor: AssetDaemonCursor | None = field(default=None)

    def tick(self) -> dict[str | None, set[str]]:
        """One look of the automation sensor: the assets it asks for, by release."""
        # Dagster's tester asks for the partitions anew at each node of each condition; within a tick they stand still.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(self.instance, "get_dynamic_partitions", cache(self.instance.get_dynamic_partitions))
            result = dg.evaluate_automation_conditions(definitions.defs, self.instance, cursor=self.cursor)
        self.cursor = result.cursor
        asked: dict[str | None, set[str]] = {}
        for asset in definitions.defs.resolve_asset_graph().get_all_asset_keys():
            for release in result.get_requested_partitions(asset):
                asked.setdefault(release, set()).add(asset.to_user_string())
        return asked

    def run(self, tables: set[str] | None = None, release: str | None = None) -> bool:
        """Materialize tables, or all. Returns whether all went well."""
        if release:
            self.instance.add_dynamic_partitions(assets.RELEASES, [release])
        result = definitions.defs.resolve_job_def("build").execute_in_process(
            instance=self.instance,
            partition_key=release,
            asset_selection=[dg.AssetKey(table) for table in tables] if tables else None,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        return result.success

    def run_what_is_asked(self) -> list[set[str]]:
        """Tick and run until nothing is asked for. Returns what each run was asked for."""
        runs = []
        while asked := self.tick():
            for release, tables in asked.items():
                self.run(tables, release)
                runs.append(tables)
        return runs


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("SC_PIPELINE_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("SC_PIPELINE_WAREHOUSE", str(tmp_path / "warehouse"))
    return empty_project(tmp_path)


@pytest.fixture
def ui(project: Project) -> Iterator[Ui]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Ui(instance)


@pytest.fixture
def current(project: Project, ui: Ui, small_once: Project) -> Ui:
    """A published warehouse of one release, `first`."""
    for once, folder in ((small_once.raw, project.raw), (small_once.warehouse, project.warehouse)):
        shutil.copytree(once, folder, dirs_exist_ok=True)
    ui.instance.add_dynamic_partitions(assets.RELEASES, ["first"])
    return ui


def land(project: Project, ui: Ui, release: str, day: str = "2013-05-03") -> None:
    """A release that the sensor saw."""
    cases(project, release, [removal(day)])
    ui.instance.add_dynamic_partitions(assets.RELEASES, [release])


def test_nothing_is_asked_for_before_anything_is_taken_in(project: Project, ui: Ui) -> None:
    land(project, ui, "first")
    assert [ui.tick(), ui.tick()] == [{}, {}]


def test_nothing_is_asked_for_while_all_is_current(current: Ui) -> None:
    assert [current.tick(), current.tick()] == [{}, {}]


def test_what_a_run_made_while_the_sensor_looked_is_not_asked_for(current: Ui, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automation, "_wanted", lambda tick: {"monthly_removals": "stale when the look began"})
    assert current.tick() == {}


def test_a_release_that_was_taken_in_is_followed_by_all_the_rest_in_one_run(project: Project, ui: Ui) -> None:
    land(project, ui, "first")
    assert ui.run(ROWS, "first")
    assert ui.run_what_is_asked() == [EVERYTHING]
    assert ask(project, "select count(*) from removals") == [(1,)]
    assert (project.site / "index.html").exists()


def test_a_run_of_everything_is_not_followed_by_another(project: Project, ui: Ui) -> None:
    land(project, ui, "first")
    ui.tick()
    assert ui.run(release="first")
    assert [ui.tick(), ui.tick()] == [{}, {}]


def test_what_ran_and_came_out_the_same_is_not_followed(current: Ui) -> None:
    assert current.run(ROWS, "first")
    assert current.run({"removals", "monthly_removals"})
    assert current.tick() == {}


def test_an_edited_title_reaches_the_published_file_though_no_row_changed(project: Project, current: Ui) -> None:
    cases(project, "first", [removal("2012-05-03")], 'title = "As it is called now"\nreceived = 2018-01-31\n')
    assert current.run(ROWS, "first")
    runs = current.run_what_is_asked()
    assert len(runs) == 1
    assert {"releases", "warehouse", "report"} <= runs[0]
    assert ask(project, "select title from meta.releases") == [("As it is called now",)]


def test_several_releases_are_followed_once_when_the_last_is_in(project: Project, current: Ui) -> None:
    for release, day in (("second", "2013-05-03"), ("third", "2014-05-03")):
        land(project, current, release, day)
    run = current.instance.create_run_for_job(
        definitions.defs.resolve_job_def("build"),
        status=dg.DagsterRunStatus.STARTED,
        asset_selection=frozenset(dg.AssetKey(table) for table in ROWS),
        tags={"dagster/partition": "third"},
    )
    assert current.run(ROWS, "second")
    assert current.tick() == {}, "the third is still on its way"
    current.instance.report_run_failed(run)
    assert current.tick() == {None: EVERYTHING}
    assert current.tick() == {}


def test_what_lands_as_a_run_of_everything_ends_is_not_lost(project: Project, current: Ui) -> None:
    current.tick()
    current.run(EVERYTHING)
    land(project, current, "second")
    current.run(ROWS, "second")
    assert current.tick() == {None: EVERYTHING}


def test_what_changes_after_it_was_asked_for_is_asked_for_again(project: Project, current: Ui) -> None:
    land(project, current, "second")
    current.run(ROWS, "second")
    assert current.tick() == {None: EVERYTHING}
    land(project, current, "third", "2014-05-03")
    current.run(ROWS, "third")
    assert current.tick() == {None: EVERYTHING}
    assert current.tick() == {}


def test_a_refused_release_is_not_tried_again_and_holds_up_no_other(project: Project, current: Ui) -> None:
    unreadable(project, "bad")
    cases(project, "undated", [removal("3rd of May 2012"), removal("4th of May 2012")])
    assert not current.run(ROWS, "bad")
    assert not current.run(ROWS, "undated")
    assert current.run_what_is_asked() == [EVERYTHING], "readers are told of them, once"
    assert [current.tick(), current.tick()] == [{}, {}]
    land(project, current, "second")
    assert current.run(ROWS, "second")
    assert current.tick() == {None: EVERYTHING}


def test_a_removed_release_is_followed(project: Project, current: Ui) -> None:
    land(project, current, "second")
    assert build_without_dagster(project) == []
    shutil.rmtree(project.raw / "second")
    assert current.tick() == {None: EVERYTHING}


def test_a_raw_folder_that_is_empty_or_away_is_not_followed(project: Project, current: Ui) -> None:
    shutil.rmtree(project.raw / "first")
    assert current.tick() == {}
    project.raw.rmdir()
    assert current.tick() == {}


def test_what_failed_is_asked_for_once_more_only_when_an_input_changed(
    project: Project, current: Ui, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AuditFailed("removals: a check failed")

    with monkeypatch.context() as patch:
        patch.setattr(publish, "publish", refuse)
        land(project, current, "second")
        assert not current.run(release="second")
        assert [set(asked) for asked in (current.tick().get(None, set()), current.tick().get(None, set()))] == [
            {"warehouse", "explorer", "report"},
            set(),
        ]
    land(project, current, "third", "2014-05-03")
    assert current.run(ROWS, "third")
    assert current.run_what_is_asked() == [EVERYTHING]
    assert ask(project, "select count(*) from removals") == [(3,)]


def check_of(table: str, blocking: bool) -> str:
    """The first check of a table that blocks publishing, or does not."""
    return next(name for name, check in sql.sql_checks().items() if check.table == table and check.blocking is blocking)


@pytest.mark.parametrize(
    ("check", "published"), [(check_of("monthly_removals", True), False), (check_of("monthly_removals", False), True)]
)
def test_a_failed_blocking_check_stops_publishing_and_a_warning_does_not(
    project: Project, current: Ui, monkeypatch: pytest.MonkeyPatch, check: str, published: bool
) -> None:
    before = project.published.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(checks, "run_checks", failing(checks.run_checks, check))
        land(project, current, "second")
        assert current.run(release="second") is published
        assert (project.published.read_bytes() != before) is published
        assert current.tick() == {}
    if not published:
        assert current.run({"monthly_removals"})
        assert "warehouse" in current.tick()[None], "the check passes now"
