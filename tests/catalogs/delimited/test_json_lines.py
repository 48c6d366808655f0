"""JSON arrays off the disk: each element once, wherever a piece of the file ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubles.processor_time import MAX_RATIO, growth
from hypothesis import given, settings
from hypothesis import strategies as st

from productdesc.catalogs.delimited.json_lines import (
    MAX_LINE_BYTES,
    BadLine,
    array_elements,
    json_object,
)
from productdesc.catalogs.jsonl import JsonlSource

VALUES = st.recursive(
    st.none() | st.integers() | st.text('a"\\,[]{}\n', max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("k"), inner),
    max_leaves=6,
)


def pieces(text: bytes, size: int, most: int) -> list[tuple[int, bytes]]:
    places = iter(range(0, len(text), size))
    return list(
        array_elements(lambda _: text[(at := next(places, len(text))) : at + size], most)
    )


@settings(max_examples=400)
@given(
    values=st.lists(VALUES, max_size=5),
    indent=st.sampled_from([None, 1]),
    size=st.integers(1, 40),
    most=st.sampled_from([1, 5, 20, 10_000]),
)
def test_elements_are_those_of_the_array_however_it_is_cut(
    values: list[object], indent: int | None, size: int, most: int
) -> None:
    text = json.dumps(values, indent=indent).encode()
    whole = pieces(text, len(text), len(text))
    assert [json.loads(element) for _, element in whole] == values
    assert pieces(text, size, most) == [(n, raw[: most + 1]) for n, raw in whole]


def test_a_file_may_be_cut_behind_a_quote_within_a_text(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    for before in range(240, 260):
        text = "x" * ((1 << 18) - before) + '\\"' * 200 + ", ] }"
        items = [f'{{"id": "1", "title": "{text}"}}', '{"id": "2"}', '{"id": "3"}']
        path.write_text(f"[{','.join(items)}]")
        with JsonlSource(path) as source:
            assert [product.id for product in source.products()] == ["1", "2", "3"]
        assert not source.problems


@pytest.mark.parametrize(
    "large",
    [
        '{"id": "2", "title": "' + "x" * MAX_LINE_BYTES + '"}',
        '{"id": "2", "title": "' + '\\"]' * (MAX_LINE_BYTES // 3) + '"}',
        '{"id": "2", "title": "' + "\\\\" * (MAX_LINE_BYTES // 2) + '"}',
        '{"id": "2", "size": ' + "1" * MAX_LINE_BYTES + "}",
        '{"id": "2", "size": [' + f'"{"y" * 60}",\n' * (MAX_LINE_BYTES >> 6) + "1]}",
    ],
    ids=["text", "quotes", "backslashes", "digits", "list"],
)
def test_an_element_that_is_too_large_is_one_problem_and_the_rest_goes_on(
    tmp_path: Path, large: str
) -> None:
    path = tmp_path / "p.json"
    path.write_text(f'[{{"id": "1"}},\n{large},\n{{"id": "3"}}, {{}}]')
    with JsonlSource(path) as source:
        assert [product.id for product in source.products()] == ["1", "3"]
    too_large, last = map(str, source.problems)
    assert too_large.startswith("line 2: is longer than 4194304 bytes")
    assert last.startswith(f"line {3 + large.count(chr(10))}: has no id")


@pytest.mark.parametrize(
    "unit", ['"', '\\"', "[", "]", "{", ",", "x", "1", "\n", "\\", '"\\']
)
@pytest.mark.parametrize("begin", ["[", '["', '[{"id": "'])
def test_an_array_of_anything_takes_linear_time(begin: str, unit: str) -> None:
    def run(size: int) -> None:
        text = (begin + unit * (size // len(unit))).encode()
        list(array_elements(lambda _, left=[text]: left.pop() if left else b"", size))

    assert growth(run) < MAX_RATIO


@pytest.mark.parametrize(
    "line, why",
    [
        (b"null", "holds null, not an object"),
        (b"[1]", "holds a list, not an object"),
        (b'{"a": 1, "a": 2}', "the key 'a' is in one object twice"),
        (b'{"a": [[[[1]]]]}', "is nested over 4 levels deep"),
        (b'{"a": "' + b"x" * 99 + b'"}', "is longer than 99 bytes"),
    ],
)
def test_an_object_may_be_held_to_a_shops_own_rules(line: bytes, why: str) -> None:
    with pytest.raises(BadLine, match=why):
        json_object(line, most=99, max_depth=4, unique_keys=True)
    brackets = b'{"a": [[[1]]], "b": "[[[[[[", "c": [], "d": []}'
    assert json_object(brackets, max_depth=4, unique_keys=True)


def test_many_keys_take_linear_time() -> None:
    def run(size: int) -> None:
        keys = ",".join(f'"{n}":1' for n in range(size // 6))
        with pytest.raises(BadLine, match="twice"):
            json_object(f'{{{keys},"0":1}}'.encode(), most=1 << 30, unique_keys=True)

    assert growth(run) < MAX_RATIO
