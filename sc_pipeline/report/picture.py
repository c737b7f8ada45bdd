"""A drawing, its words and the rows behind it -> the files it travels as."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sc_pipeline.report.grids import Grid
from sc_pipeline.report.rows import Tables
from sc_pipeline.report.sources import caution_notes, is_simulated, source_line, used_releases
from sc_pipeline.report.svg import PHONE, WIDE, Body, Size, Words, inline, standalone


@dataclass(frozen=True)
class Picture:
    """A drawing that fits any size, with its words and the numbers behind it."""

    name: str
    body: Body
    words: Words
    grid: Grid | None
    releases: tuple[str, ...] = field(default=())

    def svg(self, size: Size = WIDE) -> str:
        """The picture as a file of its own."""
        return standalone(self.body, self.words, size)

    def inline(self, size: Size) -> str:
        """The drawing alone, for the page."""
        return inline(self.name, self.body, self.words, size)

    def files(self) -> dict[str, str]:
        """File name -> SVG text: wide, and for a phone."""
        return {f"{self.name}.svg": self.svg(WIDE), f"{self.name}-390.svg": self.svg(PHONE)}


def picture(
    name: str, body: Body, words: Words, grid: Grid | None, tables: Tables, release_ids: Iterable[str | None]
) -> Picture:
    """A picture with its sources and cautions; its title says so where any of them is simulated."""
    releases = used_releases(tables, release_ids)
    title = f"{words.title} (SIMULATED DATA)" if is_simulated(releases) else words.title
    full = replace(words, title=title, notes=(*words.notes, *caution_notes(releases)), source=source_line(releases))
    return Picture(name, body, full, grid, tuple(row["release_id"] for row in releases))
