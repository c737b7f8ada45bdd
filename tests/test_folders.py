import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.raw.folders import fingerprint, is_settled, is_temporary, stem
from tests.builders import write_files


@given(
    st.from_regex(r"[a-z][a-z0-9 -]{0,8}", fullmatch=True), st.sampled_from([".csv", ".xlsx", ".txt.gz", ".csv.zip"])
)
def test_stem_takes_the_endings_away(name: str, endings: str) -> None:
    assert stem(name + endings) == name
    assert stem(name + endings.upper()) == name


def test_fingerprint_sees_every_change_and_no_temporary_file(tmp_path: Path) -> None:
    july = write_files(tmp_path, july__a_csv="1", july__sub__b_csv="2") / "july"
    seen = [fingerprint(july)]
    write_files(tmp_path, july__x_tmp="half")
    (july / ".b.csv.Xy12").write_text("half")
    assert fingerprint(july) == seen[0]
    os.utime(july / "a.csv", ns=(0, 1))
    seen.append(fingerprint(july))
    write_files(tmp_path, july__sub__b_csv="longer")
    seen.append(fingerprint(july))
    write_files(tmp_path, july__release_toml="")
    seen.append(fingerprint(july))
    (july / "a.csv").unlink()
    seen.append(fingerprint(july))
    assert len(set(seen)) == 5
    assert fingerprint(tmp_path / "gone") != fingerprint(july)


def test_release_settles_once_nothing_was_written_for_a_while(tmp_path: Path) -> None:
    july = write_files(tmp_path, july__a_csv="1") / "july"
    now = time.time()
    assert not is_settled(july, now)
    assert not is_settled(july, now + 4)
    assert is_settled(july, now + 60)
    assert is_settled(july, now + 2, still_for=0.5)
    os.utime(july / "a.csv", (now - 9000, now - 9000))  # a copy that keeps the old time is still a new file
    assert not is_settled(july, now + 1)
    os.utime(july / "a.csv", (now + 9e6, now + 9e6))  # a clock that runs ahead does not block for ever
    assert is_settled(july, now + 60)


def test_release_waits_for_every_named_file_and_for_downloads(tmp_path: Path) -> None:
    july, later = (
        write_files(tmp_path, july__a_csv="1", july__release_toml='[[files]]\nname = "b.csv"') / "july",
        time.time() + 60,
    )
    assert not is_settled(july, later)
    write_files(tmp_path, july__b_csv="2", july__c_part="half")
    assert not is_settled(july, later)
    (july / "c.part").unlink()
    (july / ".DS_Store").write_text("")
    (july / "~$a.xlsx").write_text("")
    assert is_settled(july, later)
    write_files(tmp_path, july__release_toml="broken")
    assert is_settled(july, later)
    (tmp_path / "empty").mkdir()
    assert not is_settled(tmp_path / "empty", later)
    assert not is_settled(tmp_path / "gone", later)


def test_single_file_waits_for_the_download_beside_it(tmp_path: Path) -> None:
    write_files(tmp_path, july_csv="")
    (tmp_path / "july.csv.part").write_text("half")
    assert not is_settled(tmp_path / "july.csv", time.time() + 60)
    (tmp_path / "july.csv.part").unlink()
    assert is_settled(tmp_path / "july.csv", time.time() + 60)


@pytest.mark.parametrize("name", [".x", "~$x.xlsx", "x.csv.part", "X.TMP", "x.crdownload", "Thumbs.db", "__MACOSX"])
def test_temporary_names_are_known(name: str) -> None:
    assert is_temporary(name)


@pytest.mark.parametrize("name", ["x.csv", "part.csv", "tmp", "x.part.csv", "release.toml"])
def test_ordinary_names_are_not_temporary(name: str) -> None:
    assert not is_temporary(name)
