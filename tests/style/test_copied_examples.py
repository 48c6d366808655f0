"""What a model copies of a style's examples goes; what is true of the product stays.

A hundred cases of each kind: `pytest -m heavy tests/style/test_copied_examples.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from doubles.pictures import picture
from doubles.styles.copying import TONGUES, Copying, copier, job

from productdesc import Described, Description, describe_many

Checker = Callable[[Copying, Description], bool]
"""Whether the copied words of a case were taken out, under `copied-example`."""


def ours(case: Copying, found: Description) -> bool:
    fields = {f.field for f in found.findings if f.code == "copied-example"}
    if case.kind == "read":
        assert case.sentence in found.description
        return fields == {"photos"}
    is_out = case.sentence not in found.description
    assert is_out == ("description" in fields), (case.sentence, found)
    return is_out


Outcomes = list[tuple[Copying, Description]]


def described(language: str, each: int) -> Outcomes:
    style, cases = job(language, each)
    photo = picture()
    outcomes = describe_many(
        [case.product.model_copy(update={"photos": (photo,)}) for case in cases],
        copier(cases),
        batch_size=1,
        language=language,
        fields=["description"],
        style=style,
    )
    found = [one.description for one in outcomes if isinstance(one, Described)]
    return list(zip(cases, found, strict=True))


def counts(checker: Checker, outcomes: Outcomes) -> tuple[int, int]:
    """How many of the copied words were taken out, and how many true sentences stay."""
    out, stays = 0, 0
    for case, found in outcomes:
        is_out = checker(case, found)
        out += is_out and case.kind != "true"
        stays += not is_out and case.kind == "true"
    return out, stays


@pytest.fixture(scope="module", params=[25, pytest.param(100, marks=pytest.mark.heavy)])
def english(request: pytest.FixtureRequest) -> Outcomes:
    return described("en", request.param)


CHECKERS: dict[str, tuple[Checker, tuple[int, int]]] = {
    "ours": (ours, (3, 1)),
    "takes out all": (lambda *_: True, (3, 0)),
    "takes out nothing": (lambda *_: False, (0, 1)),
}
"""Copied words that are taken out, and true sentences that stay, of every four cases."""


@pytest.mark.parametrize("name", CHECKERS)
def test_300_of_300_copied_words_go_and_100_of_100_true_sentences_stay(
    name: str, english: Outcomes
) -> None:
    """Text "read on the product" (a third of it) is dropped before anything is written."""
    checker, (out, stays) = CHECKERS[name]
    each = len(english) // 4
    assert counts(checker, english) == (out * each, stays * each)


@pytest.mark.parametrize("language", sorted(set(TONGUES) - {"en"}))
def test_it_is_so_in_every_language_that_copy_is_offered_in(language: str) -> None:
    assert counts(ours, described(language, 15)) == (45, 15)
