"""A folder under raw/ -> the files in it that count, and whether their copy is complete; from names and stat alone."""

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePath

from sc_pipeline.errors import ManifestProblem
from sc_pipeline.limits import FILES
from sc_pipeline.raw.manifest import MANIFEST_NAME, Manifest, read_manifest

KINDS = "xlsx, xlsm, xlsb, xls, ods, csv, tsv, txt, Parquet or Feather, also in zip or gz"
# Letters and notes that come with a delivery: kept in its folder, never read.
DOCUMENT_ENDINGS = (
    ".toml",
    ".md",
    ".pdf",
    ".doc",
    ".docx",
    ".rtf",
    ".eml",
    ".msg",
    ".jpg",
    ".jpeg",
    ".png",
    ".tif",
    ".tiff",
    ".sha256",
)
# A file of its own in raw/ is a release where its name ends so; anything else there is none.
_DATA_ENDINGS = (
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".xls",
    ".ods",
    ".csv",
    ".tsv",
    ".txt",
    ".psv",
    ".pipe",
    ".parquet",
    ".feather",
    ".arrow",
    ".zip",
    ".gz",
)
_NOTES = ("readme", "license", "licence", "copying", "changelog", "contributing", "notice", "sha256sums", "md5sums")

_UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload", ".download")
_TEMPORARY = re.compile(rf"(?i)\.|~\$|.*({'|'.join(map(re.escape, _UNFINISHED))})$|(thumbs\.db|desktop\.ini|__macosx)$")


def stem(name: str) -> str:
    """A file name without its endings: `x` of x.csv.gz."""
    path = PurePath(name)
    if path.suffix.lower() in (".gz", ".zip") and PurePath(path.stem).suffix.lower() in _DATA_ENDINGS:
        path = PurePath(path.stem)
    return path.stem


def normal(name: str) -> str:
    """A name in one of the two ways Unicode has of writing an accent; operating systems differ in which they keep."""
    return unicodedata.normalize("NFC", name)


def is_data(name: str) -> bool:
    """Whether a file of its own in raw/ may be a release: by its name, a table and no read-me."""
    return name.lower().endswith(_DATA_ENDINGS) and not name.lower().startswith(_NOTES)


def is_document(name: str) -> bool:
    """Whether a name's ending is that of a letter or note, kept beside the data and not read."""
    return name.lower().endswith(DOCUMENT_ENDINGS)


def is_temporary(name: str) -> bool:
    """Whether a name is hidden, an editor's lock, a download not yet complete or an operating system's own."""
    return bool(_TEMPORARY.match(name))


def all_files(path: Path) -> dict[str, os.DirEntry[str]]:
    """Name within a folder (parts joined by /) -> entry, for every file below it, hidden and temporary ones included.

    Raises ManifestProblem where the folder cannot be read.
    """
    try:
        found = dict(sorted(_walk(path)))
    except OSError as error:
        raise ManifestProblem(f"{path.name}: cannot be read ({error.strerror}); check its permissions") from None
    FILES.hold(len(found), path.name)
    if broken := [name for name in found if not is_text(name)]:
        raise ManifestProblem(f"{path.name}/{broken[0]}: its name is not text in UTF-8; rename it")
    return found


def is_text(name: str) -> bool:
    """Whether a name can be written as UTF-8: a file system takes any bytes for one."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _walk(path: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(path) as found:
        for entry in found:
            # A linked folder could lead back to itself: it counts as a file, and is then refused by name.
            if not entry.is_dir(follow_symlinks=False):
                yield normal(entry.name), entry
            elif not is_temporary(entry.name):
                yield from ((f"{normal(entry.name)}/{name}", inner) for name, inner in _walk(Path(entry.path)))


def data_files(path: Path) -> dict[str, Path]:
    """Name within the release -> path, sorted, for the files that may hold data; a single file is its own release."""
    if not path.is_dir():
        return {normal(path.name): path}
    return {
        name: Path(entry.path)
        for name, entry in all_files(path).items()
        if not is_temporary(entry.name) and not is_document(name)
    }


def fingerprint(path: Path) -> str:
    """A short text that changes when a file of the release is added, removed, resized or rewritten."""
    digest = hashlib.sha256()
    for name, stat in _stats(path).items():
        if not is_temporary(PurePath(name).name):
            line = f"{name}\t{stat.st_size}\t{stat.st_mtime_ns}\n"
            digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()[:16]


def is_settled(path: Path, now: float, still_for: float = 5.0) -> bool:
    """Whether a release is complete: nothing written in the last seconds, no copy in progress, every named file there.

    `now` in seconds since the epoch. A manifest that cannot be read counts as complete: loading it will say why not.
    An empty folder is one still to be filled.
    """
    stats = _stats(path)
    if not stats or any(name.lower().endswith(_UNFINISHED) for name in stats):
        return False
    if not path.is_dir() and any(path.with_name(path.name + ending).exists() for ending in _UNFINISHED):
        return False
    # The last change of status is watched too: some programs set the old time of writing before they are done.
    # A time far in the future is another machine's clock, and says nothing.
    if any(abs(now - time) < still_for for stat in stats.values() for time in (stat.st_mtime, stat.st_ctime)):
        return False
    try:
        manifest = read_manifest(path / MANIFEST_NAME) if (path / MANIFEST_NAME).is_file() else Manifest()
    except ManifestProblem:
        return True
    return {normal(file.name) for file in manifest.files} <= stats.keys()


def _stats(path: Path) -> dict[str, os.stat_result]:
    """Name -> stat of every file; one that vanishes meanwhile is not there."""
    found: dict[str, os.stat_result] = {}
    entries = all_files(path) if path.is_dir() else {normal(path.name): path}
    for name, entry in entries.items():
        try:
            found[name] = entry.stat()
        except OSError:
            continue  # gone, or a link that leads nowhere
    return found
