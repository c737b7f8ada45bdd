from pathlib import Path

from sc_pipeline.add.addition import plan_addition

NPR = Path(__file__).parent / "data" / "npr-2016-detainers"
TABLE_1 = Path(__file__).parent.parent / "raw" / "trac-2017-11" / "table1_convictions.csv"


def test_unknown_columns_are_listed(tmp_path: Path) -> None:
    lines = TABLE_1.read_text().splitlines()
    wide = tmp_path / "wide.csv"
    wide.write_text("".join(f"{line},{'Remarks' if n == 0 else 'x'}\n" for n, line in enumerate(lines)))
    (file,) = plan_addition([wide], tmp_path / "raw").files
    assert [(sheet.unknown, sheet.rows) for sheet in file.sheets] == [(("Remarks",), 12)]


def test_file_no_layout_knows_is_shown_with_its_problem(tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("Apples,Pears,Plums\n1,2,3\n")
    addition = plan_addition([TABLE_1, odd], tmp_path / "raw")
    assert [(file.name, file.problem is None) for file in addition.files] == [("odd.csv", False), (TABLE_1.name, True)]
    (problem,) = addition.problems
    assert problem.startswith("odd.csv")
    assert "\n" not in problem


def test_real_detainer_extract_is_recognised_as_detainers(tmp_path: Path) -> None:
    addition = plan_addition([NPR], tmp_path / "raw")
    assert addition.problems == ()
    assert addition.release_id == "npr-2016-detainers"
    assert {sheet.kind for file in addition.files for sheet in file.sheets} == {"detainers"}
    assert sum(sheet.rows or 0 for file in addition.files for sheet in file.sheets) == 2539
