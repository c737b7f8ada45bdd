"""The documentation is true: generated pages are current, commands and tables are in it, links lead somewhere."""

import re
from pathlib import Path

import pytest

from sc_pipeline import cli
from sc_pipeline.schemas import MODELS
from tests.generate_docs import PAGES, REPOSITORY

PROSE = [REPOSITORY / "README.md", REPOSITORY / "GLOSSARY.md", REPOSITORY / "raw" / "README.md",
         *sorted((REPOSITORY / "docs").rglob("*.md"))]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_generated_page_is_current(name: str) -> None:
    assert (REPOSITORY / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_every_command_is_documented() -> None:
    prose = "\n".join(page.read_text(encoding="utf-8") for page in PROSE)
    assert [name for name in cli.main.commands if f"sc-pipeline {name}" not in prose] == []


def test_every_table_is_in_the_dictionary() -> None:
    page = (REPOSITORY / "docs" / "dictionary.md").read_text(encoding="utf-8")
    assert [table for table in MODELS if f"### {table}\n" not in page] == []


def test_every_make_target_named_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in PROSE for name in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))}
    assert named - targets == set()


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
