"""Errors of ours: one printable line each, whatever a stranger wrote into it."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Iterator

import pytest
from doubles.messages.hostile_texts import HOSTILE, SURROGATE, check

from productdesc import errors
from productdesc.catalogs.protocol import Problem, Saved
from productdesc.errors import CatalogError, FetchError, ProductDescError


def classes() -> list[type[ProductDescError]]:
    """The root and every class below it that is loaded, which takes the whole tree in."""
    return [ProductDescError, *_below(ProductDescError)]


def _below(kind: type[ProductDescError]) -> Iterator[type[ProductDescError]]:
    for one in kind.__subclasses__():
        if one.__module__ == errors.__name__:
            yield from (one, *_below(one))


@pytest.mark.parametrize("text", [*HOSTILE.values(), SURROGATE], ids=[*HOSTILE, "half"])
def test_every_error_is_safe_to_print_log_and_pickle(text: str) -> None:
    assert {kind.__name__ for kind in classes()} == set(errors.__all__)
    for kind in classes():
        error = kind(f"products.csv: {text}: is no id")
        for shown in (str(error), f"{error}", error.args[0]):
            check(shown, longest=2_000)
        check(repr(error))
        for other in (copy.copy(error), pickle.loads(pickle.dumps(error))):
            assert (type(other), str(other)) == (kind, str(error))
        trace = "".join(traceback.format_exception_only(error))
        check(trace, lines=2, longest=2_200)


def test_a_message_is_cut_at_its_limit_and_says_so() -> None:
    error = CatalogError("x" * 10**6)
    assert str(error) == "x" * 1_965 + "... (998,035 characters left out)"


def test_an_error_given_as_the_message_and_one_without_are_safe_too() -> None:
    inner = ValueError("1 error\n  in \x1b[2J")
    assert str(CatalogError(inner)) == r"1 error in \x1b[2J"
    assert str(CatalogError()) == ""


def test_an_error_class_that_forgets_its_base_is_safe_too() -> None:
    class Forgetful(CatalogError):
        def __init__(self, text: str) -> None:  # does not call super().__init__
            self.text = text

    check(str(Forgetful(HOSTILE["clears the screen"])))


def test_what_a_fetch_error_knows_survives_pickling() -> None:
    error = FetchError("host\x1b: no answer", retryable=True, sent=True)
    other = pickle.loads(pickle.dumps(error))
    assert (str(other), other.retryable, other.sent) == (r"host\x1b: no answer", True, True)


@pytest.mark.parametrize("text", [*HOSTILE.values(), SURROGATE], ids=[*HOSTILE, "half"])
def test_problems_and_reasons_are_safe_and_ids_are_as_they_came(text: str) -> None:
    problem = Problem(f"product {text}", f"photo {text} was left out", 12)
    check(str(problem))
    for part in (problem.where, problem.message):
        check(part, longest=2_000)
    saved = Saved(text, "refused", reason=f"the shop says {text}")
    check(saved.reason, longest=2_000)
    assert saved.product_id == text


def test_pickled_problems_are_equal() -> None:
    problem = Problem("line 1\x1b", "no\nid", 1)
    assert pickle.loads(pickle.dumps(problem)) == problem
    assert (problem.where, problem.message) == (r"line 1\x1b", "no id")
