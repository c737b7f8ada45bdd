"""`status` says what there is, what does not pass, and what a build would do; it changes nothing."""

import shutil
from pathlib import Path

import pytest

from sc_pipeline import plan
from sc_pipeline.commands.building import build_without_dagster
from sc_pipeline.errors import UserError
from sc_pipeline.look import Look
from sc_pipeline.project import Project
from sc_pipeline.warehouse.status import Outlook, next_build, status_lines
from tests.builders import cases, copy_of, empty_project, removal, unreadable


def status(project: Project) -> list[str]:
    return list(status_lines(project, plan.outlook(Look(project))))


def section(lines: list[str], title: str) -> list[str]:
    """The lines below a title."""
    start = lines.index(f"{title}:") + 1
    below = [place for place, line in enumerate(lines) if place >= start and not line.startswith("  ")]
    return [line.strip() for line in lines[start : below[0] if below else len(lines)]]


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two releases, built whole; no test may change it."""
    project = empty_project(tmp_path_factory.mktemp("built") / "project")
    cases(project, "a", [removal("2012-05-03"), removal("2012-06-03")])
    cases(project, "b", [removal("2013-05-03")], 'title = "b"\nreceived = 2018-01-31\nsynthetic = true\n')
    plan.build(Look(project))
    return project


@pytest.fixture
def built(built_once: Project, tmp_path: Path) -> Project:
    """A copy of them that a test may change."""
    return copy_of(built_once, tmp_path / "built")


def test_an_empty_project_has_nothing_published_and_nothing_to_do(project: Project) -> None:
    assert status(project) == ["nothing is published yet", "next build:", "  nothing to do"]


def test_a_current_project_says_what_is_in_it(built: Project) -> None:
    lines = status(built)
    assert lines[0].startswith("published; its newest table was built 20")
    assert section(lines, "releases") == ["a: a (ready)", "b: b (ready, simulated)"]
    assert section(lines, "months served") == [
        "sc 2012-05 to 2012-06: a (records)",
        "sc 2013-05 to 2013-05: b (records)",
    ]
    assert section(lines, "next build") == ["nothing to do"]
    assert "refused:" not in lines and "damaged:" not in lines


def test_what_a_build_would_do_is_told_before_it_does_it(built: Project) -> None:
    cases(built, "c", [removal("2014-05-03")])
    assert section(status(built), "next build") == ["ingest c", "rebuild dependents"]
    shutil.rmtree(built.raw / "c")
    shutil.rmtree(built.raw / "b")
    assert section(status(built), "next build")[0] == "remove b (no longer in raw/)"
    (built.site / "index.html").unlink()
    assert "report" in section(status(built), "damaged")[0]


def test_a_refused_release_is_listed_with_its_reason(built: Project) -> None:
    unreadable(built, "bad")
    (problem,) = build_without_dagster(built)
    lines = status(built)
    assert section(lines, "refused") == [problem]
    assert any(line == f"{problem} (failed)" for line in section(lines, "releases"))
    assert any(line.startswith("releases_are_taken_in failed") for line in section(lines, "checks that do not pass"))


def test_looking_writes_nothing_but_hashes(built: Project) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.raw.parent.rglob("*") if path.is_file()}
    status(built)
    after = {path: path.stat().st_mtime_ns for path in built.raw.parent.rglob("*") if path.is_file()}
    assert {path.name for path in after if after[path] != before.get(path)} <= {"file_hashes.json"}


@pytest.mark.parametrize(
    ("outlook", "lines"),
    [
        (Outlook([], {}, [], [], []), []),
        (Outlook([], {}, [], ["warehouse"], []), ["rebuild warehouse"]),
        (
            Outlook(["a"], {}, ["b"], ["warehouse"], []),
            ["ingest a", "remove b (no longer in raw/)", "rebuild dependents"],
        ),
    ],
)
def test_the_next_build_in_words(outlook: Outlook, lines: list[str]) -> None:
    assert next_build(outlook) == lines


def test_a_project_whose_raw_folder_is_missing_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        status(Project(tmp_path / "nowhere", tmp_path / "warehouse"))
