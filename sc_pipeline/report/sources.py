"""Release ids -> the line that names a picture's sources, and the cautions that go with them."""

from collections.abc import Iterable

from sc_pipeline.report.rows import Row, Tables
from sc_pipeline.report.words import day_word

_NAMED = 3
_LONG = 90


def used_releases(tables: Tables, release_ids: Iterable[str | None]) -> list[Row]:
    """The releases of these ids, in order of receipt; one that the table does not hold is left out."""
    wanted = set(release_ids)
    found = [row for row in tables["releases"] if row["release_id"] in wanted]
    return sorted(found, key=lambda row: (str(row["received"] or ""), row["release_id"]))


def source_line(releases: list[Row]) -> str:
    """Source: TRAC, Syracuse University, from ICE records (“Title,” received November 30, 2017)."""
    if not releases:
        return "Source: not stated."
    if len(releases) == 1:
        return f"Source: {_one(releases[0])}."
    said = [_several(row) for row in releases[:_NAMED]]
    more = len(releases) - _NAMED
    if more > 0:
        said.append(f"{more} more {'release' if more == 1 else 'releases'} listed in the report")
    # A full stop goes inside the quotation marks.
    return f"Sources: {'; '.join(said)}.".replace("”.", ".”")


def _several(release: Row) -> str:
    """One of several: its title, and who made it public. The title of a simulated one says that it is."""
    title = _short(release["title"]) if release["title"] else release["release_id"]
    return title if release["synthetic"] or not release["publisher"] else f"{release['publisher']}, “{title}”"


def _one(release: Row) -> str:
    received = f" received {day_word(release['received'])}" if release["received"] else ""
    # The comma goes inside the quotation marks.
    comma = "," if received else ""
    title = f"“{release['title']}{comma}”" if release["title"] else f"release {release['release_id']}{comma}"
    if not release["publisher"]:
        return f"{title}{received}"
    records = f", from {release['agency']} records" if release["agency"] else ""
    foia = " released under FOIA" if records and release["foia_request"] else ""
    return f"{release['publisher']}{records}{foia} ({title}{received})"


def _short(title: str) -> str:
    return title if len(title) <= _LONG else f"{title[:_LONG].rsplit(' ', 1)[0]} …"


def caution_notes(releases: list[Row]) -> list[str]:
    """What each release warns of; beyond a few the report lists the rest."""
    cautions = [f"Caution ({row['release_id']}): {row['caution']}" for row in releases if row.get("caution")]
    more = len(cautions) - _NAMED
    return cautions[:_NAMED] + ([f"{more} more cautions are listed in the report."] if more > 0 else [])


def is_simulated(releases: list[Row]) -> bool:
    """Whether any of them is simulated."""
    return any(row["synthetic"] for row in releases)
