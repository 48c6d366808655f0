"""Moderation policy: a TOML file that the shop edits, with each mistake told."""

from __future__ import annotations

from pathlib import Path

import pytest

from productdesc import ModerationPolicy
from productdesc.questions.moderation.moderation_policy import MAX_CATEGORIES
from productdesc.words.questions.question_tables import policy_text

GOOD = """
[categories.lingerie]
should_not = ["show bare skin"]
may = ["show lingerie worn in a plain pose"]
threshold = 0.8
verdict = "refuse"
"""


def load(folder: Path, text: str) -> ModerationPolicy:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return ModerationPolicy.load(path)


def test_a_shop_writes_its_own_policy(tmp_path: Path) -> None:
    [one] = load(tmp_path, GOOD).categories
    assert one.name == one.label == "lingerie"
    assert one.should_not == ("show bare skin",)
    assert (one.threshold, one.verdict) == (0.8, "refuse")
    [plain] = load(tmp_path, '[categories.a]\nshould_not = ["x"]').categories
    assert (plain.threshold, plain.verdict, plain.may) == (0.5, "review", ())


def test_the_shipped_policy_can_be_edited_and_read_back(tmp_path: Path) -> None:
    assert load(tmp_path, policy_text()) == ModerationPolicy.shipped()
    edited = policy_text().replace("threshold = 0.5", "threshold = 0.75")
    assert {c.threshold for c in load(tmp_path, edited).categories} == {0.75}


def test_the_shipped_policy_says_both_what_is_not_and_what_is_fine() -> None:
    for one in ModerationPolicy.shipped().categories:
        assert one.should_not and one.may and one.label
        assert one.verdict == "review"  # never more, unless the shop says so
        for clause in (*one.should_not, *one.may):
            assert clause[0].islower() and not clause.endswith(".")


@pytest.mark.parametrize(
    "text, said",
    [
        ("", r"one table a category"),
        ("categories = 1", "one table a category"),
        ("category = 1", "did you mean 'categories'"),
        ("second_look = 1\n[categories.a]\nshould_not = ['x']", "second_look is 1; it is"),
        ("[categories.a]\nmay = ['x']", "category 'a': should_not is empty"),
        ("[categories.a]\nshould_not = 'x'", "should_not is a list of texts"),
        ("[categories.a]\nshould_not = ['']", "has an empty text"),
        (
            "[categories.a]\nshould_not = ['x']\nthreshold = 2",
            "threshold is 2; it is above",
        ),
        ("[categories.a]\nshould_not = ['x']\nthreshold = true", "threshold is True"),
        ("[categories.a]\nshould_not = ['x']\nthreshold = 0", "threshold is 0"),
        ("[categories.a]\nshould_not = ['x']\nverdict = 'delete'", "review or refuse"),
        ("[categories.a]\nshould_not = ['x']\nlabel = 3", "label is 3"),
        ("[categories.a]\nshuld_not = ['x']", "did you mean 'should_not'"),
        ("[categories]\na = 1", "'a' is no table"),
        ("[categories.a", "it is no TOML"),
        (f"[categories.a]\nshould_not = {['x'] * 13}", "13 texts; 12 are the most"),
        (f"[categories.a]\nshould_not = ['{'x' * 201}']", "201 characters; 200 are"),
    ],
)
def test_a_mistake_is_told_with_the_file(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as error:
        load(tmp_path, text)
    assert str(error.value).count("policy.toml") == 1


def test_too_many_categories_are_refused(tmp_path: Path) -> None:
    rows = "".join(
        f'[categories.c{n}]\nshould_not = ["x"]\n' for n in range(MAX_CATEGORIES + 1)
    )
    with pytest.raises(ValueError, match="41 categories; 40 are the most"):
        load(tmp_path, rows)
    with pytest.raises(ValueError, match="cannot be read"):
        ModerationPolicy.load(tmp_path / "nowhere.toml")
