"""The steps of a build, in order: what each makes, from which inputs, with which code, which are current, how to run.

The command line, Dagster, the sensor, automation, `status` and `verify` ask this one list.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sc_pipeline import sql
from sc_pipeline.core import intake
from sc_pipeline.errors import Unfinished, UserError
from sc_pipeline.hashing import hash_of
from sc_pipeline.look import REFUSALS, Look, Part
from sc_pipeline.machine import MachineProblem
from sc_pipeline.prefetch import ahead
from sc_pipeline.project import commit
from sc_pipeline.raw import register
from sc_pipeline.raw.release import Release
from sc_pipeline.report import explorer
from sc_pipeline.report import steps as site
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import arrow_schema
from sc_pipeline.side_by_side import Killed, side_by_side
from sc_pipeline.sql import Source, SqlTable
from sc_pipeline.staged import stage
from sc_pipeline.staged.vocabularies import WORDS_VERSION, digest_of_words, known_of, load_words
from sc_pipeline.store import Store
from sc_pipeline.store.notes import Provenance
from sc_pipeline.store.parts import read_part
from sc_pipeline.tables import by_release, checked, write
from sc_pipeline.warehouse import publish
from sc_pipeline.warehouse.status import Outlook

Inputs = dict[str, str]
RELEASE_PROCESS = "sc_pipeline.release_process"


@dataclass(frozen=True)
class Step:
    """One step: its tables have one part for a release each, or are kept whole, and are made together.

    `inputs` gives, for each part there has to be, the hash of everything it is made from as it is now; `make` makes the
    parts that it is given, each with what it is made from.
    """

    name: str
    tables: tuple[str, ...]
    code: str
    inputs: Callable[[Look], dict[Part, Inputs]]
    make: Callable[[Look, dict[Part, Provenance]], None]


def is_current(look: Look, step: Step, part: Part, inputs: Inputs) -> bool:
    """Whether a part of a step was made by this code from these inputs: the one rule of when a table is current."""
    return all(look.store.is_current(table, Provenance(step.code, inputs), part) for table in step.tables)


def stale(look: Look, step: Step) -> dict[Part, Inputs]:
    """The parts of a step that this code would make from other inputs than they were made from."""
    return _stale(look, step, step.inputs(look))


def _stale(look: Look, step: Step, wanted: dict[Part, Inputs]) -> dict[Part, Inputs]:
    return {part: inputs for part, inputs in wanted.items() if not is_current(look, step, part, inputs)}


def _make(look: Look, step: Step, parts: dict[Part, Inputs]) -> bool:
    """Make parts of a step from these inputs. Returns whether there were any."""
    if parts:
        _drop_other_kind(look, step, is_whole=None in parts)
        step.make(look, {part: Provenance(step.code, its, look.run, commit()) for part, its in parts.items()})
    return bool(parts)


def _drop_other_kind(look: Look, step: Step, is_whole: bool) -> None:
    """Remove what an earlier version of the code kept whole and this one by release, or the other way around."""
    for table in step.tables:
        for part in look.store.parts(table):
            if (part is None) != is_whole:
                look.store.drop(table, part)


# --- one release: raw -> staged -> core


def _staged_inputs(look: Look) -> dict[Part, Inputs]:
    return {release.id: stage.inputs_of(release) for release in look.releases.values()}


def _make_staged(look: Look, parts: dict[Part, Provenance]) -> None:
    for part, provenance in parts.items():
        release = look.release(str(part))
        stage.stage_release(look.store, release, look.project.scratch, provenance)
        if not look.is_unchanged(release):
            look.store.drop(stage.TABLE, release.id)
            raise UserError(f"{release.id}: its files changed while they were read; wait until they are copied")


def _row_inputs(look: Look) -> dict[Part, Inputs]:
    return {name: inputs for name, release in look.releases.items() if (inputs := _row_inputs_of(look, release))}


def _row_inputs_of(look: Look, release: Release) -> Inputs | None:
    """What a release's rows are made from; None while it is not staged."""
    staged = look.store.note(stage.TABLE, release.id)
    return intake.inputs_of(release, staged.sha256) if staged else None


def _make_rows(look: Look, parts: dict[Part, Provenance]) -> None:
    for part, provenance in parts.items():
        release, staged = look.release(str(part)), stage.read_staged(look.store, str(part))
        assert staged is not None  # the hash of what is staged is one of the inputs
        intake.clean_release(look.store, release, staged, provenance)


STAGED = Step(stage.TABLE, (stage.TABLE,), stage.CODE_VERSION, _staged_inputs, _make_staged)
ROWS = Step("release_rows", intake.TABLES, intake.CODE_VERSION, _row_inputs, _make_rows)
PER_RELEASE = (STAGED, ROWS)


def take_in(look: Look, release_id: str) -> bool:
    """Bring one release's rows into the tables; returns whether anything had to be made.

    Raises UserError where it is refused: then its last good rows stay, and the reason is noted.
    """
    release = look.release(release_id)
    try:
        made = _make(look, STAGED, _stale(look, STAGED, {release_id: stage.inputs_of(release)}))
        rows_from = _row_inputs_of(look, release)
        assert rows_from is not None  # it is staged
        made |= _make(look, ROWS, _stale(look, ROWS, {release_id: rows_from}))
    except UserError as problem:
        look.refuse(release, problem)
        raise
    look.store.drop(REFUSALS, release_id)
    return made


def take_in_all(look: Look, releases: Sequence[str]) -> Iterator[tuple[str, bool | UserError]]:
    """Each of some releases, as it ends, with whether anything had to be made, or why it is refused.

    Side by side in processes of their own, where the project has workers and they save more than they cost to start.
    """
    number = {release: number for number, release in enumerate(releases, 1)}
    jobs: dict[str, Release] = {}

    def began(release: str) -> None:
        look.say(f"taking in {release} ({number[release]} of {len(releases)})")

    work = {*waiting(look)} & {*releases} if releases else set()
    count = look.workers(work)
    for release in releases:
        if count > 1 and release in work:
            jobs[release] = look.release(release)
            continue
        began(release)
        try:
            yield release, take_in(look, release)
        except UserError as problem:
            yield release, problem
    if not jobs:
        return
    start = (look.project, look.run)
    for release, answer in side_by_side(RELEASE_PROCESS, start, jobs, count, began):
        look.store.reread(release)
        problem = _problem_of(release, answer)
        if problem is None:
            yield release, answer
        else:
            look.set_aside(release, problem)
            yield release, problem


def _problem_of(release: str, answer: object) -> UserError | None:
    """What was wrong with a release, as another process tells. Raises MachineProblem where it was none of its own."""
    if isinstance(answer, MachineProblem):
        raise answer
    if isinstance(answer, Killed):
        return Unfinished(
            f"{release}: the process that read it was killed ({answer.signal}), most likely for want of memory; "
            "close other programs, or split its files, and build again"
        )
    return answer if isinstance(answer, UserError) else None


def waiting(look: Look) -> list[str]:
    """The releases to take in, in order."""
    staged = set(stale(look, STAGED))
    return sorted(str(part) for part in {*staged, *stale(look, ROWS)})


# --- all releases: the register, then the SQL tables


def _register_inputs(look: Look) -> dict[Part, Inputs]:
    with_rows = look.with_rows
    facts = {name: register.facts_of(release) for name, release in look.found.releases.items() if name in with_rows}
    listed = {name for name in look.found.ids if name in facts or name in look.refused}
    # What is known of a release's productions: which they are is in its source_files, what they say in the vocabulary.
    files = {name: note.sha256 for name, note in look.store.parts("source_files").items()}
    of_releases = {name: hash_of([facts.get(name), look.refused.get(name), files.get(name)]) for name in sorted(listed)}
    return {None: of_releases | {"vocabulary": digest_of_words(look.project.raw.parent)}}


def _known(look: Look) -> dict[str, register.Known]:
    """What is known of the productions of each release that has rows."""
    productions = load_words(look.project.raw.parent).productions
    return {
        release: known_of(
            productions[name] for name in intake.productions_of(look.store, release) if name in productions
        )
        for release in sorted(look.with_rows)
    }


def _make_register(look: Look, parts: dict[Part, Provenance]) -> None:
    if not look.found.ids and look.has_rows:
        raise UserError(
            f"{look.project.raw}: no releases found, so nothing was changed; put them back, "
            f"or delete {look.project.warehouse.name}/ to start over"
        )
    for release in look.gone:
        look.store.drop_release(release)
    before = {name: read_part(look.store.path(name)) for name in register.TABLES if look.store.note(name)}
    tables = register.register_tables(look.found, look.refused, look.with_rows, before, _known(look))
    for name, rows in tables.items():
        look.store.write(name, checked(name, rows), parts[None])


_REGISTER_CODE = hash_of([register.CODE_VERSION, WORDS_VERSION])[:12]
REGISTER = Step("release_register", register.TABLES, _REGISTER_CODE, _register_inputs, _make_register)


def _whole(name: str, code: str, tables: Sequence[str], make: Callable[[Look, Provenance], None]) -> Step:
    """A step that makes one thing of some tables as they are, of all releases together."""

    def inputs(look: Look) -> dict[Part, Inputs]:
        return {None: {table: look.store.version(table) or "empty" for table in tables}}

    return Step(name, (name,), code, inputs, lambda look, parts: make(look, parts[None]))


def _sql_step(table: SqlTable) -> Step:
    if table.by_release:
        return Step(
            table.name,
            (table.name,),
            table.code_version,
            lambda look: _inputs_by_release(look, table),
            lambda look, parts: _make_by_release(look, table, {str(part): made for part, made in parts.items()}),
        )

    def make(look: Look, made: Provenance) -> None:
        views = {name: look.source(name) for name in table.inputs}
        write(look.store, table.name, ahead(look.rows(table, views)), made)

    return _whole(table.name, table.code_version, table.inputs, make)


def _inputs_by_release(look: Look, table: SqlTable) -> dict[Part, Inputs]:
    by_release = {name: look.versions_by_release(name) for name in table.inputs}
    releases = {part for name in table.inputs if is_by_release(name) for part in look.store.parts(name)}
    return {
        part: {name: versions.get(part, "empty") for name, versions in by_release.items()}
        for part in sorted(map(str, releases))
    }


def _make_by_release(look: Look, table: SqlTable, wanted: dict[str, Provenance]) -> None:
    """One query for all stale releases, its rows dealt to their parts."""
    if table.picks_from:
        counts = sql.count_by_release(table, _views(look, table, list(wanted)))
        for release in list(wanted):
            note = look.store.note(table.picks_from, release)
            if note and counts.get(release, 0) == note.rows:
                # Every row is picked, as of a release that serves all its months: nothing to sort and write again.
                look.store.copy(table.picks_from, table.name, wanted.pop(release), release)
    if not wanted:
        return
    unwritten = dict(wanted)
    for release, batches in by_release(ahead(look.rows(table, _views(look, table, sorted(wanted))))):
        write(look.store, table.name, batches, unwritten.pop(release), release)
    for release, provenance in unwritten.items():
        look.store.write(table.name, arrow_schema(MODELS[table.name]).empty_table(), provenance, release)


def _views(look: Look, table: SqlTable, releases: list[str]) -> dict[str, Source]:
    return {name: look.source(name, releases) for name in table.inputs}


def is_by_release(table: str) -> bool:
    """Whether a table is kept per release."""
    made_by_sql = sql.sql_tables().get(table)
    return table in intake.TABLES or (made_by_sql is not None and made_by_sql.by_release)


# --- what people see: the published file, the pictures, the page


def _make_published(look: Look, parts: dict[Part, Provenance]) -> None:
    publish.publish(look.project, look.store, parts[None])


def _make_figures(look: Look, made: Provenance) -> None:
    site.make_figures(look.store, look.project.site, made)


def _make_report(look: Look, made: Provenance) -> None:
    site.make_report(look.store, look.project.site, look.project.published, made)


def _make_explorer(look: Look, made: Provenance) -> None:
    explorer.make_explorer(look.project, look.store, made)


PUBLISH = Step(
    "warehouse",
    ("warehouse",),
    publish.code(),
    lambda look: {None: publish.inputs_of(look.project, look.store)},
    _make_published,
)
FIGURES = _whole("figures", site.CODE_VERSION, site.FIGURE_INPUTS, _make_figures)
EXPLORER = _whole(explorer.TABLE, explorer.CODE_VERSION, ("warehouse",), _make_explorer)
REPORT = _whole("report", site.CODE_VERSION, (*site.REPORT_INPUTS, "warehouse", "figures"), _make_report)
SQL = tuple(_sql_step(table) for room in sql.ROOMS for table in sql.sql_tables().values() if table.room == room)
WITHOUT_SITE = (REGISTER, *SQL, PUBLISH)
OF_ALL_RELEASES = (REGISTER, *SQL, FIGURES, PUBLISH, EXPLORER, REPORT)
STEPS = {step.name: step for step in (*PER_RELEASE, *OF_ALL_RELEASES)}


def bring_up(look: Look, step: Step) -> bool:
    """Make what is stale of a step of all releases; returns whether anything was. Raises UserError."""
    parts = stale(look, step)
    if parts:
        look.say(f"making {step.name} ({OF_ALL_RELEASES.index(step) + 1} of {len(OF_ALL_RELEASES)})")
    return _make(look, step, parts)


def build(look: Look, steps: Sequence[Step] = OF_ALL_RELEASES) -> None:
    """Every release, then the steps of all releases, as far as they are not current.

    A refused release is noted in `look.refused`, no more. Raises AuditFailed where the result cannot be published.
    """
    for _ in take_in_all(look, waiting(look)):
        pass  # what was refused is noted, and told at the end
    if look.has_rows:
        for step in steps:
            bring_up(look, step)


def outlook(look: Look) -> Outlook:
    """Compare what there is with what would be made; no rows are made."""
    releases = waiting(look)
    steps = [step.name for step in OF_ALL_RELEASES if look.has_rows and stale(look, step)]
    return Outlook(releases, look.refused, look.gone, steps, look.store.damaged)


def changed_inputs(look: Look) -> dict[str, dict[str, str]]:
    """Step -> part ("" for a whole table) -> the version of the inputs it must now be made from, where they changed.

    A change of code alone does not count: that build is for a person to start, and `status` names it.
    """
    found: dict[str, dict[str, str]] = {}
    for step in OF_ALL_RELEASES if look.has_rows and look.found.ids else ():
        wanted = {
            part or "": hash_of(inputs)
            for part, inputs in step.inputs(look).items()
            if any(_inputs_noted(look.store, table, part) != inputs for table in step.tables)
        }
        if wanted:
            found[step.name] = wanted
    return found


def _inputs_noted(store: Store, table: str, part: Part) -> Inputs | None:
    note = store.note(table, part)
    return note.inputs if note else None
