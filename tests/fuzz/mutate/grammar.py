"""Mutations of texts by their grammar: JSON, JSON lines, delimited rows, XML, lines.

What cannot be parsed is mutated byte by byte.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from fuzz.mutate.plain import SURROGATE, hostile, plain

_Place = tuple[Any, Any]  # a list or object, and a key of it

NUMBERS = (0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**400, 0.1, 1e308, -0.0)
CONSTANTS = (None, True, False, float("nan"), float("inf"), "", [], {}, [None], [[]], [{}])


def json_value(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """A JSON text with one of its values, at any depth, replaced, moved, doubled, gone."""
    holder = _parsed(data)
    if holder is None and seeds:  # bytes that are no JSON end at the first check
        holder = _parsed(chance.choice(seeds))
    if holder is None:
        return plain(data, chance, seeds)
    _change(holder, chance)
    text = json.dumps(holder[0], ensure_ascii=chance.random() < 0.5)
    if chance.random() < 0.05:  # as deep as a parser may be asked to go
        depth = chance.choice((50, 400, 3000))
        deep = chance.choice(("[", '{"a":')) * depth + "1"
        deep += ("]" if deep[0] == "[" else "}") * depth
        text = text.replace(chance.choice(('""', "null", "[]", "true", "1")), deep, 1)
    return text.encode("utf-8", "surrogatepass")


def _parsed(data: bytes) -> list[Any] | None:
    try:
        return [json.loads(data)]
    except (ValueError, RecursionError):
        return None


def _change(holder: list[Any], chance: Random) -> None:
    places = _places(holder)
    where, key = chance.choice(places)
    now = where[key]
    match chance.randrange(10):
        case 0 | 1:  # of another type
            others = [*NUMBERS, *CONSTANTS, [now], {"a": now}, str(now)]
            where[key] = _copied(chance.choice(others))
        case 2 | 3:  # another of the same type, as one id in place of another
            same = [w[k] for w, k in places if type(w[k]) is type(now)]
            where[key] = _copied(chance.choice(same))
        case 4:
            where[key] = _copied(_at(chance.choice(places)))
        case 5 if where is not holder:
            del where[key]
        case 6 if isinstance(now, dict):
            now[hostile(chance)[:200]] = _value(chance)
        case 7 if isinstance(now, list):
            now += now[:1] * chance.choice((1, 1, 200))
        case _ if isinstance(now, str):
            at = chance.randint(0, len(now))
            where[key] = now[:at] + hostile(chance) + now[at:]
        case _:
            where[key] = _value(chance)


def _at(place: _Place) -> Any:
    return place[0][place[1]]


def json_lines(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """JSON lines with one line mutated as JSON, doubled, moved or cut."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    match chance.randrange(8):
        case 0:
            lines.insert(chance.randint(0, len(lines)), lines[at])
        case 1:
            del lines[at]
        case 2:
            lines[at] = lines[at][: chance.randint(0, len(lines[at]))]
        case _:
            lines[at] = json_value(lines[at], chance, seeds)
    return chance.choice((b"\n",) * 9 + (b"\r\n", b"\r")).join(lines)


def _places(holder: Any) -> Sequence[_Place]:
    """Where each value stands; of a long list, its first hundred."""
    places: list[_Place] = []
    todo = [holder]
    while todo and len(places) < 2000:
        value = todo.pop()
        keys = list(value) if isinstance(value, dict) else range(min(100, len(value)))
        for key in keys:
            places.append((value, key))
            if isinstance(value[key], dict | list):
                todo.append(value[key])
    return places


def _value(chance: Random) -> Any:
    match chance.randrange(4):
        case 0:
            return chance.choice(NUMBERS)
        case 1:
            return _copied(chance.choice(CONSTANTS))
        case 2 if chance.random() < 0.1:
            return SURROGATE
        case _:
            return hostile(chance)


def _copied(value: Any) -> Any:
    return json.loads(json.dumps(value))


def rows(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """A delimited table with cells, rows or columns changed, or written in another way."""
    encoding, mark = _encoding(data)
    text = data[len(mark) :].decode(encoding, "replace")
    head = text.partition("\n")[0]
    delimiter = max("\t;|,", key=head.count)
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return plain(data, chance, seeds)
    if not table or not max(map(len, table)):
        return plain(data, chance, seeds)
    way = chance.choice((_cell, _cell, _cell, _row, _column, _header))
    way(table, chance)
    if chance.random() < 0.1:
        delimiter = chance.choice(",;\t|")
    if chance.random() < 0.05:
        encoding, mark = chance.choice(
            (("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("cp1252", b""),
             ("utf-16-be", b"\xfe\xff"), ("utf-8", b""), ("shift_jis", b""))
        )  # fmt: skip
    out = io.StringIO(newline="")
    end = chance.choice(("\n", "\r\n") * 5 + ("\r", "\r\r\n"))
    quoting = csv.QUOTE_ALL if chance.random() < 0.2 else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows(table)
    written = out.getvalue()
    if chance.random() < 0.1:  # a quote that nobody closes, or closes wrongly
        at = written.find(delimiter, chance.randint(0, len(written)))
        written = written[: at + 1] + chance.choice('""x') + '"' + written[at + 1 :]
    return mark + written.encode(encoding, "replace")


def _encoding(data: bytes) -> tuple[str, bytes]:
    for mark, encoding in (
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xef\xbb\xbf", "utf-8"),
    ):
        if data.startswith(mark):
            return encoding, mark
    try:
        data.decode()
    except UnicodeDecodeError:
        return "cp1252", b""
    return "utf-8", b""


def _cell(table: list[list[str]], chance: Random) -> None:
    row = chance.choice(table)
    if not row:
        return
    at = chance.randrange(len(row))
    text = hostile(chance)
    row[at] = chance.choice((text, row[at] + text, text + row[at], chance.choice(row)))


def _row(table: list[list[str]], chance: Random) -> None:
    at = chance.randrange(len(table))
    match chance.randrange(5):
        case 0:
            del table[at]
        case 1:
            table[at:at] = [list(table[at])] * chance.choice((1, 2, 300))
        case 2:
            table[at] = table[at][: chance.randint(0, len(table[at]))]
        case 3:
            table[at] = table[at] + [hostile(chance)] * chance.choice((1, 5, 300))
        case _:
            other = chance.randrange(len(table))
            table[at], table[other] = table[other], table[at]


def _column(table: list[list[str]], chance: Random) -> None:
    at = chance.randrange(max(map(len, table)))
    way: Callable[[list[str]], None]
    match chance.randrange(3):
        case 0:
            way = lambda row: row.__delitem__(slice(at, at + 1))  # noqa: E731
        case 1:
            way = lambda row: row.insert(at, row[at] if at < len(row) else "")  # noqa: E731
        case _:
            text = hostile(chance)
            way = lambda row: row.__setitem__(slice(at, at + 1), [text])  # noqa: E731
    for row in table:
        way(row)


NAMES = (
    "id", "sku", "handle", "title", "name", "description", "body (html)", "image src",
    "images", "price", "tags", "type", "vendor", "categories", "image alt text",
    "seo title", "gtin",
    "meta: _yoast_wpseo_title", "attribute 1 name", "attribute 1 value(s)", "availability",
    "additional_attributes", "product_type", "link", "image_link", "photos",
)  # fmt: skip


def _header(table: list[list[str]], chance: Random) -> None:
    row = table[0]
    if row:
        at = chance.randrange(len(row))
        row[at] = chance.choice((chance.choice(NAMES), hostile(chance), chance.choice(row)))


_XML = re.compile(rb"<[^<>]*>|[^<>]+|[<>]")


def xml(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """XML with an element's piece doubled, moved, wrapped, filled or given attributes."""
    parts = _XML.findall(data)
    if not parts:
        return plain(data, chance, seeds)
    at = chance.randrange(len(parts))
    end = min(len(parts), at + chance.choice((1, 1, 3, 5, 20)))
    text = hostile(chance).encode("utf-8", "replace")
    match chance.randrange(9):
        case 0:
            parts[at:at] = parts[at:end] * chance.choice((1, 2, 100))
        case 1:
            del parts[at:end]
        case 2:
            depth = chance.choice((1, 10, 600))
            parts[at:end] = [b"<a>" * depth, *parts[at:end], b"</a>" * depth]
        case 3:
            parts[at] = text
        case 4:
            parts[at] = parts[at] + b"<![CDATA[" + text + b"]]>"
        case 5:
            body, end = parts[at].rstrip(b"/>"), parts[at][len(parts[at].rstrip(b"/>")) :]
            parts[at] = body + b" x='1' g:y=\"" + text + b'"' + end
        case 6:
            parts[at] = chance.choice(parts)
        case 7:
            entities = (b"&amp;", b"&x;", b"&#x1;", b"&#55296;", b"&nbsp;", b"&")
            parts.insert(at, chance.choice(entities) * chance.choice((1, 3)))
        case _:
            head = chance.choice(
                (b'<?xml version="1.0" encoding="%s"?>' % chance.choice(
                    (b"utf-16", b"latin-1", b"utf-7", b"x", b"shift_jis", b"utf-8")),
                 b'<!DOCTYPE r [<!ENTITY x "yy"><!ENTITY y SYSTEM "file:///etc/passwd">]>',
                 b"<?x y?>", b"\xef\xbb\xbf", b"\n \n", b"<!-- -->")
            )  # fmt: skip
            parts.insert(0 if chance.random() < 0.8 else at, head)
    return b"".join(parts)


def lines(data: bytes, chance: Random, seeds: Sequence[bytes]) -> bytes:
    """Lines of text with one doubled, moved, cut, filled, or taken from another input."""
    parts = data.split(b"\n")
    at = chance.randrange(len(parts))
    text = hostile(chance).encode("utf-8", "replace")
    match chance.randrange(6):
        case 0:
            parts[at:at] = parts[at : at + 1] * chance.choice((1, 2, 300))
        case 1:
            del parts[at]
        case 2:
            where = chance.randint(0, len(parts[at]))
            parts[at] = parts[at][:where] + text + parts[at][where:]
        case 3:
            words = parts[at].split(b" ")
            words[chance.randrange(len(words))] = text
            parts[at] = b" ".join(words)
        case 4 if seeds:
            parts.insert(at, chance.choice(chance.choice(seeds).split(b"\n")))
        case _:
            other = chance.randrange(len(parts))
            parts[at], parts[other] = parts[other], parts[at]
    return b"\n".join(parts)
