"""The graph that Dagster shows: its shape is kept as a text file, and every asset says what it is."""

from pathlib import Path

import dagster as dg

from sc_pipeline import definitions
from sc_pipeline.defs import assets
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import columns

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
        assert spec.description and spec.code_version and spec.kinds, name


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
    assert by_release == set(assets.BY_RELEASE)


def test_all_but_the_rows_of_releases_follow_by_themselves() -> None:
    following = {name for name, spec in SPECS.items() if spec.automation_condition}
    assert following == SPECS.keys() - set(assets.BY_RELEASE)
    assert {key.to_user_string() for key in assets.of_all_releases()} == following


def test_sensors_run_without_being_switched_on() -> None:
    sensors = definitions.defs.sensors or []
    assert sorted(sensor.name for sensor in sensors) == ["failures", "follow_changes", "raw_folder"]
    assert {sensor.default_status for sensor in sensors} == {dg.DefaultSensorStatus.RUNNING}
