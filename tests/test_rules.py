"""Every rule's example is a test, and the page of rules shows them all."""

import re
from pathlib import Path
from pkgutil import iter_modules

import pytest

import tests.rules
from sc_pipeline import sql as engine
from sc_pipeline.schemas import MODELS
from sc_pipeline.schemas.base import failures
from tests.rules import Rule, all_rules, base_tables, compute_all, expected_rows, found_rows, parse, rules_page


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.title)
def test_rule(rule: Rule):
    made = compute_all(base_tables(rule.given))
    assert found_rows(rule, made) == expected_rows(rule)
    assert {name: failures(MODELS[name], made[name]) for name in engine.sql_tables()} == {
        name: [] for name in engine.sql_tables()
    }


def test_every_chapter_is_on_the_page():
    assert sorted(tests.rules.CHAPTERS) == sorted(module.name for module in iter_modules(tests.rules.__path__))


def test_titles_are_distinct():
    titles = [rule.title for rule in all_rules()]
    assert len(titles) == len(set(titles))


def test_the_page_shows_every_rule_with_its_example():
    page = rules_page()
    for rule in all_rules():
        assert f"### {rule.title}\n\n{rule.text}\n\n" in page
        for cells in parse(rule.expected)[1]:
            assert "| " + " | ".join(cell or "" for cell in cells) + " |" in page


def test_names_in_sql_are_words():
    # One clause a line, lower case: upper case is left to values between quotes and to comments.
    for path in sorted(Path(engine.PACKAGE).rglob("*.sql")):
        bare = re.sub(r"'[^']*'|--[^\n]*", "", path.read_text(encoding="utf-8"))
        assert bare == bare.lower(), path.name
