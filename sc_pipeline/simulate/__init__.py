"""Published counts and a seed into simulated productions: release folders in the layouts of the real ones.

Nothing else in the package imports this one. Every release written here says so: `synthetic = true`, a title that
starts with "Simulated", and SIM in its file names, person identifiers, facilities and programs.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zlib import crc32

from sc_pipeline.errors import UsageError
from sc_pipeline.project import shipped_release
from sc_pipeline.raw.manifest import MANIFEST_NAME, Manifest, Withheld, read_manifest
from sc_pipeline.raw.manifest_text import manifest_text
from sc_pipeline.simulate.calibrate import (
    Stratum,
    month_range,
    monthly_volumes,
    published_months,
    spread,
    strata,
)
from sc_pipeline.simulate.cells import frame
from sc_pipeline.simulate.demo import (
    BAD,
    DEMO,
    DEMO_ALONE,
    IDENTIFIERS_OF,
    NPR_MONTHS,
    YEARLY_TOTALS_OF,
    Delivery,
    within,
)
from sc_pipeline.simulate.events import Events, View, chunks, detainers_view, removals_view
from sc_pipeline.simulate.habits import Habits, day_number
from sc_pipeline.simulate.productions import (
    BAD_REMOVALS,
    NPR_TEXTS,
    SHAPES,
    WITHHELD_FIELDS,
    Shape,
    plain_strata,
    shape_of,
)
from sc_pipeline.simulate.write import TextFile, Workbook
from sc_pipeline.simulate.yearly import write_yearly_totals

__all__ = ["SHAPES", "Habits", "simulate", "simulate_demo", "simulate_together"]

PUBLISHED = shipped_release()
CALIBRATED = "trac_secure_2019"
DEFAULT_ROWS = 3_000
DEMO_SEED = 2017
FEWEST_DEMO_ROWS = 500  # with fewer, a production of few months may get no row
Progress = Callable[[int, int], None]  # rows written so far, rows in all


@dataclass(frozen=True)
class Part:
    """One production inside a release: its shape, its strata, and how much of them it shows."""

    shape: Shape
    strata: tuple[Stratum, ...]
    keep: float = 1.0  # removals files: the share of the removals
    exact: bool = False  # detainers files: as many dated rows as the strata have removals


def simulate(
    layout: str,
    folder: Path,
    rows: int | None = None,
    seed: int = DEMO_SEED,
    months: tuple[date, date] | None = None,
    habits: Habits | None = None,
    format: str | None = None,
    release_id: str | None = None,
    published: Path = PUBLISHED,
    progress: Progress | None = None,
) -> Path:
    """Write one release of `rows` dated rows in `layout` under `folder` and return its folder.

    TRAC's layout is calibrated to the tables in `published`: without `rows` every count is the published one, with
    `rows` all are rescaled. `months` are any days of the first and last month, otherwise the real production's span.
    The same arguments give the same bytes. UsageError on arguments that cannot work or a release that exists already.
    """
    shape = shape_of(layout).as_format(format)
    release_id = release_id or f"sim-{layout.replace('_', '-')}"
    if release_id != Path(release_id).name or release_id.startswith("."):
        raise UsageError(f"release id {release_id!r}: use letters, digits and hyphens")
    if rows is not None and rows < 1:
        raise UsageError(f"rows: expected 1 or more, found {rows}")
    if seed < 0:
        raise UsageError(f"seed: expected 0 or more, found {seed}")
    target = folder / release_id
    if target.exists():
        raise UsageError(f"{target} exists already; remove it or choose another release id")
    if months and months[1] < months[0]:
        raise UsageError(f"months: {months[1]:%Y-%m} lies before {months[0]:%Y-%m}")
    if layout == CALIBRATED:
        part = Part(shape, tuple(_calibrated(published, rows, months)))
    else:
        part = _plain(shape, DEFAULT_ROWS if rows is None else rows, months)
    return _write_release(target, [part], seed, habits or Habits(), progress)


def simulate_together(
    layouts: Sequence[str],
    folder: Path,
    removals: int,
    release_id: str,
    seed: int = DEMO_SEED,
    habits: Habits | None = None,
    format: str | None = None,
) -> Path:
    """Write one release of several productions that tell of the same people, and return its folder.

    `removals` are spread evenly over the months of the first layout; half as many people more are only detained.
    """
    shapes = [shape_of(layout).as_format(format) for layout in layouts]
    months = month_range(*shapes[0].covers)
    counts = dict(zip(months, spread(removals, [1] * len(months)), strict=True))
    parts = [Part(shape, tuple(plain_strata(shape, counts, DEMO_ALONE))) for shape in shapes]
    return _write_release(folder / release_id, parts, seed, habits or Habits(), None)


def simulate_demo(
    folder: Path,
    seed: int = DEMO_SEED,
    published: Path = PUBLISHED,
    habits: Habits | None = None,
    progress: Progress | None = None,
    rows: int | None = None,
) -> list[Path]:
    """A copy of the published tables in `folder` and a simulated production of each kind beside it; their folders.

    ICE removals keep out of the months of Table 2, which they would contradict. What an earlier call wrote is replaced.
    `rows` are the dated rows of TRAC's file; the other productions shrink or grow with it. Without it every volume is
    about the real one, so that no series drops where a simulated release begins or ends. UsageError on too few rows.
    """
    if rows is not None and rows < FEWEST_DEMO_ROWS:
        raise UsageError(f"rows: the demonstration needs {FEWEST_DEMO_ROWS} or more, found {rows}")
    habits = habits or Habits()
    trac = tuple(_calibrated(published, rows, None))
    of_published = sum(counts.total for counts in published_months(published).values())
    scale = 1.0 if rows is None else rows / of_published
    planned = [("sim-trac-secure-2019", [Part(SHAPES[CALIBRATED], trac)])]
    planned += [(delivery.name, _demo_parts(delivery, scale)) for delivery in DEMO]
    npr = (NPR_TEXTS, SHAPES["npr_detainers_originals"])
    months = zip(npr, NPR_MONTHS, strict=True)
    planned.append(("sim-npr-detainers", [_demo_part(shape, (month, month), 1.0, scale) for shape, month in months]))
    planned.append((BAD.name, [_demo_part(BAD_REMOVALS.as_format(BAD.format), (BAD.first, BAD.last), BAD.keep, scale)]))
    total = sum(_rows(part) for _, parts in planned for part in parts)
    folders = [_copy(published, folder / published.name)]
    done = 0
    for name, parts in planned:
        start = done
        report = (lambda rows, _, start=start: progress(start + rows, total)) if progress else None
        folders.append(_write_release(folder / name, parts, seed, habits, report))
        done += sum(_rows(part) for part in parts)
    folders.append(write_yearly_totals(folder, dict(planned)[YEARLY_TOTALS_OF][0].strata))
    return folders


def _calibrated(published: Path, rows: int | None, months: tuple[date, date] | None) -> list[Stratum]:
    known = published_months(published)
    wanted = set(month_range(*months)) if months else set(known)
    if not wanted <= set(known):
        raise UsageError(f"months: the published tables run from {min(known):%Y-%m} to {max(known):%Y-%m}")
    return strata({month: known[month] for month in sorted(wanted)}, rows)


def _plain(shape: Shape, rows: int, months: tuple[date, date] | None) -> Part:
    shape = within(shape, months) if months else shape
    every = month_range(*shape.covers)
    counts = dict(zip(every, spread(rows, [1] * len(every)), strict=True))
    # Enough people only detained that a month of detainers always comes to its number.
    alone = 1.0 if shape.kind == "detainers" else 0.0
    return Part(shape, tuple(plain_strata(shape, counts, alone)), exact=True)


def _demo_parts(delivery: Delivery, scale: float) -> list[Part]:
    shapes = (SHAPES[layout].as_format(delivery.format) for layout in delivery.layouts)
    return [_demo_part(shape, (delivery.first, delivery.last), delivery.keep, scale) for shape in shapes]


def _demo_part(shape: Shape, months: tuple[date, date], keep: float, scale: float) -> Part:
    shape = within(shape, months)
    counts = monthly_volumes(*shape.covers, scale)
    return Part(shape, tuple(plain_strata(shape, counts, DEMO_ALONE)), keep)


def _rows(part: Part) -> int:
    return sum(stratum.rows for stratum in part.strata)


def _write_release(target: Path, parts: Sequence[Part], seed: int, habits: Habits, progress: Progress | None) -> Path:
    """Write beside the target, then rename: whoever watches the folder sees the whole release or none of it."""
    if target.exists() and not _is_synthetic(target):
        raise UsageError(f"{target} holds a release that is not simulated; choose another folder")
    building = target.with_name(f".{target.name}.writing")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        done = 0
        for part in parts:
            salt = crc32(IDENTIFIERS_OF.get(target.name, target.name).encode()) ^ seed
            for rows in _write_part(building, part, seed, habits, salt):
                done += rows
                if progress:
                    progress(done, sum(map(_rows, parts)))
        (building / MANIFEST_NAME).write_text(manifest_text(_manifest(parts)), encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return target


def _write_part(folder: Path, part: Part, seed: int, habits: Habits, salt: int) -> Iterator[int]:
    shape = part.shape
    own_date = "departed" if shape.kind == "removals" else "prepared"
    by_file: dict[str, list[Stratum]] = {}
    for stratum in (stratum for stratum in part.strata if stratum.rows):
        by_file.setdefault(shape.file_name(stratum.first), []).append(stratum)
    for name, found in by_file.items():
        with ExitStack() as stack:
            columns = shape.columns(found[0].first)
            file = stack.enter_context(_open(folder / name, shape, found[0].first))
            written = 0
            for stratum in found:
                for events in chunks(stratum, seed, habits):
                    cells = frame(_view(events, part), columns, shape.forms_by_attribute, own_date, salt)
                    file.add(shape.sheet_name(stratum.first), cells)
                    written += len(cells)
                    yield events.stratum.rows
            if not written:
                raise UsageError(f"rows: too few: with seed {seed}, {name} would hold none; ask for more")


def _view(events: Events, part: Part) -> View:
    if part.shape.kind == "removals":
        return removals_view(events, part.keep)
    earliest, latest = (day_number(day) for day in part.shape.covers)
    return detainers_view(events, earliest, latest, events.stratum.rows if part.exact else None)


def _open(path: Path, shape: Shape, month: date) -> TextFile | Workbook:
    if shape.format == "xlsx":
        return Workbook(path, shape.columns(month), shape.header_row, shape.notes)
    return TextFile(path, shape.columns(month), shape.header_row, shape.separator)


def _manifest(parts: Sequence[Part]) -> Manifest:
    shape = parts[0].shape
    withheld = [stratum.first.replace(day=1) for part in parts for stratum in part.strata if stratum.withheld]
    return Manifest(
        title=shape.title,
        publisher=shape.publisher,
        agency="ICE (simulated)",
        foia_request=shape.foia_request,
        received=max(part.shape.received for part in parts),
        population=shape.population,
        covers=(min(p.strata[0].first for p in parts), max(p.strata[-1].last for p in parts)),
        synthetic=True,
        caution=shape.caution,
        withheld=(Withheld.model_validate({"fields": WITHHELD_FIELDS, "from": f"{min(withheld):%Y-%m}"}),)
        if withheld
        else (),
    )


def _is_synthetic(folder: Path) -> bool:
    path = folder / MANIFEST_NAME
    return path.is_file() and read_manifest(path).synthetic


def _copy(source: Path, target: Path) -> Path:
    if not source.is_dir():
        raise UsageError(f"{source}: the published tables to calibrate against are missing; name their folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()):
        if path.is_file():
            target.mkdir(exist_ok=True)
            shutil.copyfile(path, target / path.name)
    return target
