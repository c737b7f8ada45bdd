"""The SQL over the real TRAC tables: every number of the report, and what the engine promises."""

import csv
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sc_pipeline import sql as engine
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema, failures
from tests.rules import base_tables, build, compute_all

RAW = Path(__file__).parent.parent / "raw" / "trac-2017-11"
STATUSES = {"ICE withheld": "withheld", "not yet released": "not_released"}
TABLE1 = {
    "Any Offense": ("convicted", "removals"),
    "Serious Offense Only": ("level1", "removals"),
    "Any Offense (12-month running average)": ("convicted", "average_12m"),
    "Serious Offense Only (12-month running average)": ("level1", "average_12m"),
}
TABLE2 = {
    "All ICE Removals": ("ice", "all"),
    "Total Removals Using SC Fingerprint Match": ("sc", "all"),
    "ICE Issued Detainer After SC Fingerprint Match from Local Jurisdiction": ("sc", "detainer_linked"),
}


def _rows(name: str) -> list[dict[str, str]]:
    with (RAW / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(cell: str) -> int | None:
    return None if cell in STATUSES else int(cell.replace(",", ""))


def _month(row: dict[str, str]) -> date:
    return date.fromisoformat(row["Month"] + "-01")


def _published_counts() -> pa.Table:
    found = []
    for table, name in (("Table 1", "table1_convictions.csv"), ("Table 2", "table2_removals_by_source.csv")):
        for number, row in enumerate(_rows(name), start=2):
            for column, cell in list(row.items())[1:]:
                subset, measure = TABLE1.get(column, ("", "removals"))
                population = "sc" if subset else TABLE2[column][0]
                found.append(
                    {
                        "release_id": "trac-2017-11",
                        "table_name": table,
                        "month": _month(row),
                        "population": population,
                        "subset": subset or TABLE2[column][1],
                        "measure": measure,
                        "value": _number(cell),
                        "status": STATUSES.get(cell, "reported"),
                        "source_file": name,
                        "source_sheet": None,
                        "source_row": number,
                        "source_column": column,
                    }
                )
    return pa.Table.from_pylist(found, schema=arrow_schema(MODELS["published_counts"]))


@cache
def made() -> dict[str, pa.Table]:
    """Every table, from the shipped release alone."""
    release = "release_id | title | received\ntrac-2017-11 | TRAC | 2017-11-30"
    return compute_all(
        {**base_tables({}), "published_counts": _published_counts(), "releases": build("releases", release)}
    )


def _by(table: str, key: str) -> dict[object, dict[str, object]]:
    return {row[key]: row for row in made()[table].to_pylist()}


def test_removals_by_source_equals_table_2_cell_for_cell():
    expected = [
        {
            "month": _month(row),
            **{
                f"{name}{part}": value
                for name, column in zip(("all_ice", "sc", "sc_detainer_linked"), TABLE2, strict=True)
                for part, value in (("", _number(row[column])), ("_status", STATUSES.get(row[column], "reported")))
            },
        }
        for row in _rows("table2_removals_by_source.csv")
    ]
    rows = made()["removals_by_source"].to_pylist()
    assert rows == expected
    assert (len(rows), rows[0]["month"], rows[-1]["month"]) == (105, date(2008, 11, 1), date(2017, 7, 1))


def test_sums_and_silences_of_table_2():
    rows = made()["removals_by_source"].to_pylist()
    sums = {name: sum(row[name] or 0 for row in rows) for name in ("sc", "all_ice", "sc_detainer_linked")}
    assert sums == {"sc": 552_910, "all_ice": 2_882_375, "sc_detainer_linked": 76_420}
    assert Counter(row["sc_detainer_linked_status"] for row in rows) == {"reported": 86, "withheld": 19}
    assert all(row["sc_detainer_linked"] is None for row in rows if row["sc_detainer_linked_status"] == "withheld")
    assert (rows[-1]["all_ice"], rows[-1]["all_ice_status"]) == (None, "not_released")


def test_convictions_equal_table_1_cell_for_cell():
    expected = [
        {
            "month": _month(row),
            "population": "sc",
            "any_offense": _number(row["Any Offense"]),
            "level1": _number(row["Serious Offense Only"]),
            "any_offense_12m": _number(row["Any Offense (12-month running average)"]),
            "level1_12m": _number(row["Serious Offense Only (12-month running average)"]),
            "any_offense_12m_origin": "published",
            "level1_12m_origin": "published",
        }
        for row in _rows("table1_convictions.csv")
    ]
    assert len(expected) == 12
    assert made()["convictions"].to_pylist() == expected


def test_only_the_last_average_of_table_1_can_be_computed():
    rows = [row for row in made()["running_averages"].to_pylist() if row["subset"] in ("convicted", "level1")]
    computed = [(row["subset"], row["month"]) for row in rows if row["average_12m"] is not None]
    assert computed == [("convicted", date(2017, 7, 1)), ("level1", date(2017, 7, 1))]


def test_the_last_running_averages_before_rounding():
    averages = {
        row["subset"]: (round(row["average_12m"], 2), row["months_in_window"])
        for row in made()["running_averages"].to_pylist()
        if row["month"] == date(2017, 7, 1) and row["subset"] in ("convicted", "level1")
    }
    assert averages == {"convicted": (5_074.42, 12), "level1": (2_184.17, 12)}


def test_headline_figures_are_the_reports():
    first, last, shares = date(2016, 8, 1), date(2017, 7, 1), (date(2015, 8, 1), date(2015, 12, 1))
    year, every = (date(2015, 1, 1), date(2015, 12, 1)), (date(2008, 11, 1), date(2015, 12, 1))
    found = {
        name: (row["value"], row["unit"], row["first_month"], row["last_month"])
        for name, row in _by("headline_figures", "figure").items()
    }
    assert found == {
        "change_any_offense": (296, "removals", first, last),
        "change_any_offense_12m": (529, "removals", first, last),
        "change_level1": (131, "removals", first, last),
        "change_level1_12m": (128, "removals", first, last),
        "detainer_linked_share_of_sc": (584 / 23_580, "share", *shares),
        "detainer_linked_share_of_sc_last_12_months": (3_346 / 57_751, "share", *year),
        "detainer_linked_share_of_sc_all": (76_420 / 454_503, "share", *every),
        "detainer_linked_share_of_ice": (584 / 96_245, "share", *shares),
        "detainer_linked_share_of_ice_last_12_months": (3_346 / 231_730, "share", *year),
        "detainer_linked_share_of_ice_all": (76_420 / 2_531_438, "share", *every),
        "shared_total_ice": (2_531_438, "removals", *every),
        "shared_total_sc": (454_503, "removals", *every),
        "shared_total_sc_detainer_linked": (76_420, "removals", *every),
        "latest_any_offense_12m": (5_074, "removals", last, last),
        "latest_level1_12m": (2_184, "removals", last, last),
        "total_ice": (2_882_375, "removals", date(2008, 11, 1), date(2017, 6, 1)),
        "total_sc": (552_910, "removals", date(2008, 11, 1), last),
        "total_sc_detainer_linked": (76_420, "removals", date(2008, 11, 1), date(2015, 12, 1)),
    }
    assert "printed average" in str(_by("headline_figures", "figure")["change_any_offense_12m"]["method"])


def test_shares_over_the_last_five_months():
    rows = [row for row in made()["detainer_shares"].to_pylist() if row["span"] == "last_5"]
    assert rows == [
        {
            "span": "last_5",
            "population": "sc",
            "month": date(2015, 12, 1),
            "fiscal_year": 2016,
            "months_held": 5,
            "detainer_linked": 584,
            "removals": 23_580,
            "ice": 96_245,
            "share": 584 / 23_580,
            "share_low": 584 / 23_580,
            "share_high": 584 / 23_580,
            "share_of_ice": 584 / 96_245,
            "id_coverage_removals": None,
            "id_coverage_detainers": None,
            "sc": 23_580,
            "share_of_sc": 584 / 23_580,
            "median_days_to_departure": None,
            "linked_within_365_days": None,
        }
    ]
    spans = Counter(row["span"] for row in made()["detainer_shares"].to_pylist())
    assert spans == {"month": 86, "last_12_months": 75, "fiscal_year": 8, "last_5": 1, "all": 1}


def test_claims_are_bounded_by_whole_months():
    found = {
        claim: (row["claimed"], row["observed_low"], row["observed_high"], row["verdict"])
        for claim, row in _by("claim_checks", "claim_id").items()
    }
    assert found == {
        "ice-convicted": (43_300, 9_688, 14_101, "contradicted"),
        "trac-convicted": (10_893, 9_688, 14_101, "undecided"),
        "trac-detainers": (2_000_000, None, None, "undecided"),
        "trac-level1": (4_850, 4_293, 6_339, "undecided"),
    }
    ice = _by("claim_checks", "claim_id")["ice-convicted"]
    assert (ice["ratio_low"], ice["ratio_high"]) == (43_300 / 14_101, 43_300 / 9_688)


def test_no_printed_figure_differs():
    rows = made()["published_comparison"].to_pylist()
    # 105 + 104 + 86 cells of Table 2, 48 of Table 1, 9 figures of the text.
    assert len(rows) == 295 + 48 + 9
    open_cells = [row["cell"] for row in rows if row["verdict"] == "not_computable"]
    # All but the two averages of July 2017 are figures beside themselves; the text's six rest on those of the tables.
    verdicts = Counter(row["verdict"] for row in rows)
    assert verdicts == {"same_figure": 295 + 24, "same": 2 + 6, "within": 3, "not_computable": 22}
    assert "Table 1, 2016-08, Any Offense (12-month running average)" in open_cells
    assert {row["origin"] for row in rows} == {"published", None}


def test_one_release_serves_every_month():
    sources = made()["month_sources"].to_pylist()
    assert Counter(row["population"] for row in sources) == {"ice": 104, "sc": 105}
    assert {(row["release_id"], row["reason"]) for row in sources} == {("trac-2017-11", "only release with this month")}


@pytest.mark.parametrize("name", engine.sql_tables())
def test_every_table_fits_its_model_and_its_key(name: str):
    table, model = made()[name], MODELS[name]
    assert table.schema == arrow_schema(model)
    assert failures(model, table) == []


@pytest.mark.parametrize("name", engine.sql_checks())
def test_the_shipped_tables_pass_every_check(name: str):
    check = engine.sql_checks()[name]
    with engine.connect({table: made()[table] for table in check.inputs}) as connection:
        assert connection.execute(check.sql).fetchall() == []
    assert check.table in MODELS


def test_tables_come_after_what_they_read():
    seen: set[str] = set()
    for name, table in engine.sql_tables().items():
        assert not (set(table.inputs) & set(engine.sql_tables())) - seen
        assert name not in table.inputs
        seen.add(name)


def test_inputs_are_from_and_join_names_but_not_ctes():
    sql = "with a as (select * from b) select * from a join c on a.x = c.x where c.y in (select y from d)"
    assert engine.inputs_of(sql) == ("b", "c", "d")


def test_code_version_ignores_spaces_and_comments_but_not_text(tmp_path: Path):
    versions = []
    for sql in ("select 'a -- b' as x from t", "-- why\nselect 'a -- b'  as x\nfrom t", "select 'a --  b' as x from t"):
        (tmp_path / "t.sql").write_text(sql)
        versions.append(engine._sql_table(tmp_path / "t.sql", "core").code_version)
    assert versions[0] == versions[1] != versions[2]


def test_a_changed_reference_table_changes_the_code_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    path = engine.PACKAGE / "marts" / "claim_checks.sql"
    before = engine._sql_table(path, "marts").code_version
    (tmp_path / "claims.csv").write_text("claim_id\n")
    monkeypatch.setattr(engine.reference, "FOLDER", tmp_path)
    assert engine._sql_table(path, "marts").code_version != before


def test_views_are_parquet_files_or_tables_or_nothing(tmp_path: Path):
    counts = _published_counts()
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    pq.write_table(counts.slice(0, 100), paths[0])
    pq.write_table(counts.slice(100), paths[1])
    with engine.connect({"stored": paths, "held": counts, "removals": []}) as connection:
        rows = [
            connection.execute(f"select count(*) from {name}").fetchone() for name in ("stored", "held", "removals")
        ]
    assert rows == [(counts.num_rows,), (counts.num_rows,), (0,)]


def test_the_same_inputs_give_the_same_rows_on_any_number_of_threads():
    for name, table in engine.sql_tables().items():
        assert engine.run(table, made(), threads=2).read_all().equals(made()[name])
