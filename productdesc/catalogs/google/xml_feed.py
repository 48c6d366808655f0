"""Google feeds in XML: RSS 2.0 and Atom, read as a stream, and supplements written.

A stranger's XML: a document type is refused, and with it every entity, so there is
nothing to expand and nothing to fetch. One offer is in memory at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from ...errors import CatalogError
from ..protocol import Problem, Problems
from .item import Item

MAX_ITEM_CHARS = 1_000_000
"""Text of one offer, in characters; Google's own limits add up to a tenth of it."""
MAX_TAG_BYTES = 1_000_000
MAX_DEPTH = 50

_CHUNK = 1 << 16
_PLAIN = ("", "http://www.w3.org/2005/Atom")
_TEXTS = {"summary": "description", "content": "description"}  # Atom's names


def read(path: str | os.PathLike[str], problems: Problems) -> Iterator[Item]:
    """Every offer of a feed, in order.

    Raises `CatalogError` for what is no XML, at its line; what stood before it was given.
    """
    reader = _Reader(problems)
    parser = reader.parser
    try:
        with open(path, "rb") as file:
            fed = 0
            while chunk := file.read(_CHUNK):
                parser.Parse(chunk, False)
                fed += len(chunk)
                yield from reader.taken()
                if fed - parser.CurrentByteIndex > MAX_TAG_BYTES:
                    raise _Refused(f"holds a tag of more than {MAX_TAG_BYTES} bytes")
            parser.Parse(b"", True)
            yield from reader.taken()
    except expat.ExpatError as e:
        raise CatalogError(
            f"{Path(path)}: is no well-formed XML: {expat.ErrorString(e.code)}, line "
            f"{e.lineno}, column {e.offset + 1}; {reader.offers} offers stand before it"
        ) from e
    except _Refused as e:
        line = parser.CurrentLineNumber
        raise CatalogError(f"{Path(path)}: {e}, line {line}") from e
    except (LookupError, UnicodeError, ValueError) as e:  # an encoding Python has not
        raise CatalogError(f"{Path(path)}: its encoding cannot be read: {e}") from e
    except OSError as e:
        raise CatalogError(f"{Path(path)}: cannot be read: {e.strerror or e}") from e
    if not reader.saw_feed:
        raise CatalogError(f"{Path(path)}: is XML, but no feed: no <item>, no <entry>")


class _Refused(Exception):
    """XML that is not read further; the message is the reason."""


class _Reader:
    """What the parser has told of the present offer, and the offers that are whole."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.offers = 0
        self.saw_feed = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._whole: list[Item] = []
        self._depth = 0
        self._item_depth = 0  # 0: outside of every offer
        self._line = 0
        self._chars = 0
        self._name = ""  # the field that is open, "" for one that is not looked at
        self._custom = False
        self._inner = ""
        self._pieces: list[str] = []
        self._fields: dict[str, list[str]] = {}
        self._parts: dict[str, str] = {}
        self._own: dict[str, str] = {}

    def taken(self) -> list[Item]:
        whole, self._whole = self._whole, []
        return whole

    def _doctype(self, *_: Any) -> None:
        raise _Refused("holds a document type (DOCTYPE), which no feed needs")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Refused(f"is nested more than {MAX_DEPTH} deep")
        space, _, local = name.rpartition(" ")
        if not self._item_depth:
            self.saw_feed |= self._depth == 1 and local in ("rss", "feed", "RDF")
            if local in ("item", "entry"):
                self.saw_feed = True
                self._item_depth, self._line = self._depth, self.parser.CurrentLineNumber
                self._fields, self._own, self._chars = {}, {}, 0
        elif self._depth == self._item_depth + 1:
            self._name = self._field(space, local)
            self._pieces, self._parts = [], {}
        elif self._depth == self._item_depth + 2:
            self._inner = local
            if not self._whole_text():
                self._pieces = []
        self._chars += len(local) if self._item_depth else 0

    def _field(self, space: str, local: str) -> str:
        self._custom = "base.google.com/cns" in space
        if self._custom or "base.google.com/ns" in space:
            return local
        # Plain names come second: the g: name of the same thing wins
        return f"plain {_TEXTS.get(local, local)}" if space in _PLAIN else ""

    def _whole_text(self) -> bool:
        """Whether all text below the field is its value (XHTML in Atom)."""
        return self._name.startswith("plain ")

    def _text(self, text: str) -> None:
        if self._item_depth and self._name:
            self._chars += len(text)
            if self._chars <= MAX_ITEM_CHARS:
                self._pieces.append(text)

    def _end(self, _: str) -> None:
        if self._item_depth:
            if self._depth == self._item_depth:
                self._close_item()
            elif self._depth == self._item_depth + 1:
                self._close_field()
            elif self._depth == self._item_depth + 2 and not self._whole_text():
                self._parts[self._inner] = "".join(self._pieces).strip()
                self._pieces = []
        self._depth -= 1

    def _close_field(self) -> None:
        text, parts = "".join(self._pieces), self._parts
        if self._chars > MAX_ITEM_CHARS:
            pass  # the offer is left out, so nothing more of it is kept
        elif self._custom and self._name:
            self._own[self._name.replace("_", " ")] = text.strip()
        elif self._name == "product_detail":
            self._own[parts.get("attribute_name", "")] = parts.get("attribute_value", "")
        elif self._name in ("structured_title", "structured_description"):
            self._fields.setdefault(self._name, []).append(parts.get("content", ""))
        elif self._name:
            self._fields.setdefault(self._name, []).append(text)
        self._name = ""

    def _close_item(self) -> None:
        where = f"line {self._line}"
        self._item_depth = 0
        if self._chars > MAX_ITEM_CHARS:
            message = f"an offer of {self._chars} characters; {MAX_ITEM_CHARS} is the limit"
            self.problems.add(Problem(where, message, self._line))
            return
        for name in [n for n in self._fields if n.startswith("plain ")]:
            values = self._fields.pop(name)
            self._fields.setdefault(name.removeprefix("plain "), values)
        self.offers += 1
        self._whole.append(Item(where, self._line, self._fields, self._own))


HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n<channel>\n'
    "<title>Supplemental feed</title>\n"
)
TAIL = "</channel>\n</rss>\n"


def supplement(
    offer: str, values: Mapping[str, str], highlights: Sequence[str], by: str
) -> str:
    """One `<item>` with the values given; `by` is the source of its structured texts."""
    lines = ["<item>", _element("id", offer)]
    for name, value in values.items():
        if name.startswith("structured_"):
            inner = _element("digital_source_type", by)
            lines.append(f"<g:{name}>{inner}{_element('content', value)}</g:{name}>")
        else:
            lines.append(_element(name, value))
    lines += [_element("product_highlight", one) for one in highlights]
    return "\n".join([*lines, "</item>", ""])


def _element(name: str, text: str) -> str:
    return f"<g:{name}>{escape(text)}</g:{name}>"
