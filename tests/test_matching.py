import csv
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc_pipeline.errors import FileProblem
from sc_pipeline.staged.formats.sheet import Sheet
from sc_pipeline.staged.matching import Match, Stated, match
from sc_pipeline.staged.names import fold
from sc_pipeline.staged.tables import table_of
from sc_pipeline.staged.vocabularies import load_words

LAYOUTS = Path(__file__).parent / "data" / "layouts"
WORDS = load_words()
NOTHING = Stated()
REMOVALS_2026 = ["Departed Date", "Case AOR", "State", "Final Charge Section", "Anonymized Identifier"]


def columns_of(name: str) -> list[str]:
    with (LAYOUTS / f"{name}.csv").open() as file:
        return [row["column"] for row in csv.DictReader(file)]


def sheet_of(*rows: list[str | None]) -> Sheet:
    return Sheet("x.csv", None, "utf-8", list(enumerate(rows, 1)), lambda *_: iter(()))


def found(header: list[str | None], stated: Stated = NOTHING) -> Match | None:
    return match(sheet_of(header, ["2025-03-03"] * len(header)), WORDS, stated)


KINDS = {
    path.stem: "removals" if path.stem.startswith("trac") else path.stem.split("_")[1]
    for path in sorted(LAYOUTS.glob("*.csv"))
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_every_known_header_is_of_its_kind_and_no_other(name: str, kind: str) -> None:
    matched = found(list(columns_of(name)))
    assert matched is not None
    assert matched.vocabulary.kind == kind
    if kind in ("removals", "detainers"):
        assert matched.production is not None
        assert matched.production.name == name


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(sorted(KINDS)), seed=st.integers(0, 10**6))
def test_header_may_be_shuffled_renamed_cut_and_lengthened(name: str, seed: int) -> None:
    """The key and one deciding column stay; any other may go, and each may have any of its field's known names."""
    rng = random.Random(seed)
    vocabulary = WORDS.vocabularies[KINDS[name]]
    names = columns_of(name)
    key = next(each for each in names if vocabulary.feeds.get(fold(each)) == vocabulary.key)
    deciding = rng.choice([each for each in names if fold(each) in vocabulary.deciding])
    kept = [each for each in names if each in (key, deciding) or rng.random() < 0.6]
    renamed = [
        rng.choice(vocabulary.fields[field])
        if each != deciding and (field := vocabulary.feeds.get(fold(each))) in vocabulary.fields and rng.random() < 0.3
        else each
        for each in kept
    ]
    header = [*renamed, "Some New Column", "Another One"]
    rng.shuffle(header)
    matched = found(list(header))
    assert matched is not None
    assert matched.vocabulary.kind == KINDS[name]
    assert {"Some New Column", "Another One"} <= set(matched.unknown)
    # A known name feeds its field, whichever of its names it is, unless the delivery means something else by it.
    own = matched.production
    meant = {*own.feeds, *map(fold, own.ignore)} if own else set[str]()
    fed = {vocabulary.feeds[fold(each)] for each in header if fold(each) in vocabulary.feeds.keys() - meant}
    assert fed <= set(matched.columns)


def test_detainers_may_tell_the_departure() -> None:
    matched = found(["Detainer Prepare Date", "Detainer Type", "Departure Date"])
    assert matched is not None and matched.vocabulary.kind == "detainers"
    assert matched.columns["departed_date"] == ("Departure Date",)


def test_names_are_folded_but_never_guessed() -> None:
    matched = found(["DEPARTED_DATE", "final  charge\nsection", "Aggravated Felon Yes No", "App State"])
    assert matched is not None
    assert matched.columns == {
        "departed_date": ("DEPARTED_DATE",),
        "charge_section": ("final charge section",),
    }
    assert matched.unknown == ("App State",)
    assert "state (is that 'App State'?)" in matched.missing


def test_manifest_says_what_a_column_is() -> None:
    stated = Stated(columns={"Left On": "departed_date", "App State": "state"})
    matched = found(["Left On", "Prior Deport Yes No", "App State"], stated)
    assert matched is not None
    assert matched.columns == {
        "departed_date": ("Left On",),
        "prior_removal": ("Prior Deport Yes No",),
        "state": ("App State",),
    }


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        (Stated(kind="removal"), "names the kind 'removal'"),
        (Stated(production="ice_removals_2025"), "did you mean 'ice_removals_2025_07'?"),
        (Stated(columns={"App State": "stat"}), "'App State' = 'stat' is not a field; did you mean 'state'?"),
    ],
)
def test_what_the_manifest_names_must_be_known(stated: Stated, message: str) -> None:
    with pytest.raises(FileProblem, match=r"x\.csv: release\.toml") as raised:
        found(list(REMOVALS_2026), stated)
    assert message in str(raised.value)


def test_table_that_fits_two_kinds_is_a_question() -> None:
    header = ["Apprehension Date", "Departed Date", "Arrest Method", "Prior Deport Yes No", "Gender"]
    with pytest.raises(FileProblem) as raised:
        found(list(header))
    assert str(raised.value) == (
        "x.csv, row 1: has columns of arrests ('Arrest Method') and of removals ('Prior Deport Yes No'); which is it? "
        'Write kind = "arrests" (or another) under [[files]] in release.toml, or leave the file out'
    )
    matched = found(list(header), Stated(kind="removals"))
    assert matched is not None
    assert matched.vocabulary.kind == "removals"


def test_two_columns_of_one_field_both_feed_it_in_the_order_of_the_vocabulary() -> None:
    matched = found(["Departed Date", "Processing Disposition Code", "Processing Disposition"])
    assert matched is not None
    assert matched.columns["processing_disposition"] == ("Processing Disposition", "Processing Disposition Code")


def test_name_written_over_two_rows_is_read() -> None:
    head = [["Departed", "Final Charge", None], ["Date", "Section", "Gender"], ["03/03/2025", "237", "Male"]]
    matched = match(sheet_of(*head), WORDS)
    assert matched is not None
    assert (matched.header_row, matched.columns["departed_date"]) == (2, ("Departed Date",))


def test_word_merged_over_several_columns_is_part_of_each_name() -> None:
    head = [
        ["Departed", "Apprehension", None, None, None],
        ["Date", "Date", "Method", "State", "Gender"],
        ["03/03/2025", "01/03/2025", "Located", "TEXAS", "Male"],
    ]
    matched = match(sheet_of(*head), WORDS, Stated(kind="removals"))
    assert matched is not None
    assert (matched.columns["apprehension_method"], matched.columns["state"]) == (
        ("Apprehension Method",),
        ("Apprehension State",),
    )
    assert matched.columns["gender"] == ("Gender",)


def test_generic_names_mean_something_in_their_own_production_alone() -> None:
    npr = found(["date", "lift_reason", "det_facility", "city", "state", "detainer_type"])
    assert npr is not None
    assert (npr.vocabulary.kind, npr.columns["detainer_prepare_date"]) == ("detainers", ("date",))
    assert found(["date", "city", "state", "count"]) is None


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([["Dear requester"], ["please find attached"]], "beside the data: notes, a list or a legend"),
        ([["Field", "Description"], ["Departed Date", "day of departure"]], "beside the data: notes, a list"),
        ([list(REMOVALS_2026)], "beside the data: has a header in row 1 but no rows below it"),
        (
            [list(REMOVALS_2026), ["the day", "the office", "the state", "the law", "the person"]],
            "beside the data: a template or list of columns",
        ),
        ([["Day", "Nation", "Sex"], *[["3/3/2025", "MEXICO", "M"]] * 5], "not taken in: no row of the first 6 holds"),
        ([["Code", "Meaning", "Level"], *[["0999", "Homicide", "1"]] * 5], "beside the data: notes, a list"),
        (
            [["AOR", "a", "b", "c", "d", "e"], ["DAL", "1", "2", "3", "4", "5"], ["ELP", "1", "2", "3", "4", "5"]],
            "beside the data: a summary: mostly numbers",
        ),
        (
            [
                ["Fiscal Year", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr"],
                ["2016", "1", "2", "3", "4", "5", "6", "7"],
            ],
            "not taken in: has months across its columns (row 1)",
        ),
        (
            [["Population", "FY2014", "FY2015", "FY2016"], ["All ICE Removals", "315943", "235413", "240255"]],
            "not taken in: has years across its columns (row 1)",
        ),
        (
            [["Fiscal Quarter", "All ICE Removals"], ["FY16 Q1", "60,000"]],
            "not taken in: the header in row 1 names figures, but no column known to hold their month or fiscal "
            'year; write columns = { "Fiscal Quarter" = "month" } under [[files]] in release.toml if it is that',
        ),
        ([["State", "All ICE Removals"], ["TEXAS", "60,000"]], "beside the data: notes, a list"),
        (
            [
                ["Detainer Prepared Date", "Facility City", "Detainer Type", "Gender"],
                ["2025-03-03", "AUSTIN", "I-247", "M"],
            ],
            "not taken in: the header in row 1 has no column known to hold the date that counts; write columns = "
            '{ "Detainer Prepared Date" = "detainer_prepare_date" } under',
        ),
        ([["AOR", "FY2014", "FY2015", "FY2016"], ["ATL", "3", "2", "1"]], "beside the data: notes, a list"),
        (
            [["Departed Date", "Gender", "Birth Year"], ["03/03/2025", "Male", "1980"]],
            "not taken in: the header in row 1 fits no kind of table for certain; if its rows are removals, "
            'write kind = "removals" under [[files]] in release.toml',
        ),
        (
            [["Date Left", "Gender", "Birth Year", "Case Status"], ["03/03/2025", "Male", "1980", "8"]],
            "not taken in: the header in row 1 has no column known to hold the date that counts; write columns = "
            '{ "Date Left" = "departed_date" } under [[files]] in release.toml if it is that',
        ),
    ],
)
def test_sheet_without_a_known_table_is_left_out_with_the_reason(rows: list[list[str | None]], reason: str) -> None:
    table = table_of(sheet_of(*rows), WORDS, Stated(), None)
    assert table.left_out is not None
    assert table.left_out.startswith(reason), table.left_out


def test_a_stated_kind_whose_key_is_not_there_is_named() -> None:
    sheet = sheet_of([*REMOVALS_2026], ["2025-03-03"] * 5)
    reason = table_of(sheet, WORDS, Stated(kind="detainers"), None).left_out or ""
    assert 'says kind = "detainers", but the header in row 1 has no column known to be its detainer_prepare' in reason
    notes = sheet_of(["Code", "Meaning"], ["0999", "Homicide"])
    assert (table_of(notes, WORDS, Stated(kind="detainers"), None).left_out or "").startswith("beside the data")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Departed_x0020_Date", "Departed Date"),
        ("State...5", "State"),
        ("Departed Date (MM/DD/YYYY)", "Departed Date"),
        ("All ICE Removals\u00b9", "All ICE Removals"),
        ("departed.date", "Departed Date"),
        ("\u200eDeparted\u00a0Date", "Departed Date"),
    ],
)
def test_a_name_is_known_as_programs_write_it(name: str, known: str) -> None:
    assert fold(name) == fold(known)


def test_a_share_is_not_its_count() -> None:
    assert fold("ICE Removals (%)") != fold("ICE Removals")


def test_project_adds_its_own_words(tmp_path: Path) -> None:
    for folder, name, text in (
        ("vocabulary", "removals", 'own = ["Left Under"]\n[fields]\nstate = ["App State"]'),
        (
            "productions",
            "mine",
            'title = "Mine"\nkind = "removals"\npopulation = "sc"\n'
            'columns = ["Left On", "Left Under"]\n[fields]\ndeparted_date = ["Left On"]',
        ),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.toml").write_text(text)
    words = load_words(tmp_path)
    matched = match(sheet_of(["Departed Date", "Left Under", "App State"], ["1", "2", "3"]), words)
    assert matched is not None
    assert matched.columns["state"] == ("App State",)
    own = match(sheet_of(["Left On", "Left Under"], ["1", "2"]), words)
    assert own is not None
    assert own.production is not None
    assert (own.production.name, own.columns["departed_date"]) == ("mine", ("Left On",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "productions/mine.toml: is not valid TOML"),
        ('title = "Mine"\nkind = "removals"\ncolums = []', "mine.toml: columns: Field required"),
        ('title = "Mine"\nkind = "departures"\ncolumns = []', "mine.toml: unknown kind 'departures'"),
        (
            'title = "Mine"\nkind = "removals"\ncolumns = []\n[fields]\nstat = ["X"]',
            "unknown field 'stat'; nearest is state",
        ),
    ],
)
def test_wrong_production_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "productions").mkdir()
    (tmp_path / "productions" / "mine.toml").write_text(text)
    with pytest.raises(FileProblem) as raised:
        load_words(tmp_path)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


ROWS_OF_R = [[str(n), f"03/{n:02}/2025", "DAL", "TX", "237", "id"] for n in range(1, 13)]


def widened(*rows: list[str | None]) -> Match:
    table = table_of(sheet_of(list(REMOVALS_2026), *rows), WORDS, Stated(), None)
    assert table.match is not None
    return table.match


def test_rows_with_a_name_before_their_cells_are_read_as_their_header_means_them() -> None:
    """R writes the names of rows into a column that its header does not name."""
    matched = widened(*ROWS_OF_R)
    assert (matched.names, matched.unknown) == (("column 1", *REMOVALS_2026), ("column 1",))
    assert matched.columns["departed_date"] == ("Departed Date",)


@pytest.mark.parametrize("at", [1, 3, 5])
def test_an_unnamed_cell_elsewhere_shifts_nothing(at: int) -> None:
    """Nobody can tell which cells it moved: the rows do not fit their header, and staging refuses them."""
    rows = [row[1:] for row in ROWS_OF_R]
    matched = widened(*[[*row[:at], "x", *row[at:]] for row in rows])
    assert (matched.names, matched.unknown) == (tuple(REMOVALS_2026), ())


def test_a_number_that_the_header_names_is_no_row_number_of_r() -> None:
    header = ["EID Case ID", *REMOVALS_2026]
    table = table_of(sheet_of(header, *[[*row, "x"] for row in ROWS_OF_R]), WORDS, Stated(), None)
    assert table.match is not None and table.match.names == tuple(header)


def test_rows_that_end_with_a_delimiter_too_many_get_no_column() -> None:
    assert widened(*[[*row[1:], None] for row in ROWS_OF_R]).names == tuple(REMOVALS_2026)


def test_two_tables_side_by_side_are_refused() -> None:
    header = [*REMOVALS_2026, None, *REMOVALS_2026]
    with pytest.raises(FileProblem, match=r"x\.csv: holds two tables side by side: 5 columns are twice .* row 1; put"):
        found(header)
