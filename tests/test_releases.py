import hashlib
from datetime import date
from pathlib import Path

import pytest

from sc_pipeline.errors import ManifestProblem
from sc_pipeline.raw.hashes import FileHashes
from sc_pipeline.raw.known_files import known_files
from sc_pipeline.raw.manifest import Serves, Withheld
from sc_pipeline.raw.release import (
    Release,
    SourceFile,
    changes_since,
    check_unique_bytes,
    find_releases,
    load_release,
    misnamed,
)
from tests.builders import write_files

KINDS = "xlsx, xlsm, xlsb, xls, ods, csv, tsv, txt, Parquet or Feather, also in zip or gz"
SHIPPED = Path(__file__).parent.parent / "raw"


def load(raw: Path, release_id: str) -> Release:
    return load_release(release_id, find_releases(raw)[release_id], FileHashes(raw))


def problem(raw: Path, release_id: str) -> str:
    with pytest.raises(ManifestProblem) as raised:
        load(raw, release_id)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_shipped_release_says_where_it_comes_from() -> None:
    release = load(SHIPPED, "trac-2017-11")
    assert (release.title, release.publisher, release.agency, release.received, release.synthetic) == (
        "Secure Communities, Sanctuary Cities and the Role of ICE Detainers, Tables 1 and 2",
        "TRAC, Syracuse University",
        "ICE",
        date(2017, 11, 30),
        False,
    )
    assert [file.name for file in release.files] == ["table1_convictions.csv", "table2_removals_by_source.csv"]
    assert (release.inferred, release.unnamed, release.population) == ((), (), None)
    ((fields, first, last),) = [(each.fields, each.first, each.last) for each in release.withheld]
    assert (fields, first, last) == (("detainer_prepare_date",), date(2016, 1, 1), None)


def test_folders_and_single_files_are_releases_sorted_by_id(tmp_path: Path) -> None:
    write_files(tmp_path, zulu__a_csv="1", alpha__b_csv="2", README_md="how to", mike_csv="3", march__release_toml="")
    for name in ("nov.csv.gz", "v1.2 data.xlsx", ".hidden.csv", "~$lock.xlsx", "x.csv.part", "y.tmp", "z.crdownload"):
        (tmp_path / name).write_text("x")
    (tmp_path / ".cache").mkdir()
    found = find_releases(tmp_path)
    assert {release_id: path.name for release_id, path in found.items()} == {
        "alpha": "alpha",
        "march": "march",
        "mike": "mike.csv",
        "nov": "nov.csv.gz",
        "v1.2 data": "v1.2 data.xlsx",
        "zulu": "zulu",
    }
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("first", "second", "release_id"), [("x.csv", "x", "x"), ("x.csv", "x.xlsx", "x"), ("X", "x.csv.gz", "x")]
)
def test_two_entries_with_one_id_are_refused_by_name(tmp_path: Path, first: str, second: str, release_id: str) -> None:
    for name in (first, second):
        (tmp_path / name).write_text("x") if "." in name else (tmp_path / name).mkdir()
    write_files(tmp_path, good__a_csv="1")
    one, two = sorted((first, second))
    line = f"{one} and {two} give one release id, {release_id}; rename one of them"
    assert list(find_releases(tmp_path)) == ["good"]
    assert {name: problem.casefold() for name, problem in misnamed(tmp_path).items()} == {
        one: line.casefold(),
        two: line.casefold(),
    }


def test_files_that_are_no_table_are_no_release_and_broken_names_are_their_own_trouble(tmp_path: Path) -> None:
    for name in ("README.txt", "readme", "LICENSE", "SHA256SUMS", "notes.pdf", "datapackage.json", "july.csv"):
        (tmp_path / name).write_text("x")
    for name in ("*", "two\nlines"):
        (tmp_path / name).mkdir()
    assert list(find_releases(tmp_path)) == ["*", "july"]
    assert misnamed(tmp_path) == {
        "two\nlines": "'two\\nlines': cannot name a release; rename it without \"...\" and line ends"
    }


def test_missing_raw_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ManifestProblem, match="no such folder; create it"):
        find_releases(tmp_path / "raw")


def test_release_without_manifest_is_taken_and_lists_what_to_fill_in(tmp_path: Path) -> None:
    write_files(tmp_path, july__b_csv="22", july__a_csv="1", july__letter_pdf="Dear requester")
    assert load(tmp_path, "july") == Release(
        id="july",
        title="july",
        publisher=None,
        agency=None,
        foia_request=None,
        received=None,
        population=None,
        covers=None,
        synthetic=False,
        source_url=None,
        files=(
            SourceFile("a.csv", tmp_path / "july" / "a.csv", sha("1"), 1),
            SourceFile("b.csv", tmp_path / "july" / "b.csv", sha("22"), 2),
        ),
        withheld=(),
        serves=(),
        withdrawn=None,
        inferred=("title", "publisher", "agency", "received"),
        sha256=sha(f"{sha('1')}  a.csv\n{sha('22')}  b.csv\n"),
        settings_sha256=sha("none\nnone\n"),
        folder=tmp_path / "july",
        beside=(SourceFile("letter.pdf", tmp_path / "july" / "letter.pdf", sha("Dear requester"), 14),),
    )


def test_manifest_names_the_files_overrules_the_layout_and_declares_windows(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        july__a_csv="1",
        july__whole_zip="2",
        july__release_toml=f'title = "July"\n[[files]]\nname = "a.csv"\nsha256 = "{sha("1").upper()}"\n'
        'production = "npr"\n'
        '[[withheld]]\nfields = ["detainers.msc_code"]\nfrom = "2016-01"\n'
        '[[serves]]\nfrom = "2008-11"\nto = "2009-01"\n',
    )
    release = load(tmp_path, "july")
    assert release.files == (SourceFile("a.csv", tmp_path / "july" / "a.csv", sha("1"), 1, production="npr"),)
    assert release.unnamed == ("whole.zip",)
    assert release.withheld == (Withheld(fields=("detainers.msc_code",), first=date(2016, 1, 1)),)
    assert release.serves == (Serves(first=date(2008, 11, 1), last=date(2009, 1, 1)),)
    assert release.inferred == ("publisher", "agency", "received")


def test_files_in_subfolders_belong_to_the_release(tmp_path: Path) -> None:
    write_files(tmp_path, july__part1__a_csv="1", july__part2__a_csv="2")
    assert [file.name for file in load(tmp_path, "july").files] == ["part1/a.csv", "part2/a.csv"]


def test_single_file_is_a_release_without_settings(tmp_path: Path) -> None:
    write_files(tmp_path, july_csv="1", corrections_toml="")
    release = load(tmp_path, "july")
    assert [file.name for file in release.files] == ["july.csv"]
    assert release.folder == tmp_path / "july"
    assert release.path == tmp_path / "july.csv"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"july__letter_pdf": "x"}, f"july: holds no data file; put {KINDS} there or remove the folder"),
        (
            {"july__a_csv": "1", "july__release_toml": '[[files]]\nname = "b.csv"'},
            "july/b.csv: named in release.toml but not there; put it back or take the entry out",
        ),
        (
            {"july__a_csv": "1", "july__release_toml": '[[files]]\nname = "A.CSV"'},
            'july/A.CSV: named in release.toml but not there; write "a.csv", as the folder does',
        ),
        (
            {"july__a_csv": "1", "july__release_toml": '[[files]]\nname = "release.toml"'},
            "july/release.toml: named in release.toml but no data file; take the entry out",
        ),
        (
            {"july__a_csv": "1", "july__release_toml": "recieved = 2025-07-15"},
            'july/release.toml: unknown key "recieved"; did you mean "received"?',
        ),
        (
            {"july__a_csv": "1", "july__release_toml": '[[withheld]]\nfields = ["msc_cod"]\nfrom = "2016-01"'},
            'july/release.toml: withheld: fields: unknown field "msc_cod"; did you mean "msc_code"?',
        ),
    ],
)
def test_release_that_cannot_be_taken_says_why_in_one_line(tmp_path: Path, files: dict[str, str], message: str) -> None:
    assert problem(write_files(tmp_path, **files), "july") == message


def test_wrong_digest_is_refused_with_both_digests(tmp_path: Path) -> None:
    write_files(tmp_path, july__a_csv="1", july__release_toml=f'[[files]]\nname = "a.csv"\nsha256 = "{sha("2")}"')
    assert problem(tmp_path, "july") == (
        f"july/a.csv: its sha256 is {sha('1')}, release.toml says {sha('2')}; "
        f'put it back as it was, or accept the change with: sc-pipeline add --replace "{tmp_path / "july"}"'
    )


def test_digest_follows_files_and_settings_follow_manifest(tmp_path: Path) -> None:
    write_files(tmp_path, july__a_csv="1")
    before = load(tmp_path, "july")
    write_files(tmp_path, july__release_toml='title = "July"', july__corrections_toml="")
    edited = load(tmp_path, "july")
    assert edited.sha256 == before.sha256
    assert edited.settings_sha256 != before.settings_sha256
    write_files(tmp_path, july__a_csv="2")
    assert load(tmp_path, "july").sha256 != before.sha256


def test_release_all_of_whose_files_are_in_another_is_refused_and_one_that_shares_some_is_not(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        early__a_csv="1",
        early__c_csv="3",
        early__release_toml="received = 2020-01-01",
        late__b_csv="1",
        late__release_toml="received = 2021-01-01",
        undated__d_csv="1",
        other__e_csv="3",
        other__f_csv="4",
    )
    releases = [load(tmp_path, release_id) for release_id in find_releases(tmp_path)]
    expected = {
        name: f"{name}: all its files are in early too, byte for byte; remove one of the two"
        for name in ("late", "undated")
    }
    for order in (releases, releases[::-1]):
        assert {release_id: str(found) for release_id, found in check_unique_bytes(order).items()} == expected


def files_of(release: Release) -> dict[str, str]:
    return {file.name: file.sha256 for file in release.files}


def test_a_landed_release_may_change_its_settings_but_not_its_files(tmp_path: Path) -> None:
    raw = write_files(tmp_path / "raw", july__a_csv="1", july__b_csv="2")
    landed = files_of(load(raw, "july"))
    assert landed == {"a.csv": sha("1"), "b.csv": sha("2")}
    write_files(raw, july__release_toml='title = "July"', july__corrections_toml="")
    assert changes_since(load(raw, "july"), landed) is None

    write_files(raw, july__a_csv="changed", july__c_csv="3")
    (raw / "july" / "b.csv").unlink()
    assert changes_since(load(raw, "july"), landed) == (
        "july: changed after it landed: a.csv changed, b.csv was removed, c.csv was added; put it back as it was, "
        f'or accept the change with: sc-pipeline add --replace "{raw / "july"}"'
    )


def test_a_change_whose_manifest_states_the_sha256_of_every_file_is_deliberate(tmp_path: Path) -> None:
    raw = write_files(tmp_path / "raw", july__a_csv="1")
    landed = files_of(load(raw, "july"))
    write_files(raw, july__a_csv="2", july__release_toml=f'[[files]]\nname = "a.csv"\nsha256 = "{sha("2")}"\n')
    assert changes_since(load(raw, "july"), landed) is None


def test_a_single_file_that_changed_is_named_by_its_own_path(tmp_path: Path) -> None:
    raw = write_files(tmp_path / "raw", july_csv="1")
    landed = files_of(load(raw, "july"))
    write_files(raw, july_csv="2")
    found = changes_since(load(raw, "july"), landed)
    assert found is not None and found.endswith(f'sc-pipeline add --replace "{raw / "july.csv"}"')


def test_known_file_without_manifest_is_described_by_what_is_public(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, x__a_csv="1")
    known = next(iter(known_files().values()))
    monkeypatch.setattr("sc_pipeline.raw.release.known_files", lambda: {sha("1"): known})
    release = load(tmp_path, "x")
    assert (release.title, release.publisher) == (known.release.title, known.release.publisher)
    assert release.inferred == ("title", "publisher", "agency", "received")
