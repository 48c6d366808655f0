"""Tokens: which words of a text count as the same, and where they stand."""

from __future__ import annotations

import subprocess
import sys

import pytest

from productdesc.words.tokens import FormSet, form_of, forms_of, tokenize


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Crème", "CREME"), ("weiß", "WEISS"), ("ﬁbre", "fiber"), ("men's", "man"),
        ("Women’s", "woman"), ("mens", "man"), ("children's", "child"),
        ("colors", "colour"),
        ("meters", "metre"), ("Liters", "litre"), ("fibers", "fibre"), ("gray", "grey"),
        ("hoody", "hoodies"), ("golden", "gold"), ("jewelry", "jewellery"),
        ("Shelf", "SHELVES"), ("cookie", "cookies"), ("na\u00advy", "navy"),
        ("lens", "lenses"), ("tooth", "teeth"),
    ],
)  # fmt: skip
def test_case_accents_spelling_plural_and_possessive_do_not_count(
    one: str, other: str
) -> None:
    assert form_of(one) == form_of(other)


def test_a_token_knows_where_it_stands() -> None:
    text = "3 Crème-Brûlées, 1,000 g"
    found = [(token.form, text[token.start : token.end]) for token in tokenize(text)]
    assert found == [
        ("3", "3"),
        ("creme", "Crème"),
        ("brulee", "Brûlées"),
        ("1000", "1,000"),
        ("g", "g"),
    ]


def test_a_set_of_forms_is_a_set() -> None:
    shelves = FormSet("shelves knives", FormSet("Cookies"))
    assert {"shelf", "knife", "cookie"} == shelves
    assert "shelf" in shelves and "shelves" not in shelves and len(shelves) == 3
    assert shelves & {"shelf", "x"} == {"shelf"} == {"shelf", "x"} & shelves
    assert shelves - FormSet("shelf") == {"knife", "cookie"}
    assert forms_of("two shelves") == ("two", "shelf")


def test_no_table_is_read_by_importing_what_uses_them() -> None:
    probe = """
import sys
read = []
sys.addaudithook(
    lambda event, args: read.append(args[0])
    if event == "open" and str(args[0]).endswith(".toml") else None
)
import productdesc.checks, productdesc.taxonomy, productdesc.colours
import productdesc.checks.check, productdesc.taxonomy.search, productdesc.pipeline.run
import productdesc.photos.measured_colour
assert not read, read
productdesc.colours.colour_family("navy")
assert read
"""
    run = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
