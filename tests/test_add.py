import hashlib
import shutil
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest

from sc_pipeline.add import addition as add
from sc_pipeline.add.addition import Addition, apply, plan_addition
from sc_pipeline.add.against import against_published
from sc_pipeline.add.findings import findings, stated
from sc_pipeline.add.starter import starters
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.errors import FileProblem, UsageError, UserError
from sc_pipeline.project import Project
from sc_pipeline.raw.hashes import FileHashes
from sc_pipeline.raw.known_files import known_files
from sc_pipeline.raw.manifest import Manifest, ManifestFile, Serves, read_manifest
from sc_pipeline.raw.release import changes_since, find_releases, load_release
from sc_pipeline.staged.vocabularies import load_words

SHIPPED = Path(__file__).parent.parent / "raw" / "trac-2017-11"
NPR = Path(__file__).parent / "data" / "npr-2016-detainers"
TABLE_1, TABLE_2 = SHIPPED / "table1_convictions.csv", SHIPPED / "table2_removals_by_source.csv"

KINDS = "xlsx, xlsm, xlsb, xls, ods, csv, tsv, txt, Parquet or Feather, also in zip or gz"


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def shortened(source: Path, target: Path, rows: int) -> Path:
    """The first rows of a table, as another delivery of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("".join(source.read_text().splitlines(keepends=True)[: rows + 1]))
    return target


def added(*files: Path, raw: Path, **options: object) -> Addition:
    addition = plan_addition(files, raw, **options)  # type: ignore[arg-type]
    apply(addition)
    return addition


def test_plan_shows_layout_rows_and_digest_and_writes_nothing(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    addition = plan_addition([TABLE_1, TABLE_2], raw, stated=Manifest(title="Tables", received=date(2017, 11, 30)))
    assert not raw.exists()
    assert (addition.release_id, addition.folder, addition.replaces) == (
        "table1-convictions",
        raw / "table1-convictions",
        None,
    )
    shown = [
        (
            file.name,
            file.sha256,
            file.bytes,
            file.known,
            table.sheet.kind,
            table.sheet.header_row,
            table.sheet.rows,
            table.sheet.unknown,
        )
        for file in addition.files
        for table in file.tables
    ]
    assert shown == [
        (TABLE_1.name, sha(TABLE_1), TABLE_1.stat().st_size, None, "monthly_counts", 1, 12, ()),
        (TABLE_2.name, sha(TABLE_2), TABLE_2.stat().st_size, None, "monthly_counts", 1, 105, ()),
    ]
    assert addition.manifest == Manifest(
        title="Tables",
        agency="ICE",
        received=date(2017, 11, 30),
        files=(
            ManifestFile(name=TABLE_1.name, sha256=sha(TABLE_1), production="trac_2017_table1"),
            ManifestFile(name=TABLE_2.name, sha256=sha(TABLE_2), production="trac_2017_table2"),
        ),
    )
    assert addition.problem is None


def test_added_release_holds_the_bytes_and_a_manifest_that_loads(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    addition = added(TABLE_1, raw=raw, release_id="trac", stated=Manifest(publisher="TRAC"))
    assert tree(raw) == {
        "trac/release.toml": addition.manifest_text.encode(),
        f"trac/{TABLE_1.name}": TABLE_1.read_bytes(),
    }
    release = load_release("trac", raw / "trac", FileHashes(raw))
    assert (release.publisher, release.title, release.inferred) == (
        "TRAC",
        "TRAC, November 2017, Table 1: convictions",
        ("received",),
    )


def test_whole_folder_is_added_with_its_manifest_letters_and_corrections(tmp_path: Path) -> None:
    given, raw = tmp_path / "July Delivery", tmp_path / "raw"
    for name, text in {
        "letter.pdf": "Dear requester",
        "corrections.toml": "",
        "release.toml": 'title = "July"\n[[serves]]\nfrom = "2016-08"',
        ".DS_Store": "",
        "~$x.xlsx": "",
    }.items():
        given.mkdir(exist_ok=True)
        (given / name).write_text(text)
    shortened(TABLE_1, given / "part" / "a.csv", 3)
    addition = added(given, raw=raw, stated=Manifest(agency="ICE"))
    assert sorted(tree(raw)) == [
        "july-delivery/corrections.toml",
        "july-delivery/letter.pdf",
        "july-delivery/part/a.csv",
        "july-delivery/release.toml",
    ]
    assert read_manifest(raw / "july-delivery" / "release.toml") == Manifest(
        title="July",
        agency="ICE",
        serves=(Serves(first=date(2016, 8, 1)),),
        files=(ManifestFile(name="part/a.csv", sha256=sha(given / "part" / "a.csv"), production="trac_2017_table1"),),
    )
    assert addition.documents == (
        ("corrections.toml", given / "corrections.toml"),
        ("letter.pdf", given / "letter.pdf"),
    )


def test_published_file_is_recognised_by_its_bytes_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = known_files()["12c4f50a64a282d07974a368b88b37f4aac24c925ab8b2a0dba6e89a9060fb48"]
    monkeypatch.setattr("sc_pipeline.add.findings.known_files", lambda: {sha(TABLE_1): published})
    addition = plan_addition([TABLE_1], tmp_path / "raw", stated=Manifest(received=date(2025, 8, 20), title="My copy"))
    assert addition.release_id == "2025-icli-00019"
    assert addition.files[0].known == published
    assert addition.manifest == Manifest(
        title="My copy",
        publisher="Deportation Data Project",
        agency="ICE",
        foia_request="2024-ICFO-39357",
        received=date(2025, 8, 20),
        population="ice",
        files=(ManifestFile(name=TABLE_1.name, sha256=sha(TABLE_1), production="trac_2017_table1"),),
    )


def test_existing_release_is_kept_unless_replace_is_said(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    added(TABLE_1, raw=raw, release_id="trac")
    before = tree(raw)
    with pytest.raises(UserError) as raised:
        plan_addition([TABLE_2], raw, release_id="TRAC")
    assert str(raised.value) == (
        "TRAC: this release is in raw/ already; name another with --release, or exchange its files with --replace"
    )
    assert tree(raw) == before


def test_replace_exchanges_the_files_keeps_letters_and_statements_and_lands_anew(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    added(TABLE_1, raw=raw, release_id="trac", stated=Manifest(title="Tables", publisher="TRAC"))
    (raw / "trac" / "letter.pdf").write_text("Dear requester")
    landed = {file.name: file.sha256 for file in load_release("trac", raw / "trac", FileHashes(raw)).files}

    addition = plan_addition([TABLE_2], raw, release_id="trac", replace=True, stated=Manifest(title="Table 2"))
    assert (addition.replaces, addition.removed) == (raw / "trac", (TABLE_1.name,))
    apply(addition)
    assert tree(raw) == {
        "trac/letter.pdf": b"Dear requester",
        "trac/release.toml": addition.manifest_text.encode(),
        f"trac/{TABLE_2.name}": TABLE_2.read_bytes(),
    }
    release = load_release("trac", raw / "trac", FileHashes(raw))
    assert (release.title, release.publisher) == ("Table 2", "TRAC")
    assert changes_since(release, landed) is None


def test_replace_accepts_a_folder_as_it_is_now(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    added(TABLE_1, raw=raw, release_id="july", stated=Manifest(title="July"))
    landed = {file.name: file.sha256 for file in load_release("july", raw / "july", FileHashes(raw)).files}
    shortened(TABLE_2, raw / "july" / "b.csv", 4)
    shortened(TABLE_1, raw / "july" / TABLE_1.name, 4)
    now = {name: content for name, content in tree(raw).items() if not name.endswith(".toml")}

    apply(plan_addition([raw / "july"], raw, replace=True))
    assert {name: content for name, content in tree(raw).items() if not name.endswith(".toml")} == now
    release = load_release("july", raw / "july", FileHashes(raw))
    assert (release.title, [file.name for file in release.files]) == ("July", ["b.csv", TABLE_1.name])
    assert changes_since(release, landed) is None


def test_accepting_one_changed_file_keeps_the_others(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    added(TABLE_1, TABLE_2, raw=raw, release_id="trac")
    shortened(TABLE_1, raw / "trac" / TABLE_1.name, 4)
    addition = added(raw / "trac" / TABLE_1.name, raw=raw, replace=True)
    assert addition.removed == ()
    assert sorted(tree(raw)) == ["trac/release.toml", f"trac/{TABLE_1.name}", f"trac/{TABLE_2.name}"]


def test_replace_turns_a_single_file_into_a_folder(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    table = shortened(TABLE_1, raw / "july.csv", 4)
    content = table.read_bytes()
    added(table, raw=raw, replace=True)
    assert sorted(tree(raw)) == ["july/july.csv", "july/release.toml"]
    assert (raw / "july" / "july.csv").read_bytes() == content


def test_replace_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^trac: raw/ has no such release to replace"):
        plan_addition([TABLE_1], tmp_path / "raw", release_id="trac", replace=True)


def test_files_that_one_release_holds_already_are_refused_and_some_of_them_are_not(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    added(TABLE_1, raw=raw, release_id="trac")
    copy = shutil.copy(TABLE_1, tmp_path / "other name.csv")
    with pytest.raises(UserError) as raised:
        plan_addition([Path(copy)], raw)
    assert str(raised.value) == "other name.csv: all these files are in trac already, byte for byte"
    assert plan_addition([TABLE_1, TABLE_2], raw, release_id="again").problem is None


@pytest.mark.parametrize(
    ("files", "release_id", "message"),
    [
        (["gone.csv"], None, "gone.csv: no such file; check the path"),
        (["letter.pdf"], None, f"none of these files may hold a table; add {KINDS}"),
        (["~$a.xlsx"], None, "~$a.xlsx: a hidden or temporary file; leave it out, or rename it if it is data"),
        (["a.csv"], "../x", '"../x" cannot name a release; give --release with letters, digits, "-", "_" and "."'),
        (["a.csv"], ".x", '".x" cannot name a release; give --release with letters, digits, "-", "_" and "."'),
        (["a.csv", "sub/a.csv"], None, "a.csv: given twice, as a.csv and sub/a.csv; a release holds each name once"),
    ],
)
def test_wrong_use_is_one_line_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], release_id: str | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for rows, name in enumerate(["notes.xyz", "letter.pdf", "~$a.xlsx", "a.csv", "sub/a.csv"]):
        shortened(TABLE_1, tmp_path / name, rows)
    with pytest.raises(UsageError) as raised:
        plan_addition([Path(name) for name in files], tmp_path / "raw", release_id=release_id)
    assert str(raised.value) == message


def test_file_that_changes_between_plan_and_copy_leaves_raw_as_it_was(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    added(TABLE_1, raw=raw, release_id="trac")
    before = tree(raw)
    table = shortened(TABLE_2, tmp_path / "b.csv", 4)
    addition = plan_addition([table], raw, release_id="trac", replace=True)
    shortened(TABLE_2, table, 5)
    with pytest.raises(FileProblem, match="changed while it was copied"):
        apply(addition)
    assert tree(raw) == before
    assert list(find_releases(raw)) == ["trac"]


def test_exchange_killed_in_the_middle_is_undone_or_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = tmp_path / "raw"
    added(TABLE_1, raw=raw, release_id="trac")
    before = tree(raw)
    addition = plan_addition([TABLE_2], raw, release_id="trac", replace=True)
    (raw / "trac").rename(raw / ".trac.sc-pipeline-old")  # killed before the new folder took its place
    assert plan_addition([TABLE_2], raw, release_id="other").release_id == "other"
    assert tree(raw) == before

    with monkeypatch.context() as patch:
        patch.setattr(add, "_mend", lambda raw: None)  # killed before the old folder was removed
        apply(addition)
    assert (raw / ".trac.sc-pipeline-old").is_dir()
    plan_addition([TABLE_1], raw, release_id="other")
    assert sorted(tree(raw)) == ["trac/release.toml", f"trac/{TABLE_2.name}"]


def removals(path: Path, header: str = "Departed Date,App State,Final Charge Section") -> Path:
    """Removals from 3 March to 12 May 2025."""
    path.write_text(f"{header}\n03/03/2025,TX,237\n05/12/2025,AZ,237\n")
    return path


def test_what_the_files_tell_is_written_down_and_what_is_likely_is_asked(tmp_path: Path) -> None:
    addition = added(removals(tmp_path / "a.csv"), raw=tmp_path / "raw")
    assert (addition.manifest.population, addition.manifest.covers) == (
        "ice",
        (date(2025, 3, 3), date(2025, 4, 12)),  # the last 30 days undercount
    )
    text = (tmp_path / "raw" / "a" / "release.toml").read_text()
    assert '# a.csv: is it so? Then write under its [[files]]: columns = { "App State" = "state" }' in text.splitlines()


def test_row_that_a_build_would_not_count_tells_nothing_of_what_is_covered(tmp_path: Path) -> None:
    file = removals(tmp_path / "a.csv")
    file.write_text(file.read_text() + "01/02/2031,TX,237\n,TX,237\n05/12/2025,TX,237,and more\n")
    addition = plan_addition([file], tmp_path / "raw", stated=Manifest(received=date(2025, 7, 15)))
    assert addition.manifest.covers == (date(2025, 3, 3), date(2025, 4, 12))
    assert findings(addition.files)[2:6] == [
        "    a build would count 2 of its 5 rows",
        "    1 quarantined: row: has 4 cells, the header 3 (first: row 6)",
        "    1 quarantined: departed_date: later than 2025-08-15, by `received` in release.toml (first: row 4)",
        "    1 quarantined: departed_date: missing (first: row 5)",
    ]


def test_what_the_cells_cannot_tell_is_asked_before_anything_is_copied(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    rows = [f"{day},TX,237" for day in ("13/01/2025", "01/25/2025", "02/03/2025", "04/03/2025")]
    file.write_text("\n".join(["Departed Date,Apprehension State,Final Charge Section", *rows]) + "\n")
    addition = plan_addition([file], tmp_path / "raw")
    assert addition.problem is not None and "date_order" in addition.problem
    assert [table.sheet.kind for table in addition.files[0].tables] == ["removals"]


def test_printed_tables_are_compared_with_what_is_published(shipped: Project, tmp_path: Path) -> None:
    newer = tmp_path / "newer.csv"
    newer.write_text("Month,ICE Removals\n2016-01,20000\n2016-02,18000\n2030-01,5\n")
    addition = plan_addition([newer], shipped.raw, stated=Manifest(received=date(2030, 2, 1)))
    assert against_published(shipped, addition) == [
        "ice: overlaps trac-2017-11 in 2 months, 2016-01 to 2016-02: 38,000 removals as printed here, 34,655 there; "
        "2 of 2 months differ, most: 2016-01 17,289 -> 20,000, 2016-02 17,366 -> 18,000",
        "ice: would serve 2 months, 2016-01 to 2016-02 (received later)",
        "ice: would serve 2030-01 (only release with this month)",
    ]


def test_replace_keeps_a_persons_comments(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    added(removals(tmp_path / "a.csv"), raw=raw, release_id="july")
    manifest = raw / "july" / "release.toml"
    manifest.write_text("# by mail, on a stick\n" + manifest.read_text())
    removals(tmp_path / "a.csv", "Departed Date,State,Final Charge Section")
    added(tmp_path / "a.csv", raw=raw, release_id="july", replace=True, stated=Manifest(agency="ICE"))
    assert manifest.read_text().startswith("# by mail, on a stick\n")
    assert (read_manifest(manifest).agency, read_manifest(manifest).files[0].sha256) == ("ICE", sha(tmp_path / "a.csv"))


def test_file_that_no_kind_fits_says_so_and_is_not_added(tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("Apples,Pears,Plums\n1,2,3\n")
    addition = plan_addition([odd], tmp_path / "raw")
    assert addition.problem == (
        "no table of these files can be taken in; docs/adding-a-production.md says how to add one nobody knows"
    )
    assert plan_addition([TABLE_1, odd], tmp_path / "raw").problem is None


def test_real_detainer_extract_is_recognized_as_detainers(tmp_path: Path) -> None:
    addition = plan_addition([NPR], tmp_path / "raw")
    tables = [table.sheet for file in addition.files for table in file.tables]
    assert (addition.problem, addition.release_id) == (None, "npr-2016-detainers")
    assert {(sheet.kind, sheet.production) for sheet in tables} == {("detainers", "npr_detainers_2016")}
    assert sum(sheet.rows for sheet in tables) == 2539


MARCH_2026 = [
    "Departed Date",
    "Port of Departure",
    "Departure Country",
    "Case AOR",
    "State",
    "County",
    "Case Status",
    "Gender",
    "Birth Country",
    "Citizenship Country",
    "Birth Year",
    "Known Terrorist Yes No",
    "Suspected Gang Yes No",
    "Latest Arresting Agency",
    "TOA Case Category",
    "Prior Deport Yes No",
    "Anonymized Identifier",
]


def march(path: Path, first: date, days: int, a_day: int = 1) -> Path:
    """Removals in the columns of the production of March 2026, so many a day."""
    rows = [
        ",".join([str(first + timedelta(days=n)), *[""] * 15, f"{path.stem}{n}{k}"])
        for n in range(days)
        for k in range(a_day)
    ]
    path.write_text("\n".join([",".join(MARCH_2026), *rows]) + "\n")
    return path


def test_known_production_fills_the_manifest_with_what_is_known_of_it(tmp_path: Path) -> None:
    addition = added(march(tmp_path / "fy25.csv", date(2025, 1, 1), 90), raw=tmp_path / "raw", release_id="march")
    written = read_manifest(tmp_path / "raw" / "march" / "release.toml")
    assert written == addition.manifest
    assert (written.title, written.agency, written.population) == (
        "ICE removals FY2023-FY2026, March 2026 production (2026-ICLI-00005)",
        "ICE",
        "ice",
    )
    assert written.scope_note == "Leaves out people processed at the border and never held by ICE."
    assert written.serves == (Serves(first=date(2022, 10, 1), last=date(2026, 1, 1), kind="removals"),)
    assert written.covers == (date(2025, 1, 1), date(2025, 3, 1))
    assert written.files[0].production == "ice_removals_2026_03"
    assert stated(written, addition.files) == [
        "covers 2025-01-01 to 2025-03-01: the last 30 days undercount; say otherwise with --covers or in release.toml",
        "scope_note, shown beside every figure: Leaves out people processed at the border and never held by ICE.",
        "serves removals from 2022-10 to 2026-01: reserved for this release",
        "to fill in in release.toml: publisher, received",
    ]


def test_production_is_not_named_for_a_file_that_holds_another_kind_too(tmp_path: Path) -> None:
    removals_sheet = march(tmp_path / "removals.csv", date(2025, 1, 1), 40)
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(removals_sheet, "removals.csv")
        packed.writestr("arrests.csv", "Apprehension Date,Apprehension Method,Arrest Method\n2025-01-01,x,y\n")
    assert plan_addition([archive], tmp_path / "raw").manifest.files[0].production is None


def test_addition_is_compared_with_what_is_published(tmp_path: Path) -> None:
    project = Project(tmp_path / "raw", tmp_path / "warehouse")
    new = march(tmp_path / "new.csv", date(2025, 1, 1), 90, a_day=2)
    added(
        march(tmp_path / "old.csv", date(2025, 2, 1), 59),
        raw=project.raw,
        release_id="old",
        stated=Manifest(title="Old", agency="ICE", received=date(2025, 5, 1)),
    )
    assert against_published(project, plan_addition([new], project.raw)) == ["nothing is published yet to compare with"]
    assert build_without_dagster(project) == []
    stated_later = Manifest(received=date(2025, 6, 1), covers=(date(2025, 1, 1), date(2025, 3, 31)))
    assert against_published(project, plan_addition([new], project.raw, stated=stated_later)) == [
        "ice: overlaps old in 2 months, 2025-02 to 2025-03: 118 rows here, 59 there; 2 of 2 months differ, most: "
        "2025-02 28 -> 56, 2025-03 31 -> 62",
        "ice: would serve 2025-01 (only release with this month)",
        "ice: would serve 2025-02 (received later)",
        "ice: would serve 2025-03 (covers the whole month)",
    ]


def test_shape_nobody_knows_gets_a_vocabulary_to_start_from_that_works_once_saved(tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("Batch,Date Deported,Nation of Citizenship,Sex,Route\n" + "1,2025-03-03,MEXICO,M,Air\n" * 5)
    addition = plan_addition([odd], tmp_path / "raw")
    assert addition.problem is not None
    (starter,) = starters(addition.files, load_words(tmp_path))
    assert starter.splitlines() == [
        "# A start for vocabulary/removals.toml beside raw/, from odd.csv: correct and save it there.",
        "# docs/adding-a-production.md explains it; the fields are the columns of the tables in docs/dictionary.md.",
        'own = ["Batch"]  # one column that only removals have',
        'known = ["Sex", "Route"]  # columns that feed no field',
        "",
        "[fields]",
        'departed_date = ["Date Deported"]  # is it so?',
        'citizenship_country = ["Nation of Citizenship"]  # is it so?',
    ]
    (tmp_path / "vocabulary").mkdir()
    (tmp_path / "vocabulary" / "removals.toml").write_text(starter)
    again = plan_addition([odd], tmp_path / "raw")
    assert (again.problem, [table.sheet.kind for table in again.files[0].tables]) == (None, ["removals"])
