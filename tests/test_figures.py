"""The pictures: what they draw of the shipped tables, what each status looks like, and that they are repeatable."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest

from sc_pipeline.report import rows
from sc_pipeline.report.picture import Picture
from sc_pipeline.report.pictures import draw_pictures
from sc_pipeline.report.png import png
from sc_pipeline.report.sources import caution_notes, source_line
from sc_pipeline.report.svg import PHONE, SIZES
from tests.report_rows import RELEASE, Row, Tables, count, empty, month, release, share, shipped


@pytest.fixture(scope="module")
def drawn() -> dict[str, Picture]:
    return draw_pictures(shipped())


def figure1(*counts: Row) -> Picture:
    return draw_pictures({**empty(), "monthly_removals": list(counts), "releases": [release()]})["figure1"]


def words_of(svg: str) -> list[str]:
    return [unescape(found) for found in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def strokes(svg: str) -> list[int]:
    """How many points each line has."""
    return [path.count("L") + 1 for path in re.findall(r'<path d="([^"]*)" class="s\d"', svg)]


def test_the_shipped_tables_give_these_pictures_with_titles_that_tell_what_one_sees(drawn: dict[str, Picture]) -> None:
    assert {name: picture.words.title for name, picture in drawn.items()} == {
        "figure1": "Average monthly ICE removals fell from 34,017 in 2012 to 20,468 in 2016",
        "detainer_share": "Share with a prior detainer fell from 22.3% in 2010 to 5.8% in 2015",
        "convictions": "Secure Communities removals of convicted people rose from 4,894 in August 2016 to 5,190 in "
        "July 2017",
        "coverage": "One release serves all ICE removals for 105 months and Secure Communities removals for 105 months",
    }


def test_figure_1_has_a_line_for_each_series_and_the_detainers_in_a_panel_of_their_own(
    drawn: dict[str, Picture],
) -> None:
    words = words_of(drawn["figure1"].svg())
    assert strokes(drawn["figure1"].svg()) == [104, 105, 86]
    assert words.index("Removals by month") < words.index("Secure Communities removals with a prior detainer, by month")
    assert {
        "All ICE removals",
        "16,982, Jun 2017",
        "Secure Communities",
        "5,478, Jul 2017",
        "With a prior detainer",
        "97, Dec 2015",
    } <= set(words)


def test_the_axis_ends_with_the_last_month(drawn: dict[str, Picture]) -> None:
    years = [words for words in words_of(drawn["figure1"].svg()) if re.fullmatch(r"\d{4}", words)]
    assert sorted(set(years)) == [str(year) for year in range(2009, 2018)]


def test_the_withheld_span_is_hatched_with_its_reason_and_a_short_one_is_told_in_a_note(
    drawn: dict[str, Picture],
) -> None:
    svg = drawn["figure1"].svg()
    assert "Withheld by ICE" in words_of(svg)
    assert svg.count('class="hb"') == 2
    assert "All ICE removals: not yet released, July 2017." in drawn["figure1"].words.notes


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("withheld", "Withheld by ICE"),
        ("not_in_release", "Not in the release"),
        ("not_disclosed", "Not disclosed"),
        ("unreadable", "Could not be read"),
        ("ids_do_not_join", "Identifiers do not join"),
        ("not_released", "Not yet released"),
    ],
)
def test_each_silence_is_hatched_with_its_own_reason(status: str, words: str) -> None:
    held = [count(f"2015-{number:02}") for number in range(1, 5)]
    silent = [count(f"2015-{number:02}", status=status) for number in range(5, 13)]
    svg = figure1(*held, *silent).svg()
    assert words in " ".join(words_of(svg))
    assert svg.count('class="hb"') == 1
    assert ("Withheld" in svg) == (status == "withheld")


def test_a_month_without_a_number_is_a_gap_not_a_zero() -> None:
    svg = figure1(
        count("2015-10"), count("2015-11"), count("2015-12", status="withheld"), count("2016-01"), count("2016-02")
    ).svg()
    assert strokes(svg) == [2, 2]


def test_a_month_in_no_row_is_a_gap() -> None:
    assert strokes(figure1(count("2015-10"), count("2015-11"), count("2016-01"), count("2016-02")).svg()) == [2, 2]


def test_an_interval_is_a_band_and_a_partial_month_a_hollow_circle() -> None:
    whole = figure1(count("2015-10"), count("2015-11"))
    unsure = figure1(count("2015-10", 5, 3, status="at_least"), count("2015-11", status="partial"))
    assert ('class="b1"' in whole.svg(), 'class="d1"' in whole.svg(), whole.words.notes) == (False, False, ())
    assert ('class="b1"' in unsure.svg(), unsure.svg().count('class="d1"')) == (True, 1)
    assert unsure.words.notes == (
        "Shaded: the range if every removal that may belong to the line is counted as well.",
        "Hollow circles: months that the records do not cover in full.",
    )


def test_printed_averages_are_dotted_and_computed_ones_are_not(drawn: dict[str, Picture]) -> None:
    svg = drawn["convictions"].svg()
    thick = re.findall(r'stroke-width="2.8"[^>]*', svg)
    assert ["stroke-dasharray" in stroke for stroke in thick] == [True, False, True, False]
    assert drawn["convictions"].words.notes[0].startswith("Dotted: averages as printed by the publisher.")


def test_the_words_for_those_who_do_not_see_it_tell_trend_peak_and_gap(drawn: dict[str, Picture]) -> None:
    alt = drawn["figure1"].words.alt
    assert (
        "All ICE removals: 29,063 in November 2008, highest 40,626 in March 2011, 16,982 in June 2017. No number: "
        in alt
    )
    assert "97 in December 2015. No number: withheld by ICE, January 2016 to July 2017." in alt
    assert all(f"<desc>{picture.words.alt[:20]}" in picture.svg() for picture in drawn.values())


def test_ice_alone_has_its_own_titles_and_panels() -> None:
    linked = [
        count(f"{year}-{number:02}", year - 2010, population="ice", subset="detainer_linked")
        for year in (2020, 2021)
        for number in range(1, 13)
    ]
    total = [count(f"{year}-{number:02}", 100, population="ice") for year in (2020, 2021) for number in range(1, 13)]
    shares = [
        share(f"{year}-{number:02}", year - 2010, 100, population="ice")
        for year in (2020, 2021)
        for number in range(1, 13)
    ]
    drawn = draw_pictures({**empty(), "monthly_removals": total + linked, "detainer_shares": shares})
    assert (
        drawn["detainer_share"].words.title
        == "Share of ICE removals with a prior detainer rose from 10.0% in 2020 to 11.0% in 2021"
    )
    assert "All ICE removals with a prior detainer, by month" in words_of(drawn["figure1"].svg())


def revision(older: str, newer: str, change: int = 1, **other: Any) -> Row:
    row = {
        "population": "ice",
        "subset": "all",
        "month": month("2020-01"),
        "older_release": older,
        "newer_release": newer,
        "older": 100,
        "newer": 100 + change,
        "change": change,
    }
    return {**row, **other}


def test_of_many_pairs_of_releases_six_are_drawn_and_the_rest_counted() -> None:
    many = [revision(f"r{number}", "new", number) for number in range(1, 11)]
    drawn = draw_pictures({**empty(), "release_revisions": many})["revisions"]
    assert [words for words in words_of(drawn.svg()) if "→" in words] == [
        f"All ICE removals: r{number} → new" for number in (10, 9, 8, 7, 6, 5)
    ]
    assert drawn.words.title == "Later releases changed 10 of 10 monthly counts, by at most 10.0%"
    assert drawn.words.notes == ("4 more pairs of releases with smaller changes: see the table.",)


def disclosed(field: str, at: str, rows_disclosed: int, present: bool = True) -> Row:
    return {
        "release_id": RELEASE,
        "field": field,
        "month": month(at),
        "rows": 100,
        "disclosed": rows_disclosed,
        "blank": 100 - rows_disclosed,
        "redacted": 0,
        "unreadable": 0,
        "column_present": present,
    }


def test_disclosure_takes_the_release_that_has_most_and_hatches_what_no_release_has() -> None:
    cells = [
        disclosed("state", "2020-01", 20),
        {**disclosed("state", "2020-01", 99), "release_id": "other"},
        disclosed("county", "2020-01", 0, present=False),
    ]
    drawn = draw_pictures({**empty(), "field_disclosure": cells})["disclosure"]
    cells_of = re.findall(r'class="(c\d|hb)"', drawn.svg().split(">Removals<")[1])
    assert (words_of(drawn.svg()).index("county") < words_of(drawn.svg()).index("state"), cells_of) == (
        True,
        ["hb", "c5"],
    )


def test_a_table_without_rows_has_no_picture() -> None:
    assert draw_pictures(empty()) == {}


def test_pictures_are_the_same_bytes_each_time(drawn: dict[str, Picture]) -> None:
    again = draw_pictures(shipped())
    assert {name: picture.files() for name, picture in drawn.items()} == {
        name: one.files() for name, one in again.items()
    }
    svg = drawn["coverage"].svg()
    assert png(svg, 780) == png(svg, 780)
    assert png(svg, 780).startswith(b"\x89PNG")
    assert png(svg, 780) != png(svg.replace("November", "October"), 780), "letters are drawn"


def test_there_is_a_version_for_a_phone(drawn: dict[str, Picture]) -> None:
    assert set(drawn["figure1"].files()) == {"figure1.svg", "figure1-390.svg"}
    assert all(f'viewBox="0 0 {PHONE.width} ' in picture.svg(PHONE) for picture in drawn.values())


def test_nothing_is_drawn_outside_of_a_picture(drawn: dict[str, Picture]) -> None:
    for picture in drawn.values():
        for size in SIZES:
            svg = picture.svg(size)
            height = float(re.search(r'viewBox="0 0 \d+ (\d+)"', svg)[1])  # type: ignore[index]
            assert all(0 <= float(x) <= size.width for x in re.findall(r' x="([-\d.]+)"', svg))
            assert all(0 <= float(y) <= height for y in re.findall(r' y="([-\d.]+)"', svg))


def test_a_simulated_source_shows_in_the_title(drawn: dict[str, Picture]) -> None:
    simulated = draw_pictures({**shipped(), "releases": [release(synthetic=True)]})
    assert all(picture.words.title.endswith(" (SIMULATED DATA)") for picture in simulated.values())
    assert not any("SIMULATED" in picture.svg() for picture in drawn.values())


def test_sources_are_named_from_the_manifests() -> None:
    assert source_line([release(foia_request="2024-1")]) == (
        "Source: TRAC, Syracuse University, from ICE records released under FOIA (“Tables 1 and 2,” received November "
        "30, 2017)."
    )
    assert source_line([release(publisher=None, title=None, received=None)]) == "Source: release trac-2017-11."
    many = [release(f"r{number}", title=f"T{number}", publisher=None) for number in range(6)]
    assert source_line(many) == "Sources: T0; T1; T2; 3 more releases listed in the report."
    mixed = [release("sim", title="Simulated: T", publisher="Simulated", synthetic=True), release("r")]
    assert source_line(mixed) == "Sources: Simulated: T; TRAC, Syracuse University, “Tables 1 and 2.”"
    assert source_line([]) == "Source: not stated."


def test_a_caution_goes_with_every_picture_of_its_release() -> None:
    cautious = draw_pictures({**shipped(), "releases": [release(caution="These months undercount.")]})
    assert all("Caution (trac-2017-11): These months undercount." in one.words.notes for one in cautious.values())
    assert caution_notes([release(caution=f"c{number}") for number in range(5)])[3:] == [
        "2 more cautions are listed in the report."
    ]


def test_no_picture_claims_a_cause(drawn: dict[str, Picture]) -> None:
    assert not any(
        re.search(r"led to|because of|result of a detainer|due to", picture.svg()) for picture in drawn.values()
    )


def test_every_month_crosses_the_new_year() -> None:
    assert rows.every_month([month("2016-02"), month("2015-11")]) == [
        date(2015, 11, 1),
        date(2015, 12, 1),
        date(2016, 1, 1),
        date(2016, 2, 1),
    ]
    assert rows.every_month([]) == []


def test_spans_join_neighbors_only() -> None:
    assert rows.spans([month("2016-03"), month("2015-12"), month("2016-01")]) == [
        (month("2015-12"), month("2016-01")),
        (month("2016-03"), month("2016-03")),
    ]


def test_a_calendar_year_needs_all_its_months() -> None:
    whole = [share(f"2015-{number:02}", number, 100) for number in range(1, 13)]
    assert rows.year_shares(whole) == {2015: (78 / 1200, 78 / 1200)}
    assert rows.year_shares(whole[:11]) == {}
    tables: Tables = {**empty(), "monthly_removals": [count(f"2015-{number:02}", 6) for number in range(1, 13)]}
    assert rows.year_means(rows.numbers(rows.series(tables, "sc", "all"))) == {2015: (6, 6)}
