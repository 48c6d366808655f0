"""Attribute values: plain ones become text, an object is named and never spelt out."""

from __future__ import annotations

import datetime
import enum
import json
import uuid
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from productdesc.catalogs.jsonl import JsonlSource
from productdesc.catalogs.tables.parquet import ParquetSource
from productdesc.records import Product
from productdesc.text.plain_values import plain_text


class Shade(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" red ", "red"), (None, ""), (True, "yes"), (False, "no"), (3, "3"), (0, "0"),
        (2.0, "2"), (2.5, "2.5"), (float("nan"), ""), (Decimal("1.50"), "1.50"),
        (Fraction(1, 2), "1/2"), (datetime.date(2026, 1, 2), "2026-01-02"),
        (Shade.RED, "red"), (["a", None, 2, True], "a, 2, yes"), (("a", "b"), "a, b"),
        ({"s"}, "s"), ([["a"], ["b"]], "a, b"), ([], ""), (np.float32(2.5), "2.5"),
        (np.int64(3), "3"), (np.bool_(True), "yes"), (np.array([1, 2]), "1, 2"),
    ],
)  # fmt: skip
def test_a_plain_value_becomes_text(value: Any, text: str) -> None:
    assert plain_text(value) == text
    assert Product(attributes={"size": value}).attributes.get("size", "") == text


OBJECTS = (
    {"cm": 1}, {}, [{"cm": 1}], [["a", {"b": 1}]], [("key", "value")], b"bytes", object(),
    Product(), len, uuid.UUID(int=1), Path("a"),
)  # fmt: skip


@pytest.mark.parametrize("value", OBJECTS, ids=lambda v: type(v).__name__)
def test_an_object_is_an_error_that_names_the_key(value: Any) -> None:
    with pytest.raises(ValueError, match="attribute 'heel height' is an object"):
        Product(attributes={"colour": "red", "heel height": value})


def test_json_lines_leave_an_object_out_and_name_its_key(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    given = {"a": {"x": 1}, "b": [1, 2.0], "c": [{"y": 2}], "d": True, "e": None, "f": "F"}
    lines = [{"id": "1", "attributes": given}, {"id": "2", "attributes": [1]}, {"id": "3"}]
    path.write_text("\n".join(map(json.dumps, lines)))
    with JsonlSource(path) as source:
        products = list(source.products())
    assert [p.id for p in products] == ["1", "3"]
    assert products[0].attributes == {"b": "1, 2", "d": "yes", "f": "F"}
    said = [str(problem) for problem in source.problems]
    assert len(said) == 3 and said[2].startswith("line 2: attributes")
    for key, words in zip("ac", said, strict=False):
        assert words.startswith(f"line 1, product '1': attribute '{key}' was left out")


def test_parquet_leaves_an_object_out_and_names_its_column_or_key(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    texts, structs = pa.string(), pa.struct([("z", pa.int64())])
    table = pa.table(
        {
            "id": ["1"],
            "title": ["Jug"],
            "colour": pa.array([{"en": "red"}]),
            "size": pa.array([[1, 2]]),
            "width": [2.0],
            "attributes": pa.array(
                [[("k", {"z": 1}), ("m", None)]], pa.map_(texts, structs)
            ),
            "fabric": pa.array([[("a", "b")]], pa.map_(texts, texts)),
        }
    )
    pq.write_table(table, tmp_path / "p.parquet")
    with ParquetSource(tmp_path / "p.parquet") as source:
        [product] = source.products()
    assert product.attributes == {"size": "1, 2", "width": "2"}
    said = " ".join(map(str, source.problems))
    assert source.problems.total == 3
    assert all(
        f"attribute {key!r} was left out" in said for key in ("k", "colour", "fabric")
    )
