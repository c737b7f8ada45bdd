"""Simulated productions: the counts are the published ones, the shapes the real ones, the bytes always the same."""

import csv
import gzip
import shutil
from datetime import date, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.errors import FileProblem, UsageError
from sc_pipeline.project import Project
from sc_pipeline.raw.manifest import Withheld, read_manifest
from sc_pipeline.report.rows import next_month
from sc_pipeline.simulate import DEMO_SEED, FEWEST_DEMO_ROWS, Habits, simulate, simulate_demo
from sc_pipeline.simulate.calibrate import Stratum, month_range, months_before, published_months, spread
from sc_pipeline.simulate.events import chunks, detainers_view, removals_view
from sc_pipeline.simulate.habits import REDACTION_MARKS, day_number
from sc_pipeline.simulate.productions import NPR_TEXTS, SHAPES, TIMED, WITHHELD_FIELDS, Shape
from sc_pipeline.staged.formats import open_sheets
from sc_pipeline.staged.matching import match
from sc_pipeline.staged.vocabularies import load_words
from tests.builders import IS_FULL, SMALL_DEMO_ROWS, ask

PUBLISHED = Path(__file__).parents[1] / "raw" / "trac-2017-11"
OFFENSE_LEVELS = Path(__file__).parents[1] / "sc_pipeline" / "reference" / "offense_levels.csv"


# --- reading simulated files back, with nothing of the simulation's own


def day(column: str, received: date = date(2019, 1, 15)) -> pl.Expr:
    """A date in any of the forms TRAC's file mixes, null when it is in none or no departure of that production."""
    text = pl.col(column).str.strip_chars()
    forms = ("%d%b%y", "%Y-%m-%d", "%m/%d/%Y")
    found = pl.coalesce(text.str.to_titlecase().str.to_date(form, strict=False) for form in forms)
    return pl.when(found.is_between(date(1990, 1, 1), received + timedelta(31))).then(found)


def trac_rows(folder: Path) -> pl.DataFrame:
    """The rows with a usable departure date, with what is counted of each."""
    levels = {
        f"{code:04}": row["level"]
        for row in csv.DictReader(OFFENSE_LEVELS.open())
        for code in range(int(row["code_from"]), int(row["code_to"]) + 1)
    }
    (path,) = folder.glob("*.csv")
    rows = pl.read_csv(path, infer_schema=False).with_columns(
        departed=day("departed_date"),
        prepared=day("detainer_prepare_date"),
        code=pl.col("mscc_code").str.strip_chars(),
    )
    return rows.filter(pl.col("departed").is_not_null()).with_columns(
        month=pl.col("departed").dt.truncate("1mo"),
        convicted=pl.col("code").is_not_null() & (pl.col("code") != "0000"),
        level1=pl.col("code").replace_strict(levels, default=None) == "1",
        linked=pl.col("prepared") <= pl.col("departed"),
    )


def number(cell: str) -> int | None:
    return int(cell.replace(",", "")) if cell[0].isdigit() else None


def published(name: str) -> list[list[str]]:
    with (PUBLISHED / name).open(newline="") as file:
        return list(csv.reader(file))[1:]


def sheets(path: Path) -> dict[str, list[list[str | None]]]:
    book = fastexcel.read_excel(path)
    return {
        name: [list(row) for row in book.load_sheet(name, header_row=None, dtypes="string").to_polars().iter_rows()]
        for name in book.sheet_names
    }


def digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def lines(path: Path) -> list[str]:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode().splitlines()


# --- calibration


@pytest.fixture(scope="module")
def trac(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate("trac_secure_2019", tmp_path_factory.mktemp("raw"))


@pytest.fixture(scope="module")
def counted(trac: Path) -> dict[str, dict[str, int]]:
    months = (
        trac_rows(trac)
        .group_by(pl.col("month").dt.strftime("%Y-%m"))
        .agg(pl.len(), pl.col("linked").sum(), pl.col("convicted").sum(), pl.col("level1").sum())
    )
    return {row["month"]: row for row in months.to_dicts()}


def test_every_month_of_table_2_comes_out(counted: dict[str, dict[str, int]]) -> None:
    assert {month: row["len"] for month, row in counted.items()} == {
        month: number(total) for month, _, total, _ in published("table2_removals_by_source.csv")
    }
    assert sum(row["len"] for row in counted.values()) == 552_910


def test_detainer_linked_counts_come_out_and_none_is_disclosed_once_withheld(
    counted: dict[str, dict[str, int]],
) -> None:
    assert {month: row["linked"] or None for month, row in counted.items()} == {
        month: number(linked) for month, _, _, linked in published("table2_removals_by_source.csv")
    }


def test_table_1_comes_out_with_all_twelve_running_averages(counted: dict[str, dict[str, int]]) -> None:
    table = published("table1_convictions.csv")
    months = sorted(counted)
    for measure, place in (("convicted", 1), ("level1", 2)):
        assert {row[0]: counted[row[0]][measure] for row in table} == {row[0]: number(row[place]) for row in table}
        averages = {}
        for row in table:
            end = months.index(row[0]) + 1
            total = sum(counted[month][measure] for month in months[end - 12 : end])
            averages[row[0]] = (2 * total + 12) // 24  # half up
        assert averages == {row[0]: number(row[place + 2]) for row in table}


def test_the_claims_days_give_trac_s_counts_exactly(trac: Path) -> None:
    rows = trac_rows(trac).filter(pl.col("departed").is_between(date(2017, 1, 25), date(2017, 3, 31)))
    assert (rows["convicted"].sum(), rows["level1"].sum()) == (10_893, 4_850)


def test_detainers_prepared_after_departure_and_undated_rows_are_there_and_count_for_nothing(trac: Path) -> None:
    rows = trac_rows(trac)
    assert (rows["prepared"] > rows["departed"]).sum() > 1_000
    (path,) = trac.glob("*.csv")
    assert pl.read_csv(path, infer_schema=False).height > 552_910


def test_withheld_detainers_are_redacted_or_blank(trac: Path) -> None:
    rows = trac_rows(trac).filter(pl.col("departed") >= date(2016, 1, 1))
    for field in ("detainer_prepare_date", "detainer_facility_state", "detainer_facility_city"):
        assert set(rows[field].unique()) == {None, *REDACTION_MARKS}


def test_manifest_says_it_is_simulated_and_what_is_withheld(trac: Path) -> None:
    manifest = read_manifest(trac / "release.toml")
    assert manifest.synthetic
    assert manifest.title is not None and manifest.title.startswith("Simulated")
    assert (manifest.population, manifest.received) == ("sc", date(2019, 1, 15))
    assert manifest.covers == (date(2008, 11, 1), date(2017, 7, 31))
    assert manifest.withheld == (Withheld(fields=WITHHELD_FIELDS, first=date(2016, 1, 1)),)


@given(st.lists(st.integers(0, 9_000), min_size=23, max_size=23))
def test_months_before_reproduce_any_printed_averages(counts: list[int]) -> None:
    months = month_range(date(2015, 9, 1), date(2017, 7, 1))
    printed = {months[i]: (2 * sum(counts[i - 11 : i + 1]) + 12) // 24 for i in range(11, 23)}
    earlier = months_before(dict(zip(months[11:], counts[11:], strict=True)), printed)
    every = [earlier[month] for month in months[:11]] + counts[11:]
    assert {months[i]: (2 * sum(every[i - 11 : i + 1]) + 12) // 24 for i in range(11, 23)} == printed


@given(st.integers(0, 10**7), st.lists(st.integers(1, 10**5), min_size=1, max_size=40))
def test_spread_sums_exactly_and_is_never_negative(total: int, weights: list[int]) -> None:
    shares = spread(total, weights)
    assert sum(shares) == total and min(shares) >= 0


def test_level1_never_exceeds_convictions_nor_they_the_total() -> None:
    for counts in published_months(PUBLISHED).values():
        assert 0 <= counts.level1 <= counts.convicted <= counts.total


def test_a_table_that_contradicts_its_own_average_is_refused(tmp_path: Path) -> None:
    for path in PUBLISHED.glob("*.csv"):
        (tmp_path / path.name).write_text(path.read_text().replace('"5,074"', '"6,074"'))
    with pytest.raises(FileProblem, match="average printed for 2017-07"):
        published_months(tmp_path)


def test_a_count_that_is_no_number_names_file_and_row(tmp_path: Path) -> None:
    for path in PUBLISHED.glob("*.csv"):
        (tmp_path / path.name).write_text(path.read_text().replace('"4,547"', "many"))
    with pytest.raises(FileProblem, match=r"table1_convictions.csv, row 3: expected a count .* found 'many'"):
        published_months(tmp_path)


def test_rows_rescales_every_month(tmp_path: Path) -> None:
    rows = trac_rows(simulate("trac_secure_2019", tmp_path, rows=55_291))
    assert rows.height == 55_291
    assert abs(rows.filter(pl.col("month") == date(2012, 8, 1)).height - 813) <= 1
    linked = sum(number(row[3]) or 0 for row in published("table2_removals_by_source.csv"))
    assert abs(rows["linked"].sum() - linked / 10) < 50


def test_months_are_cut_to_those_asked_for(tmp_path: Path) -> None:
    folder = simulate("trac_secure_2019", tmp_path, months=(date(2016, 8, 1), date(2016, 9, 1)))
    assert dict(trac_rows(folder)["month"].value_counts().iter_rows()) == {
        date(2016, 8, 1): 5_222,
        date(2016, 9, 1): 4_871,
    }


# --- events


STRATUM = Stratum(date(2012, 8, 1), date(2012, 8, 31), 5_000, 3_000, 1_200, 900, detained_only=500)


@pytest.mark.parametrize("habits", [Habits(), Habits.none()])
def test_chunks_keep_the_counts_whatever_their_size(habits: Habits) -> None:
    parts = list(chunks(STRATUM, 1, habits, size=700))
    assert len(parts) == 8
    for field in ("rows", "convicted", "level1", "linked", "detained_only"):
        assert sum(getattr(part.stratum, field) for part in parts) == getattr(STRATUM, field)
    views = [removals_view(part, 1.0) for part in parts]
    assert sum(int(view.left.sum()) for view in views) == 5_000
    kinds = [int((v.events.kinds[v.at[v.left]] == kind).sum()) for kind in (0, 1, 2) for v in views]
    assert [sum(kinds[i : i + 8]) for i in (0, 8, 16)] == [2_000, 1_200, 1_800]
    assert sum(int((v.held & v.left & (v.prepared <= v.departed)).sum()) for v in views) == 900


def test_without_habits_nobody_stands_twice_and_no_detainer_is_late() -> None:
    (events,) = chunks(STRATUM, 1, Habits.none())
    removals = removals_view(events, 1.0)
    assert len(set(removals.at.tolist())) == len(removals.at) == 5_000
    detainers = detainers_view(events, day_number(date(2005, 1, 1)), day_number(date(2030, 1, 1)), None)
    assert bool((detainers.prepared <= detainers.departed).all())
    assert len(set(zip(detainers.at.tolist(), detainers.prepared.tolist(), strict=True))) == len(detainers.at)


# --- shapes


@pytest.mark.parametrize("layout", sorted(SHAPES))
def test_every_layout_is_the_same_bytes_for_the_same_seed_and_others_for_another(layout: str, tmp_path: Path) -> None:
    last = SHAPES[layout].covers[1]
    months = (date(last.year - 1, last.month, 1), last)
    first, same, other = (
        digests(simulate(layout, tmp_path / str(run), 150, seed, months=months, release_id="sim"))
        for run, seed in enumerate((1, 1, 2))
    )
    assert first == same
    assert first != other


@pytest.mark.parametrize("layout", sorted(SHAPES))
def test_every_layout_has_as_many_dated_rows_as_asked_for_and_says_sim(layout: str, tmp_path: Path) -> None:
    folder = simulate(layout, tmp_path, rows=400, habits=Habits.none())
    shape = SHAPES[layout]
    rows = 0
    for path in folder.iterdir():
        if path.name == "release.toml":
            continue
        assert "SIM" in path.name
        if path.suffix == ".xlsx":
            found = [
                row for name, sheet in sheets(path).items() if name != "Notes" for row in sheet[_head(sheet) + 1 :]
            ]
        else:
            found = [line.split("\t") for line in lines(path)[shape.header_row :]]
        rows += len(found)
        assert all(any("SIM" in (cell or "") for cell in row) for row in found)
    assert rows == 400
    manifest = read_manifest(folder / "release.toml")
    assert manifest.synthetic and (manifest.title or "").startswith("Simulated")


@pytest.mark.parametrize("layout", sorted(SHAPES))
def test_every_file_is_read_and_matched_as_its_production_with_no_column_unknown(layout: str, tmp_path: Path) -> None:
    shape = SHAPES[layout]
    folder = simulate(layout, tmp_path, rows=400, habits=Habits().without("undated"))
    rows = 0
    for path in sorted(folder.glob("SIM*")):
        for sheet in open_sheets(path, tmp_path):
            found = match(sheet, load_words())
            if found is None:
                assert sheet.name == "Notes"
                continue
            assert found.production is not None
            assert (found.production.name, found.header_row, found.unknown) == (layout, shape.header_row, ())
            rows += sum(batch.num_rows for batch in sheet.batches(found.header_row, found.names))
            assert sheet.problems == []
    assert rows == 400


@pytest.mark.parametrize("shape", [*SHAPES.values(), NPR_TEXTS], ids=lambda shape: shape.name)
def test_every_date_form_is_one_the_vocabulary_lists(shape: Shape) -> None:
    forms = {"%Y-%m-%d %H:%M:%S" if form == TIMED else form for form in (*shape.forms, *shape.entry_forms)}
    words = load_words()
    production = words.productions[shape.layout]
    assert forms <= {*production.date_forms, *words.vocabularies[production.kind].date_forms}


def _head(sheet: list[list[str | None]]) -> int:
    return next(n for n, row in enumerate(sheet) if row[1] is not None)


@pytest.mark.parametrize(
    ("layout", "file", "sheet_names", "header_row", "some"),
    [
        ("ice_removals_14_03290", "SIM 14-03290_FY07_Highlighted.xlsx", ["Notes", "Details"], 5, "Rc Threat Level"),
        (
            "ice_removals_2012_2023",
            "SIM_2023-ICFO_42034_Removals_FY23-20.xlsx",
            ["FY20", "FY21", "FY22", "FY23"],
            6,
            "Anonymized Identifer",
        ),
        ("ice_removals_2025_07", "SIM_2025-ICLI-00019_ICE Removals.xlsx", ["Removals"], 7, "Felon"),
        ("ice_removals_2026_03", "SIM_2026-ICLI-00005_Removals_FY24.xlsx", ["Removals"], 7, "Anonymized Identifier"),
        ("ice_detainers_2026_03", "SIM_2026-ICLI-00005_Detainers_FY25.xlsx", ["Detainers"], 7, "Birth Date"),
    ],
)
def test_workbooks_are_laid_out_as_the_real_ones(
    layout: str, file: str, sheet_names: list[str], header_row: int, some: str, tmp_path: Path
) -> None:
    found = sheets(simulate(layout, tmp_path, rows=300) / file)
    assert list(found) == sheet_names
    last = found[sheet_names[-1]]
    assert some in last[_head(last)]
    # fastexcel leaves out blank rows at the top only; the preamble's first row is not blank.
    assert _head(last) == header_row - 1


def test_march_2026_detainers_lack_birth_date_in_the_first_two_years(tmp_path: Path) -> None:
    folder = simulate("ice_detainers_2026_03", tmp_path, rows=300)
    has = {}
    for path in sorted(folder.glob("*.xlsx")):
        sheet = sheets(path)["Detainers"]
        has[path.stem[-4:]] = "Birth Date" in sheet[_head(sheet)]
    assert has == {"FY23": False, "FY24": False, "FY25": True, "FY26": True}


def test_uwchr_files_are_pipe_separated_with_the_header_on_line_six(tmp_path: Path) -> None:
    folder = simulate("ice_removals_uwchr", tmp_path, rows=300)
    assert lines(folder / "SIM_ICE_Removals_FY2019.csv.gz")[5].split("|") == [
        "Area of Responsibility",
        "Departed Date",
        "Case Close Date",
        "Apprehension Method Code",
        "Processing Disposition Code",
        "Citizenship Country",
        "Gender",
        "Removal Threat Level",
        "Final Charge Section",
        "Alien File Number",
        "Arrest Date",
        "Removal Date",
    ]


@pytest.mark.parametrize("layout", ["ice_removals_2025_07", "ice_removals_14_03290", "ice_removals_uwchr"])
def test_a_production_can_be_written_in_the_other_format(layout: str, tmp_path: Path) -> None:
    for wanted in ("csv", "xlsx"):
        folder = simulate(layout, tmp_path, rows=100, format=wanted, release_id=wanted)
        endings = {path.suffix for path in folder.iterdir() if path.name != "release.toml"}
        assert endings and endings <= {f".{wanted}", ".gz"}


# --- habits


def _cells(habits: Habits, folder: Path) -> pl.DataFrame:
    path = next(simulate("ice_removals_2025_07", folder, rows=3_000, habits=habits, format="csv").glob("*.csv"))
    return pl.read_csv(path, infer_schema=False, skip_lines=6)


def _signs(rows: pl.DataFrame) -> dict[str, bool]:
    every = pl.concat([rows[name].alias("cell") for name in rows.columns if name != "Departed Date"]).drop_nulls()
    ids = rows.select("Unique Identifier", day("Departed Date", date(2025, 7, 31))).drop_nulls()
    return {
        "mixed_dates": bool(rows["Departed Date"].str.contains(r"^\d\d/\d\d/202[345]$").any()),
        "redactions": bool(every.is_in(REDACTION_MARKS).any()),
        "null_marks": bool(rows["Apprehension County"].is_in(["NA", "N/A", "UNK"]).any()),
        "stray_spaces": bool((every != every.str.strip_chars()).any()),
        "duplicates": ids.n_unique() < ids.height,
        "undated": rows.height > 3_000,
        "odd_msc_dates": bool(rows["MSC Conviction Date"].is_in(["19/98", "13/45/2009"]).any()),
        "missing_ids": bool(rows["Unique Identifier"].is_null().any()),
    }


def test_every_habit_shows_by_default_and_none_without(tmp_path: Path) -> None:
    habits = Habits(undated=0.01)
    shown = _signs(_cells(habits, tmp_path / "all"))
    assert shown == dict.fromkeys(shown, True)
    assert _signs(_cells(Habits.none(), tmp_path / "none")) == dict.fromkeys(shown, False)


@pytest.mark.parametrize("name", ["mixed_dates", "redactions", "stray_spaces", "duplicates", "undated", "missing_ids"])
def test_each_habit_goes_off_alone(name: str, tmp_path: Path) -> None:
    shown = _signs(_cells(Habits(undated=0.01).without(name), tmp_path))
    assert [habit for habit, seen in shown.items() if not seen] == [name]


def test_undated_rows_come_on_top_of_the_rows_asked_for(tmp_path: Path) -> None:
    rows = _cells(Habits(undated=0.01, mixed_dates=0), tmp_path)
    assert rows["Departed Date"].str.contains(r"^20(23|24|25)-").sum() == 3_000
    assert rows.height > 3_000


# --- the demonstration


@pytest.fixture
def demo(demo_once: Project) -> Path:
    return demo_once.raw


def _ids(folder: Path, word: str, date_column: str) -> dict[str, set[str]]:
    """Person ids by month of a release's files of one kind, of rows whose date is in its usual form."""
    found: dict[str, set[str]] = {}
    for path in folder.glob(f"*{word}*.csv"):
        lines = path.read_text().splitlines()
        (start,) = (number for number, line in enumerate(lines) if date_column in line)
        for row in csv.DictReader(lines[start:]):
            person, day = list(row.values())[-1], row[date_column]
            if person and day.startswith("20"):
                found.setdefault(day[:7], set()).add(person)
    return found


@pytest.mark.slow
def test_demo_holds_the_real_tables_and_a_production_of_each_kind(demo: Path) -> None:
    assert sorted(path.name for path in demo.iterdir()) == [
        "sim-ice-14-03290",
        "sim-ice-2022-09023",
        "sim-ice-2023-42034",
        "sim-ice-2025-00019",
        "sim-ice-2025-06",
        "sim-ice-2026-00005",
        "sim-ice-detainers-18038",
        "sim-ice-yearly-totals",
        "sim-npr-detainers",
        "sim-trac-secure-2019",
        "trac-2017-11",
    ]
    assert digests(demo / "trac-2017-11") == digests(PUBLISHED)
    for folder in demo.glob("sim-*"):
        manifest = read_manifest(folder / "release.toml")
        assert manifest.synthetic and (manifest.title or "").startswith("Simulated")
    assert {path.suffix for path in (demo / "sim-npr-detainers").iterdir()} == {".csv", ".txt", ".toml"}


@pytest.mark.slow
def test_demo_ice_removals_keep_out_of_the_months_of_table_2(demo: Path) -> None:
    for folder in demo.glob("sim-ice-*"):
        manifest = read_manifest(folder / "release.toml")
        if folder.name == "sim-ice-yearly-totals":
            continue
        assert manifest.covers is not None
        assert manifest.covers[1] < date(2008, 11, 1) or manifest.covers[0] > date(2017, 7, 31)


@pytest.mark.slow
def test_demo_persons_link_inside_a_release_and_never_across(demo: Path) -> None:
    people = {}
    for name in ("sim-ice-2025-00019", "sim-ice-2026-00005"):
        removed = set[str]().union(*_ids(demo / name, "Removals", "Departed Date").values())
        detained = set[str]().union(*_ids(demo / name, "Detainers", "Detainer Prepare Date").values())
        assert len(removed & detained) > (400 if IS_FULL else 15)
        assert all(len(person) == 40 and person.startswith("SIM") for person in removed)
        people[name] = removed | detained
    assert not set.intersection(*people.values())


@pytest.mark.slow
def test_demo_productions_that_overlap_disagree_slightly(demo: Path) -> None:
    older, newer = (
        _ids(demo / name, "Removals", "Departed Date") for name in ("sim-ice-2025-00019", "sim-ice-2026-00005")
    )
    both = sorted(set(older) & set(newer))
    assert both == [f"2022-{number:02}" for number in range(4, 10)]
    sums = [sum(len(found[month]) for month in both) for found in (older, newer)]
    assert 0.9 < sums[0] / sums[1] < 1.0


@pytest.mark.slow
def test_demo_volumes_meet_those_of_the_real_tables_and_never_jump(demo_once: Project) -> None:
    found = "from monthly_removals where population = 'ice' and subset = 'all'"
    counts = dict(ask(demo_once, f"select month, removals {found} and origin = 'records' and status = 'reported'"))
    scale = 1.0 if IS_FULL else SMALL_DEMO_ROWS / sum(month.total for month in published_months(PUBLISHED).values())
    ((printed,),) = ask(demo_once, f"select removals {found} and month = '2008-11-01'")
    assert counts[date(2008, 10, 1)] == pytest.approx(printed * scale, rel=0.1)
    steps = [(counts[after], counts[month]) for month in counts if (after := next_month(month)) in counts]
    assert len(steps) > 25
    assert [pair for pair in steps if not 0.8 < pair[0] / pair[1] < 1.25] == []


@pytest.mark.slow
def test_demo_written_again_is_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo, tmp_path / "raw")
    simulate_demo(tmp_path / "raw", rows=None if IS_FULL else SMALL_DEMO_ROWS)
    assert {path.name: digests(path) for path in (tmp_path / "raw").iterdir()} == {
        path.name: digests(path) for path in demo.iterdir()
    }


def test_demo_never_replaces_a_release_that_is_not_simulated(tmp_path: Path) -> None:
    (tmp_path / "sim-trac-secure-2019").mkdir()
    with pytest.raises(UsageError, match="not simulated"):
        simulate_demo(tmp_path)


@pytest.mark.parametrize("seed", [DEMO_SEED, 3])
def test_the_smallest_demo_has_a_row_in_every_file(tmp_path: Path, seed: int) -> None:
    simulate_demo(tmp_path, seed, rows=FEWEST_DEMO_ROWS)
    with pytest.raises(UsageError, match="the demonstration needs 500 or more, found 499"):
        simulate_demo(tmp_path, seed, rows=FEWEST_DEMO_ROWS - 1)


def test_a_file_without_a_row_is_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sc_pipeline.simulate.FEWEST_DEMO_ROWS", 1)
    with pytest.raises(UsageError, match=r"rows: too few: with seed 3, SIM_.* would hold none; ask for more"):
        simulate_demo(tmp_path, 3, rows=100)


# --- wrong use


def test_wrong_arguments_are_one_clear_line(tmp_path: Path) -> None:
    wrong = {
        "no simulated production is called 'nope'": {"layout": "nope"},
        "rows: expected 1 or more, found 0": {"rows": 0},
        "seed: expected 0 or more, found -1": {"seed": -1},
        "format: expected csv or xlsx, found 'pdf'": {"format": "pdf"},
        "release id '../x'": {"release_id": "../x"},
        "months: 2016-01 lies before 2016-02": {"months": (date(2016, 2, 1), date(2016, 1, 1))},
        "months: the published tables run from 2008-11 to 2017-07": {"months": (date(2018, 1, 1), date(2018, 1, 1))},
    }
    for message, arguments in wrong.items():
        with pytest.raises(UsageError) as problem:
            simulate(**{"layout": "trac_secure_2019", "folder": tmp_path, **arguments})  # type: ignore[arg-type]
        assert str(problem.value).startswith(message)
        assert "\n" not in str(problem.value)


def test_a_release_that_exists_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = simulate("npr_detainers_originals", tmp_path, rows=50)
    before = digests(folder)
    with pytest.raises(UsageError, match="exists already"):
        simulate("npr_detainers_originals", tmp_path, rows=60)
    assert digests(folder) == before


def test_unknown_habits_and_impossible_shares_are_refused() -> None:
    with pytest.raises(UsageError, match="no habit is called 'typos'"):
        Habits().without("typos")
    with pytest.raises(UsageError, match="habit undated: expected a share"):
        Habits(undated=2.0)


def test_progress_ends_at_the_rows_written(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    simulate("ice_removals_uwchr", tmp_path, rows=500, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (500, 500)
    assert all(later[0] >= earlier[0] for earlier, later in pairwise(seen))
