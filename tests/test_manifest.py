import json
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc_pipeline.errors import ManifestProblem
from sc_pipeline.raw import manifest as manifests_module
from sc_pipeline.raw.manifest import SCHEMA_NAME, Manifest, ManifestFile, Serves, Withheld, read_manifest
from sc_pipeline.raw.manifest_text import manifest_text

DIGEST = "ab" * 32
FULL = f"""\
title = "ICE removals, production 2025-ICLI-00019"
publisher = "Deportation Data Project"
agency = "ICE"
foia_request = "2024-ICFO-39357"
received = 2025-07-15
population = "ice"
covers = [2023-09-01, 2025-06-10]
synthetic = false
source_url = "https://example.org/removals"
caution = "counts people twice"
scope_note = "no Title 42"
withdrawn = "the publisher disowned it"
[[files]]
name = "removals.xlsx"
sha256 = "{DIGEST}"
sheets = ["Removals"]
leave_out = ["Summary"]
kind = "removals"
production = "ice_removals_2025_07"
columns = {{ "App State" = "state" }}
date_order = "day first"
[[withheld]]
fields = ["detainer_prepare_date"]
from = "2016-01"
reason = "no longer released"
citation = "footnote 2"
[[serves]]
from = "2008-11"
to = "2017-07"
"""


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "july" / "release.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def problem(folder: Path, text: str | bytes) -> str:
    with pytest.raises(ManifestProblem) as raised:
        read_manifest(write(folder, text), ("detainer_prepare_date", "msc_code"))
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith("july/release.toml: ")
    return message.removeprefix("july/release.toml: ")


def test_every_key_is_read(tmp_path: Path) -> None:
    assert read_manifest(write(tmp_path, FULL), ("detainer_prepare_date",)) == Manifest(
        title="ICE removals, production 2025-ICLI-00019",
        publisher="Deportation Data Project",
        agency="ICE",
        foia_request="2024-ICFO-39357",
        received=date(2025, 7, 15),
        population="ice",
        covers=(date(2023, 9, 1), date(2025, 6, 10)),
        synthetic=False,
        source_url="https://example.org/removals",
        caution="counts people twice",
        scope_note="no Title 42",
        withdrawn="the publisher disowned it",
        files=(
            ManifestFile(
                name="removals.xlsx",
                sha256=DIGEST,
                sheets=("Removals",),
                leave_out=("Summary",),
                kind="removals",
                production="ice_removals_2025_07",
                columns={"App State": "state"},
                date_order="day first",
            ),
        ),
        withheld=(
            Withheld(
                fields=("detainer_prepare_date",),
                first=date(2016, 1, 1),
                reason="no longer released",
                citation="footnote 2",
            ),
        ),
        serves=(Serves(first=date(2008, 11, 1), last=date(2017, 7, 1)),),
    )


def test_empty_manifest_states_nothing(tmp_path: Path) -> None:
    assert read_manifest(write(tmp_path, "")) == Manifest()


def test_windows_line_ends_and_byte_order_mark_are_taken(tmp_path: Path) -> None:
    assert read_manifest(write(tmp_path, b'\xef\xbb\xbftitle = "July"\r\nagency = "ICE"\r\n')) == Manifest(
        title="July", agency="ICE"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('recieved = "x"', 'unknown key "recieved"; did you mean "received"?'),
        (
            "zzz = 1",
            'unknown key "zzz"; known are: title, publisher, agency, foia_request, received, population, covers, '
            "synthetic, source_url, caution, scope_note, withdrawn, files, withheld, serves",
        ),
        (
            'received = "2025-07-15"',
            "received: must be a date without quotes, e.g. 2025-07-15; found '2025-07-15'",
        ),
        (
            "received = 2025-07-15T00:00:00",
            "received: must be a date without quotes, e.g. 2025-07-15; found 2025-07-15 00:00:00",
        ),
        ("received = 2205-07-15", "received: 2205-07-15 is outside 1990-01-01 to 2100-01-01; correct the year"),
        (
            'population = "all"',
            'population: unknown population \'all\'; write "ice" (all ICE removals) or "sc" '
            "(removals under Secure Communities)",
        ),
        (
            "foia_request = 39357",
            'foia_request: must be a text in quotes; found 39357; write "…" or leave the key out',
        ),
        ('title = " "', 'title: is empty; write "…" or leave the key out'),
        ('synthetic = "no"', "synthetic: must be true or false, without quotes; found 'no'"),
        (
            "covers = [2025-01-01]",
            "covers: must be the first and the last day, e.g. [2023-09-01, 2025-06-10]",
        ),
        (
            "covers = [2025-01-01, 2024-01-01]",
            "covers: the last day 2024-01-01 is before the first, 2025-01-01; swap or correct them",
        ),
        (
            'files = ["a.csv"]',
            "files: must be written as [[files]], with name, sha256, sheets, leave_out, kind, production, columns, "
            "date_order below it",
        ),
        (
            '[files]\nname = "a.csv"',
            "files: must be written as [[files]], with name, sha256, sheets, leave_out, kind, production, columns, "
            "date_order below it",
        ),
        ('[[files]]\nsha256 = "x"', "files: an entry lacks `name`; add it"),
        (
            '[[files]]\nname = "a.csv"\nsha256 = "abc"',
            "files: sha256: is not 64 hexadecimal digits; leave it out or correct it",
        ),
        (
            '[[files]]\nname = "../a.csv"',
            'files: name: "../a.csv" is not in the release\'s folder; give its name there',
        ),
        (
            '[[files]]\nname = "/etc/a.csv"',
            'files: name: "/etc/a.csv" is not in the release\'s folder; give its name there',
        ),
        (
            '[[files]]\nname = "a.csv"\n[[files]]\nname = "a.csv"',
            'files: "a.csv" is named twice; keep one entry',
        ),
        ('[[files]]\nnam = "a.csv"', 'files: unknown key "nam"; did you mean "name"?'),
        ('[[serves]]\nto = "2016-01"', "serves: an entry lacks `from`; add it"),
        (
            '[[serves]]\nfrom = "2016-13"',
            "serves: from: must be a month in quotes, e.g. \"2016-01\"; found '2016-13'",
        ),
        (
            "[[serves]]\nfrom = 2016-01-02",
            'serves: from: must be a month in quotes, e.g. "2016-01"; found 2016-01-02',
        ),
        (
            '[[serves]]\nfrom = "2016-02"\nto = "2016-01"',
            "serves: to = 2016-01 is before from = 2016-02; swap or correct them",
        ),
        (
            '[[withheld]]\nfrom = "2016-01"',
            "withheld: an entry lacks `fields`; add it",
        ),
        (
            '[[withheld]]\nfields = ["detainer_prepared_date"]\nfrom = "2016-01"',
            'withheld: fields: unknown field "detainer_prepared_date"; did you mean "detainer_prepare_date"?',
        ),
        (b'title = "\xe9"', "not UTF-8 text; save it as UTF-8"),
    ],
)
def test_wrong_statement_is_one_line_that_says_what_to_do(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert problem(tmp_path, text) == message


@pytest.mark.parametrize(
    "text", ["received = 2025-02-30", 'title = "open', "from = 2016-01", 'title = "a"\ntitle = "b"']
)
def test_broken_toml_names_the_line_and_how_values_are_written(tmp_path: Path, text: str) -> None:
    message = problem(tmp_path, text)
    assert message.startswith("not valid TOML: ")
    assert message.endswith('; texts and months need quotes ("2016-01"), dates do not (2016-01-31)')


texts = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1).map(str.strip).filter(bool)
names = st.from_regex(r"[A-Za-z0-9_ -]{1,12}(/[A-Za-z0-9_]{1,5})?\.(csv|xlsx) ?", fullmatch=True)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
months = days.map(lambda day: day.replace(day=1))
windows = st.tuples(months, months).map(sorted)
spans = st.tuples(days, days).map(lambda pair: (min(pair), max(pair)))
manifests = st.builds(
    Manifest,
    title=st.none() | texts,
    publisher=st.none() | texts,
    agency=st.none() | texts,
    foia_request=st.none() | texts,
    received=st.none() | days,
    population=st.sampled_from([None, "ice", "sc"]),
    covers=st.none() | spans,
    synthetic=st.booleans(),
    source_url=st.none() | texts,
    withdrawn=st.none() | texts,
    files=st.lists(
        st.builds(
            ManifestFile,
            name=names,
            sha256=st.none() | st.just(DIGEST),
            production=st.none() | texts,
            columns=st.dictionaries(texts, texts, max_size=2),
        ),
        unique_by=lambda file: file.name,
    ).map(tuple),
    withheld=st.lists(
        st.builds(
            lambda fields, window, is_open: Withheld(
                fields=fields, first=window[0], last=None if is_open else window[1]
            ),
            st.lists(texts, min_size=1).map(tuple),
            windows,
            st.booleans(),
        )
    ).map(tuple),
    serves=st.lists(st.builds(lambda window: Serves(first=window[0], last=window[1]), windows)).map(tuple),
)


@given(manifests)
def test_manifest_that_was_written_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, manifest: Manifest
) -> None:
    path = write(tmp_path_factory.getbasetemp(), manifest_text(manifest))
    assert read_manifest(path) == manifest


@given(st.text(alphabet='[]="\n titlerceivdsn0123456789-.{}', max_size=60))
def test_any_text_is_a_manifest_or_one_line_of_reproach(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = write(tmp_path_factory.getbasetemp(), text)
    try:
        read_manifest(path)
    except ManifestProblem as reproach:
        assert len(str(reproach).splitlines()) == 1


def test_written_manifest_shows_what_is_left_to_fill_in() -> None:
    text = manifest_text(Manifest(title="July", files=(ManifestFile(name="a.csv", sha256=DIGEST),)))
    assert [line for line in text.splitlines() if line and not line.startswith("#")] == [
        'title = "July"',
        "synthetic = false",
        "[[files]]",
        'name = "a.csv"',
        f'sha256 = "{DIGEST}"',
    ]
    for key in ("publisher", "agency", "received"):
        assert any(line.startswith(f"# {key} = ") and "fill in" in line for line in text.splitlines())


def test_what_a_person_wrote_stays_where_it_was() -> None:
    old = """\
# came by mail on a stick
title = "July"  # as the letter says
[[files]]
name = "a.csv"  # the good one
columns = { "App State" = "state" }
[[files]]
name = "b.csv"
[[withheld]]
fields = ["msc_code"]
from = "2016-01"  # see the letter
"""
    before = Manifest.model_validate(tomllib.loads(old))
    now = before.model_copy(update={"agency": "ICE", "files": (before.files[0].model_copy(update={"sha256": DIGEST}),)})
    text = manifest_text(now, old)
    assert Manifest.model_validate(tomllib.loads(text)) == now
    for comment in ("# came by mail on a stick", "# as the letter says", "# the good one", "# see the letter"):
        assert comment in text


def test_manifest_nested_too_deep_is_one_line(tmp_path: Path) -> None:
    assert problem(tmp_path, "title = " + "[" * 9000) == (
        "not valid TOML: its brackets are nested too deep; write it again"
    )


def test_schema_for_editors_is_that_of_the_code() -> None:
    shipped = Path(manifests_module.__file__).with_name(SCHEMA_NAME)
    assert json.loads(shipped.read_text()) == Manifest.model_json_schema(by_alias=True)
