"""Every limit has one home, one setting, one line, and a row in docs/security.md."""

import gzip
import re
from pathlib import Path

import pytest

from sc_pipeline import limits
from sc_pipeline.errors import FileProblem, UsageError, UserError, visible
from sc_pipeline.limits import LIMITS
from sc_pipeline.project import REPOSITORY
from sc_pipeline.staged.formats import Sheet, open_sheets

PAGE = (REPOSITORY / "docs" / "security.md").read_text(encoding="utf-8")


def test_the_page_states_every_limit_and_its_default() -> None:
    stated = dict(re.findall(r"\| `(SC_PIPELINE_MAX_\w+)` \| ([^|]+) \|", PAGE))
    machine = {"SC_PIPELINE_MAX_READING_BYTES": "four fifths of the machine's memory"}
    assert stated == {each.setting: machine.get(each.setting, f"{each.default:,}") for each in LIMITS}


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "9" * 30, "\u0661"])
def test_a_wrong_setting_is_one_line(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(limits.DEPTH.setting, text)
    with pytest.raises(UsageError, match="SC_PIPELINE_MAX_DEPTH: must be a whole number above zero"):
        limits.changed()


def test_what_is_past_a_limit_names_the_file_the_limit_and_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(limits.CELLS.setting, "12")
    with pytest.raises(FileProblem) as raised:
        limits.CELLS.hold(13, "x.xlsx, sheet 'A'")
    assert str(raised.value) == (
        "x.xlsx, sheet 'A': has more than 12 cells in one sheet; delete what is beyond the table in a copy, or save "
        "the sheet as .csv (the limit is SC_PIPELINE_MAX_CELLS)"
    )
    limits.CELLS.hold(12, "x.xlsx")


@pytest.mark.parametrize(
    ("setting", "value"),
    [("CELL_BYTES", "3"), ("COLUMNS", "1"), ("LINE_BYTES", "4"), ("UNPACKED_BYTES", "5"), ("DEPTH", "1")],
)
def test_each_holds_while_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(gzip.compress(b"a,b\n1,2345\n")))

    def read() -> int:
        sheets = (sheet for sheet in open_sheets(path, tmp_path / "scratch") if isinstance(sheet, Sheet))
        return sum(batch.num_rows for sheet in sheets for batch in sheet.batches(1, ["a", "b"]))

    assert read() == 1
    monkeypatch.setenv(f"SC_PIPELINE_MAX_{setting}", value)
    with pytest.raises(FileProblem, match=f"SC_PIPELINE_MAX_{setting}"):
        read()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain text, \u00e9\u65e5", "plain text, \u00e9\u65e5"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\u202eevil", "\\u202eevil"),
        ("\u2028", "\\u2028"),
        ("\udcff", "\\udcff"),
        ("\x9b", "\\x9b"),
    ],
)
def test_what_a_terminal_would_obey_or_hide_is_written_out(text: str, seen: str) -> None:
    assert visible(text) == seen
    assert str(UserError(text)) == seen
    assert visible(seen) == seen
