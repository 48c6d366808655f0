"""The page on the checks has the rules as they are."""

from __future__ import annotations

from pathlib import Path

from productdesc.checks.policy import RULES, Rule


def row(rule: Rule) -> str:
    outcome = "inferred" if rule.action == "infer" else "removed"
    outcome = outcome if rule.vouched else "always removed"
    return f"| `{rule.code}` | {rule.what} | {outcome} |"


def test_the_table_of_rules_is_that_of_the_data(root: Path) -> None:
    page = (root / "docs" / "checks.md").read_text("utf-8")
    [_, rest] = page.split("| Code | What | Nobody vouches |\n|---|---|---|\n")
    table, _, _ = rest.partition("\n\n")
    assert table.splitlines() == [row(rule) for rule in RULES]
