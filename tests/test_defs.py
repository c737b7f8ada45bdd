"""The graph that Dagster shows: its shape is kept as a text file, and every asset says what it is."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from sc_pipeline import definitions, sql
from sc_pipeline.defs import assets, checks, shown
from sc_pipeline.defs.automation import FOLLOW
from sc_pipeline.defs.working import ProjectResource
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.project.settings import Settings
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import ReadTable, columns

GRAPH = Path(__file__).with_name("asset_graph.txt")
SPECS = {spec.key.to_user_string(): spec for spec in definitions.defs.resolve_all_asset_specs()}


def graph() -> str:
    """Each group, its assets, and what each of them depends on."""
    lines = []
    for group in sorted({spec.group_name or "" for spec in SPECS.values()}):
        lines.append(f"{group}:")
        for name, spec in sorted(SPECS.items()):
            if spec.group_name == group:
                needs = sorted(dep.asset_key.to_user_string() for dep in spec.deps)
                lines.append(f"  {name} <- {' '.join(needs) or 'raw/'}")
    return "\n".join(lines) + "\n"


def test_the_graph_has_the_shape_kept() -> None:
    """Where this fails, the graph changed: look at the difference, then run `make docs`, which writes the file."""
    assert graph() == GRAPH.read_text(encoding="utf-8")


def test_every_asset_says_what_it_is_and_which_code_makes_it() -> None:
    for name, spec in SPECS.items():
        assert spec.description and spec.kinds and spec.owners, name
        assert spec.code_version or name == "foia_files"


def test_every_table_opens_the_file_that_makes_it() -> None:
    for name, spec in SPECS.items():
        if name == "foia_files":
            continue
        (reference,) = spec.metadata["dagster/code_references"].code_references
        assert isinstance(reference, dg.LocalFileCodeReference)
        path = Path(reference.file_path)
        assert path.exists()
        assert name not in sql.sql_tables() or path.name == f"{name}.sql"


def test_kinds_are_true() -> None:
    assert SPECS["monthly_removals"].kinds == {"duckdb", "pandas", "pandera"}
    assert SPECS["removals"].kinds == {"duckdb", "polars", "pandera"}
    assert SPECS["removals_by_release"].kinds == {"polars", "pandera", "parquet"}
    assert SPECS["releases"].kinds == {"python", "pandera", "parquet"}


def test_every_part_of_the_automation_condition_is_in_words() -> None:
    assert FOLLOW.get_label() == "rebuild when inputs change"
    parts = [part.get_label() or part.description for part in FOLLOW.children]
    assert parts == [
        "neither it nor what it is made from is being built now",
        "its inputs changed, or are about to",
        "no blocking check of what it is made from failed",
    ]


def test_the_schedule_is_off_and_makes_what_no_sensor_would() -> None:
    (nightly,) = definitions.defs.schedules or []
    assert isinstance(nightly, dg.ScheduleDefinition)
    assert nightly.default_status == dg.DefaultScheduleStatus.STOPPED
    assert nightly.job.name == "refresh"


def test_the_job_to_click_makes_what_is_made_of_all_releases_and_asks_for_no_partition() -> None:
    refresh = definitions.defs.resolve_job_def("refresh")
    assert refresh.partitions_def is None
    assert refresh.asset_layer.executable_asset_keys == {*assets.of_all_releases()}


def test_the_numbers_and_first_rows_shown_are_those_of_the_stored_tables(shipped_once: Project) -> None:
    look = Look(shipped_once)
    assert shown.found(look, "monthly_removals") | {"first rows": ""} == {
        "months_of_ice": 104,
        "months_of_sc": 105,
        "latest_month_of_ice": "2017-06-01",
        "latest_month_of_sc": "2017-07-01",
        "first rows": "",
    }
    assert shown.found(look, "detainer_shares")["percent_with_a_prior_detainer_of_sc"] == pytest.approx(
        2.4767, abs=1e-4
    )
    assert "percent_with_a_prior_detainer_of_ice" not in shown.found(look, "detainer_shares")
    claims = shown.found(look, "claim_checks")
    assert (claims["supported"], claims["contradicted"], claims["undecided"]) == (0, 1, 3)
    head, _, *rows = claims["first rows"].value.splitlines()
    assert (head.startswith("| claim_id | claimant |"), len(rows)) == (True, 4)
    assert shown.found(look, "removals").keys() == {
        "conviction_undetermined",
        "level1_undetermined",
        "prior_detainer_undetermined",
    }
    assert shown.newest(look) == {"newest release": "ice-yearly-totals", "received": "2024-12-19"}


def test_how_old_the_newest_release_is_is_told_and_fails_nothing(shipped_once: Project) -> None:
    result = checks.is_fresh(ProjectResource(raw=str(shipped_once.raw), warehouse=str(shipped_once.warehouse)))
    assert isinstance(result, dg.AssetCheckResult)
    assert result.passed
    days = (datetime.now(UTC).date() - date(2024, 12, 19)).days
    assert result.metadata["days since it was received"] in (dg.MetadataValue.int(days), dg.MetadataValue.int(days - 1))
    assert result.metadata["newest release"] == dg.MetadataValue.text("ice-yearly-totals")


def test_no_row_of_a_person_is_shown(shipped_once: Project) -> None:
    of_people = [name for name in SPECS if name in MODELS and not issubclass(MODELS[name], ReadTable)]
    assert [name for name in of_people if "first rows" in shown.found(Look(shipped_once), name)] == []


def test_a_page_of_the_site_has_a_link_to_where_it_is_served(shipped_once: Project) -> None:
    page = shipped_once.site / "index.html"
    assert shown.link(Look(shipped_once), page) == {"open": dg.MetadataValue.url("/site/index.html")}
    served = replace(shipped_once, settings=Settings(site_url="https://example.org/ice/"))
    assert shown.link(Look(served), page) == {"open": dg.MetadataValue.url("https://example.org/ice/index.html")}


def test_every_table_shows_its_columns_and_where_they_come_from() -> None:
    for name, spec in SPECS.items():
        if name not in MODELS or name == "staged_rows":
            continue
        shown = spec.metadata["dagster/column_schema"]
        assert isinstance(shown, dg.TableSchema)
        assert [column.name for column in shown.columns] == [column.name for column in columns(MODELS[name])]
        assert isinstance(spec.metadata["dagster/column_lineage"], dg.TableColumnLineage)


def test_only_what_is_made_of_one_release_has_partitions() -> None:
    graph = definitions.defs.resolve_asset_graph()
    by_release = {key.to_user_string() for key in graph.get_all_asset_keys() if graph.get(key).partitions_def}
    assert by_release == {"foia_files", *assets.BY_RELEASE}


def test_all_but_the_rows_of_releases_follow_by_themselves() -> None:
    following = {name for name, spec in SPECS.items() if spec.automation_condition}
    assert following == SPECS.keys() - {"foia_files", *assets.BY_RELEASE}
    assert {key.to_user_string() for key in assets.of_all_releases()} == following


def test_sensors_run_without_being_switched_on() -> None:
    sensors = definitions.defs.sensors or []
    assert sorted(sensor.name for sensor in sensors) == ["failures", "follow_changes", "raw_folder"]
    assert {sensor.default_status for sensor in sensors} == {dg.DefaultSensorStatus.RUNNING}
