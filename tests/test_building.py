"""What `sc-pipeline build` does as runs of Dagster: one for the releases, one for all that is made of them."""

import re
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import pytest

from sc_pipeline import look, plan, tables
from sc_pipeline.commands.building import Built, build
from sc_pipeline.defs import assets
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from tests.builders import ask, cases, copy_of, removal, unreadable

pytestmark = pytest.mark.usefixtures("undrawn")
NO_TABLE = (
    "holds no table that can be taken in: b.csv: a summary: mostly numbers, and no row holds the columns of a table "
    "known here"
)


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DAGSTER_HOME", "SC_PIPELINE_RAW", "SC_PIPELINE_WAREHOUSE"):
        monkeypatch.setenv(name, str(tmp_path))  # a build sets them; here they are put back afterwards
    monkeypatch.setattr(dg.RetryPolicy, "calculate_delay", lambda *_: 0)


def built(project: Project) -> tuple[Built, list[str]]:
    """How a build ended, and what it said on the way."""
    said: list[str] = []
    return build(project, said.append), said


def steps(said: list[str]) -> list[str]:
    """What a build said, each line without which of how many it is."""
    return [re.sub(r" \(\d+ of \d+\)$", "", line) for line in said]


def runs_of(project: Project) -> list[tuple[str | None, str]]:
    """Releases and state of every run, the first one first."""
    with dg.DagsterInstance.from_config(str(project.dagster_home)) as instance:
        return [(_releases_of(run.tags), run.status.value) for run in reversed(list(instance.get_runs()))]


def _releases_of(tags: Mapping[str, str]) -> str | None:
    first, last = (tags.get(f"dagster/asset_partition_range_{end}") for end in ("start", "end"))
    return f"{first} to {last}" if first else tags.get("dagster/partition")


def test_a_release_that_lands_during_the_look_is_found_by_the_next_build(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases(project, "a", [removal("2012-05-03")])
    built(project)
    (project.warehouse / ".settled.json").unlink()
    asked = plan.outlook

    def landing(look: Look) -> plan.Outlook:
        found = asked(look)
        cases(project, "b", [removal("2013-05-03")])
        return found

    with monkeypatch.context() as patch:
        patch.setattr(plan, "outlook", landing)
        assert built(project) == (Built([], published=False, made=False), [])
    assert built(project)[1][0] == "taking in b (1 of 1)"


def test_any_number_of_releases_and_what_is_made_of_all_are_two_runs(project: Project) -> None:
    for number in range(1, 6):
        cases(project, f"r{number}", [removal(f"201{number}-05-03")])
    result, said = built(project)
    assert result == Built([], published=True)
    assert said[:5] == [f"taking in r{number} ({number} of 5)" for number in range(1, 6)]
    assert steps(said)[5:] == [f"making {step.name}" for step in plan.OF_ALL_RELEASES]
    assert runs_of(project) == [("r1 to r5", "SUCCESS"), (None, "SUCCESS")]
    assert ask(project, "select count(*) from removals") == [(5,)]
    assert built(project) == (Built([], published=False, made=False), [])
    cases(project, "r6", [removal("2016-05-03")])
    result, said = built(project)
    assert (result, steps(said)[:2]) == (Built([], published=True), ["taking in r6", "making release_register"])
    assert runs_of(project)[2:] == [("r6", "SUCCESS"), (None, "SUCCESS")]


def test_one_refused_release_of_several_is_one_red_partition_with_its_reason(project: Project) -> None:
    for release, day in (("a", "2012-05-03"), ("c", "2013-05-03")):
        cases(project, release, [removal(day)])
    unreadable(project, "b")
    (result, said) = built(project)
    assert result == Built([f"b: {NO_TABLE}"], published=True)
    assert said[:3] == ["taking in a (1 of 3)", "taking in b (2 of 3)", "taking in c (3 of 3)"]
    assert runs_of(project) == [("a to c", "FAILURE"), (None, "SUCCESS")]
    assert ask(project, "select release_id, status from meta.releases order by 1") == [
        ("a", "ready"),
        ("b", "failed"),
        ("c", "ready"),
    ]
    with dg.DagsterInstance.from_config(str(project.dagster_home)) as instance:
        for table in assets.BY_RELEASE:
            key = dg.AssetKey(table)
            found = instance.get_status_by_partition(key, ["a", "b", "c"], assets.releases)
            assert found and {name: state and state.value for name, state in found.items()} == {
                "a": "MATERIALIZED",
                "b": "FAILED",
                "c": "MATERIALIZED",
            }
            records = instance.fetch_observations(dg.AssetRecordsFilter(key, asset_partitions=["b"]), limit=9).records
            (event,) = [record.asset_observation for record in records]
            assert event and event.metadata[assets.REFUSED].value == f"b: {NO_TABLE}"
            (made,) = instance.fetch_materializations(dg.AssetRecordsFilter(key, asset_partitions=["a"]), 9).records
            assert made.asset_materialization
            assert made.asset_materialization.metadata["dagster/row_count"].value in (0, 1)


def test_a_release_whose_process_is_killed_is_one_line_and_the_others_are_published(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SC_PIPELINE_WORKERS", "2")
    monkeypatch.setattr(look, "_WORTH_SECONDS", 0)
    monkeypatch.setattr(plan, "RELEASE_PROCESS", "tests.killed_process")
    for day, release in enumerate(("a", "b", "c"), 1):
        cases(project, release, [removal(f"2012-05-0{day}")])
    (result, _) = built(project)
    (line,) = result.problems
    assert line.startswith("b: the process that read it was killed (SIGKILL), most likely for want of memory; ")
    assert runs_of(project) == [("a to c", "FAILURE"), (None, "SUCCESS")]
    assert ask(project, "select release_id from meta.releases order by 1") == [("a",), ("c",)]
    monkeypatch.undo()
    assert plan.waiting(Look(project)) == ["b"]


def test_what_cannot_be_published_is_said_once_and_not_tried_again(project: Project) -> None:
    cases(project, "one", [removal("2012-05-03")])
    project.published.mkdir(parents=True)  # nothing can be renamed over a folder
    (result, _) = built(project)
    assert not result.published
    assert result.problems == [
        f"{project.published}: cannot be used (Is a directory); look at what is there; readers keep the published file"
    ]
    assert runs_of(project) == [("one", "SUCCESS"), (None, "FAILURE")]


def test_where_no_release_can_be_taken_in_nothing_is_published(project: Project) -> None:
    unreadable(project, "b")
    (result, said) = built(project)
    assert result.problems == [
        f"b: {NO_TABLE}",
        f"{project.raw}: no release could be taken in, so nothing was published",
    ]
    assert said == ["taking in b (1 of 1)"]
    assert not project.published.exists()


def test_a_table_that_breaks_its_schema_stops_publishing_and_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        tables, "failures", lambda model, rows: ["column month: broken"] if "Convictions" in model.__name__ else []
    )
    cases(project, "one", [removal("2012-05-03")])
    (result, _) = built(project)
    assert result.problems == ["convictions: column month: broken; nothing was published"]
    assert not project.published.exists()


def test_a_lost_table_is_named_and_made_again(small_once: Project, tmp_path: Path) -> None:
    project = copy_of(small_once, tmp_path / "small")
    (project.tables / "monthly_removals.parquet").unlink()
    (result, said) = built(project)
    assert result.problems == []
    assert steps(said)[:2] == [
        "monthly_removals: missing or damaged, so it is made again",
        "making monthly_removals",
    ]
    assert (project.tables / "monthly_removals.parquet").exists()
