"""A stratum into events: who left when, convicted of what, with which detainer; the same for the same seed and days.

Events do not depend on the production that shows them, so productions that overlap in time tell of the same people.
Every attribute draws from a random stream of its own: a layout that lacks a column leaves the others as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from zlib import crc32

import numpy as np

from sc_pipeline.simulate.calibrate import Stratum
from sc_pipeline.simulate.habits import Habits, day_number

CHUNK_ROWS = 200_000  # bounds memory: no more events than this are held at once
NOT_CONVICTED, LEVEL_1, OTHER_LEVEL = 0, 1, 2
UNPLANNED_KINDS = (NOT_CONVICTED, LEVEL_1, OTHER_LEVEL)  # for events outside the counts
REPEATED_SHARE = 0.08  # of people with a detainer, those with an earlier one too


@dataclass(frozen=True)
class Events:
    """The events of one chunk of a stratum: first its removals, then those only detained, then undated extras."""

    stratum: Stratum
    part: int
    seed: int
    habits: Habits

    def stream(self, name: str) -> np.random.Generator:
        """The random stream of one attribute."""
        return np.random.default_rng([self.seed, self.stratum.first.toordinal(), self.part, crc32(name.encode())])

    @cached_property
    def undated(self) -> int:
        """How many extra events have no usable date."""
        base = self.stratum.rows + self.stratum.detained_only
        return int(self.stream("undated").binomial(base, self.habits.undated))

    @cached_property
    def count(self) -> int:
        """All events of the chunk, whatever file shows them."""
        return self.stratum.rows + self.stratum.detained_only + self.undated

    @cached_property
    def days(self) -> np.ndarray:
        """Day number of the departure; of the detainer for those only detained."""
        length = (self.stratum.last - self.stratum.first).days + 1
        return day_number(self.stratum.first) + self.stream("days").integers(0, length, self.count)

    @cached_property
    def kinds(self) -> np.ndarray:
        """Conviction of each event: exactly the stratum's counts among its removals."""
        sizes = (self.stratum.rows - self.stratum.convicted, self.stratum.level1)
        planned = np.repeat(UNPLANNED_KINDS, (*sizes, self.stratum.convicted - self.stratum.level1))
        others = self.stream("other kinds").integers(0, len(UNPLANNED_KINDS), self.count - len(planned))
        return np.concatenate([self.stream("kinds").permutation(planned), others])

    @cached_property
    def linked(self) -> np.ndarray:
        """Removals with a detainer on or before departure: exactly the stratum's count."""
        flags = np.zeros(self.count, dtype=bool)
        flags[self.stream("linked").permutation(self.stratum.rows)[: self.stratum.linked]] = True
        return flags

    @cached_property
    def late(self) -> np.ndarray:
        """Removals whose only detainer was prepared after departure."""
        flags = self.stream("late").random(self.count) < self.habits.late_detainers
        flags[self.stratum.rows :] = False
        return flags & ~self.linked & (not self.stratum.withheld)

    @cached_property
    def prepared(self) -> np.ndarray:
        """Day number of the detainer; meaningful where `linked`, `late` or only detained."""
        before = np.minimum(self.stream("lead").exponential(60, self.count), 900).astype(np.int64)
        after = 1 + self.stream("lag").integers(0, 45, self.count)
        return self.days + np.where(self.linked, -before, np.where(self.late, after, 0))

    @cached_property
    def numbers(self) -> np.ndarray:
        """A number for each person, unique over days and parts."""
        first = np.uint64((self.stratum.first.toordinal() << 40) | (self.part << 24))
        return first | np.arange(self.count, dtype=np.uint64)


@dataclass(frozen=True)
class View:
    """The rows one file shows of some events: which event, its two dates as day numbers and whether each is known."""

    events: Events
    at: np.ndarray
    departed: np.ndarray
    left: np.ndarray
    prepared: np.ndarray
    held: np.ndarray
    undated: np.ndarray  # the row's own date becomes unreadable

    def pick(self, rows: np.ndarray) -> "View":
        """The view with only these rows, in this order."""
        names = ("at", "departed", "left", "prepared", "held", "undated")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def chunks(stratum: Stratum, seed: int, habits: Habits, size: int = CHUNK_ROWS) -> Iterator[Events]:
    """The stratum's events in chunks of at most `size` removals, whose counts sum to the stratum's."""
    rng = np.random.default_rng([seed, stratum.first.toordinal(), crc32(b"chunks")])
    left, part = stratum, 0
    while left.rows > size:
        share = size / left.rows
        kinds = [left.level1, left.convicted - left.level1, left.rows - left.convicted]
        level1, other, _ = (int(n) for n in rng.multivariate_hypergeometric(kinds, size, method="marginals"))
        linked = int(rng.hypergeometric(left.linked, left.rows - left.linked, size))
        now = replace(
            left,
            rows=size,
            convicted=level1 + other,
            level1=level1,
            linked=linked,
            detained_only=round(left.detained_only * share),
        )
        yield Events(now, part, seed, habits)
        names = ("rows", "convicted", "level1", "linked", "detained_only")
        left = replace(left, **{name: getattr(left, name) - getattr(now, name) for name in names})
        part += 1
    yield Events(left, part, seed, habits)


def removals_view(events: Events, keep: float) -> View:
    """The removals file's rows: `keep` of the removals, likely duplicates among them, and undated extras."""
    kept = np.arange(round(events.stratum.rows * keep))
    alike = events.kinds * 4 + events.linked * 2 + events.late
    rows = _with_duplicates(kept, alike, events, "removal duplicates")
    at = np.concatenate([rows, np.arange(events.count - events.undated, events.count)])
    dated = at < events.count - events.undated
    held = (events.linked | events.late)[at]
    view = View(events, at, events.days[at], dated, events.prepared[at], held, ~dated)
    return view.pick(events.stream("removal order").permutation(len(at)))


def detainers_view(events: Events, earliest: int, latest: int, limit: int | None) -> View:
    """The detainers file's rows: every detainer prepared from `earliest` to `latest`, at most `limit` dated ones."""
    removed = np.flatnonzero(events.linked | events.late)
    repeated = removed[events.linked[removed] & (events.stream("repeated").random(len(removed)) < REPEATED_SHARE)]
    alone = np.arange(events.stratum.rows, events.count - events.undated)
    at = np.concatenate([removed, repeated, alone])
    prepared = events.prepared[at]
    again = np.isin(np.arange(len(at)), len(removed) + np.arange(len(repeated)))
    prepared[again] -= events.stream("earlier").integers(1, 90, len(repeated))
    rows = np.flatnonzero((prepared <= latest) & ~(again & (prepared < earliest)))
    rows = events.stream("detainer order").permutation(rows)[:limit]
    rows = _with_duplicates(rows, np.zeros(len(at), dtype=np.int64), events, "detainer duplicates")
    at, prepared = at[rows], np.maximum(prepared[rows], earliest)
    extras = np.arange(events.count - events.undated, events.count)
    at, dated = np.concatenate([at, extras]), np.arange(len(at) + len(extras)) < len(at)
    prepared = np.concatenate([prepared, events.days[extras]])
    left = at < events.stratum.rows
    return View(events, at, events.days[at], left, prepared, dated, ~dated)


def _with_duplicates(rows: np.ndarray, alike: np.ndarray, events: Events, name: str) -> np.ndarray:
    """The rows with some replaced by a copy of the row before, where the two are alike in what is counted."""
    again = events.stream(name).random(len(rows)) < events.habits.duplicates
    again[:1] = False
    again[1:] &= ~again[:-1] & (alike[rows[1:]] == alike[rows[:-1]])
    copies = rows.copy()
    copies[again] = rows[np.flatnonzero(again) - 1]
    return copies
