"""Cells have states: a mark fills its cell, whatever its spelling; what a person never wrote is taken out first."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.core.cells import is_error, is_redacted, plain_text


def plain(*cells: str) -> list[str]:
    return pl.DataFrame({"cell": cells}).select(plain_text(pl.col("cell"))).to_series().to_list()


def redacted(cell: str) -> bool:
    frame = pl.DataFrame({"cell": [cell]})
    return frame.select(is_redacted(plain_text(pl.col("cell")).str.to_uppercase())).item()


@pytest.mark.parametrize(
    "mark",
    [
        "(b)(6)",
        "b(6), b(7)c",
        "b(6), b(7)C",
        "(b)(6)(b)(7)(c)",
        "(b)(6), (b)(7)(c)",
        "(b)(6),(b)(7)(c)",
        "(b)(6), (b)(7)(c) (b)(7)(e)",
        "b(7)(e)",
        "(b7)(e)",
        "(B)(3)",
        "(k)(2)",
        "(j)(2), (k)(2)",
        " (b)(6) ",
        "(b)(6); (b)(7)(C)",
        "b6",
        "b6, b7C",
        "B7(C)",
        "b6/b7C",
        "[(b)(6)]",
        "((b)(6))",
        "(b)(6) and (b)(7)(C)",
        "(b) (6)",
        "REDACTED",
        "[REDACTED]",
        "(redacted)",
        "Redacted by ICE",
        "Redacted per (b)(6)",
        "Redacted pursuant to b6",
        "[[REDACTED-EX B6]]",
        "Withheld under (b)(7)(E)",
        "FOIA Exemption (b)(6)",
        "Exempt: b(7)(c)",
        "see (b)(6)",
        "(b)(3):8 USC 1202(f)",
        "(b)(3): 8 U.S.C. § 1202(f)",
        "ICE withheld",
        "WITHHELD",
        "Withheld by the agency",
        "█████",
        "■■■",
        "▓▓",
        "██ ██",
        "XXX",
        "xxxxx",
        "XXX-XX-XXXX",
        "****",
        "*** ***",
    ],
)
def test_a_mark_that_fills_its_cell_is_redacted_whatever_its_spelling(mark: str) -> None:
    assert redacted(mark)


@pytest.mark.parametrize(
    "value",
    [
        "237(a)(1)(B)",
        "237(a)(2)(B)(i)",
        "212(a)(6)(A)(i)",
        "INA 241(b)(3)",
        "101(a)(15)(K)(2)",
        "K2",
        "241(b)(3)",
        "8 USC 1231(b)(3)",
        "B2",
        "B1 - Temporary visitor",
        "(B)",
        "XX",
        "**",
        "MEXXICO",
        "Withholding of removal",
        "Adjudication withheld",
        "EXEMPT",
        "Expedited Removal (I-860)",
        "[8F] Expedited Removal",
        "1 Convicted Criminal",
        "0999",
        "2012-05-03",
        "BLOCK B6 COUNTY JAIL",
        "ab" * 20,
    ],
)
def test_what_only_holds_a_piece_that_looks_like_a_mark_is_a_value(value: str) -> None:
    assert not redacted(value)


def test_invisible_characters_leading_apostrophes_and_odd_spaces_are_taken_out() -> None:
    cells = (
        "03/03/2025\u200b",
        "\ufeff0999",
        "'0999",
        "\u20190999",
        "  a \t b\u00a0c ",
        "O'Brien",
        "\u200e\u200f",
        '="0999"',
        ' "0999" ',
        '"A" and "B"',
        "09\x0099",
    )
    assert plain(*cells) == [
        "03/03/2025",
        "0999",
        "0999",
        "0999",
        "a b c",
        "O'Brien",
        "",
        "0999",
        "0999",
        '"A" and "B"',
        "0999",
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("#N/A", True), ("#REF!", True), ("#DIV/0!", True), ("#NAME?", True), ("#GETTING_DATA", True), ("# 12", False)],
)
def test_a_spreadsheets_error_is_known_by_its_shape(cell: str, expected: bool) -> None:
    assert pl.DataFrame({"cell": [cell]}).select(is_error(pl.col("cell"))).item() is expected


EXEMPTIONS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["(b)", "b", "(B)"]),
    st.integers(1, 9).map(lambda digit: f"({digit})"),
    st.sampled_from(["", "(c)", "c", "(C)", "(e)"]),
)


@given(
    st.lists(EXEMPTIONS, min_size=1, max_size=3),
    st.sampled_from([", ", "; ", " ", "", " and ", "/"]),
    st.sampled_from(["", "Redacted per ", "[", "Withheld: "]),
)
def test_exemptions_in_any_combination_fill_a_cell(parts: list[str], between: str, before: str) -> None:
    assert redacted(before + between.join(parts))


@given(st.text(alphabet="abc \u200b\u00a0'\ufeff", max_size=12))
def test_plain_text_is_plain_already(text: str) -> None:
    (once,) = plain(text)
    assert plain(once) == [once.lstrip("'").strip()]
