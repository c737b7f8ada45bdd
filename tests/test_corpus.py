"""Every bad file ends as it must: taken in, quarantined, or refused in one line; its neighbors are as they were."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.errors import visible
from sc_pipeline.project import Project
from sc_pipeline.raw.folders import normal
from tests.builders import IS_FULL, ask, empty_project
from tests.corpus import Bad, archives, columnar, good, manifests, names, taken, texts, workbooks
from tests.reliability import measured

MODULES = (texts, archives, workbooks, columnar, manifests, names)
NEIGHBOR = taken("a-good-neighbor", lambda salt: {"x.csv": good(salt)})
# A process of its own costs a second: of these every fourth runs at once, all of them where endurance is full.
APART = (workbooks, columnar)
CASES: dict[str, tuple[str, Bad]] = {
    case.name: (module.__name__.rpartition(".")[2], case) for module in MODULES for case in module.CASES
}
LATER = {case.name for module in APART for number, case in enumerate(module.CASES) if number % 4} | {
    case.name for _, case in CASES.values() if case.slow
}
CHOSEN = {name: found for name, found in CASES.items() if IS_FULL or name not in LATER}


class Ended:
    """How a warehouse of bad releases came out."""

    def __init__(self, group: str, folder: Path) -> None:
        self.project: Project = empty_project(folder / "project")
        for case in (NEIGHBOR, *(case for of, case in CHOSEN.values() if of == group)):
            case.write(self.project.raw)
        raw = sorted(str(path) for path in self.project.raw.rglob("*"))
        self.problems = build_without_dagster(self.project)
        self.is_raw_untouched = raw == sorted(str(path) for path in self.project.raw.rglob("*"))
        self.outside = [path.name for path in folder.iterdir() if path.name != "project"]
        rows = ask(
            self.project,
            "select release_id, sum(rows_accepted)::int, sum(rows_quarantined)::int, "
            "sum(rows_read - rows_accepted - rows_quarantined - rows_left_out)::int "
            "from meta.source_files group by all",
        )
        self.rows = {release: tuple(counts) for release, *counts in rows}

    def of(self, case: Bad) -> tuple[int, int] | list[str]:
        """Rows accepted and quarantined, or the lines that refuse it."""
        name = visible(case.name)
        lines = [line for line in self.problems if line.startswith((f"{name}:", f"{name}/"))]
        return lines or self.rows.get(normal(case.name), (0, 0, 0))[:2]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ended]:
    """A group's files in one project, built when first asked for."""

    @cache
    def of_group(group: str) -> Ended:
        return Ended(group, tmp_path_factory.mktemp("corpus"))

    return of_group


@pytest.mark.parametrize("name", CHOSEN, ids=lambda name: visible(name)[:60])
def test_bad_file_ends_as_it_must(name: str, ended: Callable[[str], Ended]) -> None:
    group, case = CHOSEN[name]
    found = ended(group).of(case)
    if case.accepted is not None:
        assert found == (case.accepted, case.quarantined)
        return
    assert isinstance(found, list) and len(found) == 1, found
    assert [word for word in case.refused if word not in found[0]] == [], found
    assert found[0].isprintable() and "Traceback" not in found[0] and len(found[0]) < 1_000


@pytest.mark.parametrize("group", sorted({group for group, _ in CHOSEN.values()}))
def test_nothing_else_is_harmed(group: str, ended: Callable[[str], Ended]) -> None:
    found = ended(group)
    assert found.of(NEIGHBOR) == (12, 0)
    assert {release: counts for release, counts in found.rows.items() if counts[2]} == {}
    assert found.is_raw_untouched
    assert found.outside == []
    assert not Path("/tmp/climbed.csv").exists()


def test_how_all_of_them_ended(ended: Callable[[str], Ended]) -> None:
    groups: dict[str, dict[str, int]] = {}
    wrong = 0
    for group, case in CHOSEN.values():
        counts = groups.setdefault(group, dict.fromkeys(("tried", "taken", "quarantined", "refused"), 0))
        found = ended(group).of(case)
        kind = "refused" if isinstance(found, list) else "quarantined" if found[1] else "taken"
        counts["tried"] += 1
        counts[kind] += 1
        wrong += (kind == "refused") != (case.accepted is None)
    all_of = [ended(group) for group in groups]
    lost = sum(abs(counts[2]) for each in all_of for counts in each.rows.values())
    harmed = sum(each.of(NEIGHBOR) != (12, 0) for each in all_of)
    outside = sum(len(each.outside) for each in all_of)
    measured("files", groups=groups, wrong=wrong, lost=lost, harmed=harmed, outside=outside)
    assert (wrong, lost, harmed, outside) == (0, 0, 0, 0)


def test_there_are_over_two_hundred() -> None:
    assert len(CASES) >= 200
    assert len(CASES) == sum(len(module.CASES) for module in MODULES), "two of one name"
