"""The documentation is true: generated pages are current, commands and tables are in it, links lead somewhere."""

import re
from pathlib import Path

import pytest
import yaml

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


def test_the_services_of_the_compose_file_are_closed_to_the_network_and_keep_no_secret() -> None:
    compose = yaml.safe_load((REPOSITORY / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    page = (REPOSITORY / "docs" / "deployment.md").read_text(encoding="utf-8")
    settings = set(re.findall(r"\$\{(\w+)", (REPOSITORY / "deploy" / "compose.yaml").read_text(encoding="utf-8")))
    example = (REPOSITORY / "deploy" / "env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == settings
    assert "DAGSTER_PG_PASSWORD=\n" in example
    for name, service in compose["services"].items():
        assert f"| **{name}** |" in page
        assert service["healthcheck"]["test"][0] == "CMD"
        assert [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")] == []
        volumes = [volume for volume in service.get("volumes", []) if ":/srv/raw" in volume]
        assert all(volume.endswith("/srv/raw:ro") for volume in volumes)
        passwords = {key: value for key, value in service.get("environment", {}).items() if "PASSWORD" in key}
        assert all(value.startswith("${DAGSTER_PG_PASSWORD:?") for value in passwords.values())
