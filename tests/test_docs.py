"""The documentation is true: generated pages are current, commands and tables are in it, links lead somewhere."""

import re
from pathlib import Path

import pytest

from sc_pipeline import cli
from sc_pipeline.schemas import MODELS
from tests.generate_docs import PAGES, REPOSITORY
from tests.test_defs import SPECS

PROSE = sorted(
    path for folder in ("", "raw", "warehouse", "docs", "docs/decisions") for path in (REPOSITORY / folder).glob("*.md")
)
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PROSE)


@pytest.mark.parametrize("name", PAGES)
def test_generated_page_is_current(name: str) -> None:
    assert (REPOSITORY / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_every_command_is_documented() -> None:
    assert [name for name in cli.main.commands if f"sc-pipeline {name}" not in TEXT] == []


def test_every_command_and_option_named_in_the_docs_exists() -> None:
    lines = re.findall(r"(?<!-u )\bsc-pipeline ((?:[a-z]+)\b[^`\n#&]*)", TEXT)
    unknown = []
    for name, rest in (line.partition(" ")[::2] for line in lines):
        known = cli.main.commands.get(name)
        options = [text for option in known.params for text in option.opts] if known else []
        named = re.findall(r"(?<=\s)--[a-z-]+", f" {rest}")
        unknown += [f"{name} {option}" for option in named if known and option not in (*options, "--help")]
        unknown += [] if known else [name]
    assert unknown == []


def test_every_table_is_in_the_dictionary() -> None:
    page = (REPOSITORY / "docs" / "dictionary.md").read_text(encoding="utf-8")
    assert [table for table in MODELS if f"### {table}\n" not in page] == []


def test_every_asset_is_in_the_dictionary_or_the_picture() -> None:
    shown = "".join((REPOSITORY / "docs" / name).read_text() for name in ("dictionary.md", "images/asset-graph.svg"))
    assert [name for name in SPECS if f"### {name}\n" not in shown and f">{name}</text>" not in shown] == []


def test_every_table_named_in_the_docs_exists() -> None:
    known = {*MODELS, "sc_removals", "ice_removals", "trace"}
    named = set(re.findall(r"\b(?:core|meta|main)\.([a-z_0-9]+)\b", TEXT)) - {"toml", "py", "sql"}
    assert named - known - {"sql_tables"} == set()


def test_every_make_target_named_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", TEXT, re.MULTILINE)) - targets == set()


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
