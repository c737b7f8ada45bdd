"""What `sc-pipeline build` does as runs of Dagster: one for each release, the last of which makes the rest as well."""

from pathlib import Path

import dagster as dg
import pytest

from sc_pipeline.build import Built, build
from sc_pipeline.defs import checks
from sc_pipeline.project import Project
from tests.test_pipeline import ask, cases, put, removal

REST = "making the tables of all releases, auditing, publishing"
NO_HEADER = (
    "bad.csv: no header in its first 100 rows: none holds columns that a layout knows; see docs/adding-a-layout.md"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / "raw").mkdir()
    for name in ("DAGSTER_HOME", "SC_PIPELINE_RAW", "SC_PIPELINE_WAREHOUSE"):
        monkeypatch.setenv(name, str(tmp_path))  # a build sets them; here they are put back afterwards
    return Project(tmp_path / "raw", tmp_path / "warehouse")


def built(project: Project) -> tuple[Built, list[str]]:
    """How a build ended, and what it said on the way."""
    said: list[str] = []
    return build(project, said.append), said


def runs_of(project: Project) -> list[tuple[str | None, str]]:
    """Release and state of every run, the first one first."""
    with dg.DagsterInstance.from_config(str(project.dagster_home)) as instance:
        runs = reversed(list(instance.get_runs()))
        return [(run.tags.get("dagster/partition"), run.status.value) for run in runs]


def test_the_last_release_and_what_is_made_of_all_are_one_run(project: Project) -> None:
    cases(project, "one", [removal("2012-05-03")])
    cases(project, "two", [removal("2013-05-03"), removal("2013-05-04")])
    assert built(project) == (Built([], published=True), ["taking in one", f"taking in two, then {REST}"])
    assert runs_of(project) == [("one", "SUCCESS"), ("two", "SUCCESS")]
    assert ask(project, "select count(*) from removals") == [(3,)]
    assert built(project) == (Built([], published=False), [])


@pytest.mark.parametrize(("good", "runs"), [("a", 3), ("z", 2)])
def test_a_refused_release_is_one_line_and_holds_up_nothing_wherever_it_stands(
    project: Project, good: str, runs: int
) -> None:
    cases(project, good, [removal("2012-05-03")])
    put(project, "bad", "bad.csv", "no,header\n1,2\n")
    (result, _) = built(project)
    assert result == Built([f"bad: {NO_HEADER}"], published=True)
    assert len(runs_of(project)) == runs
    assert ask(project, "select release_id from removals") == [(good,)]


def test_what_cannot_be_published_is_said_once_and_not_tried_again(project: Project) -> None:
    cases(project, "one", [removal("2012-05-03")])
    project.published.mkdir(parents=True)  # nothing can be renamed over a folder
    (result, _) = built(project)
    assert not result.published
    assert [line.partition(":")[0] for line in result.problems] == ["warehouse"]
    assert runs_of(project) == [("one", "FAILURE")]


def test_where_no_release_can_be_taken_in_nothing_is_published(project: Project) -> None:
    put(project, "bad", "bad.csv", "no,header\n1,2\n")
    (result, said) = built(project)
    assert result.problems == [
        f"bad: {NO_HEADER}", f"{project.raw}: no release could be taken in, so nothing was published"
    ]  # fmt: skip
    assert said == [f"taking in bad, then {REST}"]
    assert not project.published.exists()


def test_a_stored_table_that_breaks_its_schema_stops_publishing_and_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        checks, "failures", lambda model, rows: ["column month: broken"] if "Convictions" in model.__name__ else []
    )
    cases(project, "one", [removal("2012-05-03")])
    (result, _) = built(project)
    said = "convictions: schema: this check found bad rows, so nothing was published; run "
    assert [line.startswith(said) for line in result.problems] == [True]
    assert not project.published.exists()
