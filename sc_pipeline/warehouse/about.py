"""The published file -> what must be said of any copy of it: releases, simulated or not, its day, how to cite it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from sc_pipeline import __version__
from sc_pipeline.warehouse.trace.written import ask

SOFTWARE = f"Secure Communities pipeline, version {__version__}"
TITLE = "Removals and detainers: an audited warehouse of FOIA files"


@dataclass(frozen=True)
class About:
    """What a published file was made of, and when, in UTC."""

    built_at: str
    releases: tuple[dict[str, Any], ...]

    @property
    def simulated(self) -> list[str]:
        """The releases of simulated data."""
        return [release["release_id"] for release in self.releases if release["synthetic"]]

    def lines(self) -> Iterator[tuple[str, str]]:
        """Label and text of each thing to say, the most important first."""
        yield "what", TITLE
        yield "simulated", f"yes, do not quote: {', '.join(self.simulated)}" if self.simulated else "no"
        yield "tables built", self.built_at
        yield "made with", SOFTWARE
        yield "how to cite", self.citation
        for release in self.releases:
            name = f"release {release['release_id']}"
            told = {key: release[key] for key in _TOLD if release[key] is not None}
            yield name, "; ".join(f"{_TOLD[key]}{value}" for key, value in told.items()) or "its manifest says nothing"

    @property
    def citation(self) -> str:
        """The releases that are not simulated, each with its publisher, and the software."""
        cited = [_cited(release) for release in self.releases if not release["synthetic"]]
        return f"{'; '.join(cited)}. Processed with {SOFTWARE}." if cited else "Simulated data: not to be cited."


_TOLD = {
    "title": "",
    "publisher": "published by ",
    "agency": "records of ",
    "foia_request": "FOIA request ",
    "received": "received ",
    "source_url": "from ",
    "caution": "caution: ",
    "scope_note": "scope: ",
}


def _cited(release: dict[str, Any]) -> str:
    title = release["title"] or release["release_id"]
    about = [part for part in (release["publisher"], release["received"] and f"received {release['received']}") if part]
    return f"{title} ({', '.join(about)})" if about else title


def read_about(connection: duckdb.DuckDBPyConnection) -> About:
    """What a published file says of itself; releases that were refused and have no rows are left out."""
    ((built_at,),) = connection.execute("select max(built_at) from meta.tables").fetchall()
    return About(built_at, tuple(ask(connection, _RELEASES)))


_RELEASES = """
select release_id, title, publisher, agency, foia_request, received, source_url, caution, scope_note, synthetic
from meta.releases
where status <> 'failed'
order by release_id
"""
