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
from ...text.printable import quoted, words_of
from ..protocol import Problem, Problems
from .item import Item
from .xml_text import XmlText

MAX_ITEM_CHARS = 1_000_000
"""Text of one offer, in characters; Google's own limits add up to a tenth of it."""
MAX_TAG_BYTES = 1_000_000
MAX_DEPTH = 50

WHOLE_TEXTS = ("title", "description", "product_highlight")
STRUCTURED = ("structured_title", "structured_description")
"""Fields whose value, or whose content, may be HTML whose tags are elements of the feed."""
VOID = ("br", "hr", "img")

UNDECLARED = {"g": "http://base.google.com/ns/1.0", "c": "http://base.google.com/cns/1.0"}
"""What a prefix means that a feed declares nowhere."""

CURES: Mapping[str, str] = {
    expat.errors.XML_ERROR_NO_ELEMENTS: "it is empty or breaks off; export it again",
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: "it breaks off within a tag; export it again",
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION: "it breaks off, or ]]> is missing",
    expat.errors.XML_ERROR_TAG_MISMATCH: "close the element that is open, and put HTML of "
    "a text into <![CDATA[...]]>",
    expat.errors.XML_ERROR_INVALID_TOKEN: "this cannot stand here; put HTML of a text into "
    "<![CDATA[...]]>",
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "nothing may follow the last tag; were "
    "two files joined?",
    expat.errors.XML_ERROR_MISPLACED_XML_PI: "<?xml may stand at the very beginning only; "
    "were two files joined?",
    expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE: "take one of the two attributes out",
    expat.errors.XML_ERROR_SYNTAX: "text stands before the first tag; did a program print "
    "a warning into the file?",
}
"""What to do, by expat's message."""
SHOWN_BYTES = 40  # of the place of an error

_PLAIN = ("", "http://www.w3.org/2005/Atom")
_XML = "http://www.w3.org/XML/1998/namespace"
_TEXTS = {"summary": "description", "content": "description"}  # Atom's names


def read(path: str | os.PathLike[str], problems: Problems) -> Iterator[Item]:
    """Every offer of a feed, in order.

    Raises `CatalogError` for what is no XML, at its line; what stood before it was given.
    """
    text = XmlText(problems)
    reader = _Reader(problems, text)
    parser = reader.parser
    fed, chunk = 0, b""
    try:
        with open(path, "rb") as file:
            for piece in text.pieces(file):
                chunk = piece.encode()
                parser.Parse(chunk, False)
                fed += len(chunk)
                yield from reader.taken()
                if fed - parser.CurrentByteIndex > MAX_TAG_BYTES:
                    raise _Refused(f"holds a tag of more than {MAX_TAG_BYTES} bytes")
            parser.Parse(b"", True)
            yield from reader.taken()
    except expat.ExpatError as e:
        what = expat.ErrorString(e.code)
        cure = f"; {CURES[what]}" if what in CURES else ""
        raise CatalogError(
            f"{Path(path)}: is no well-formed XML: {what}, line "
            f"{reader.line_of(e.lineno)}, column {e.offset + 1}"
            f"{_shown(chunk, parser.ErrorByteIndex - fed)}{cure}; "
            f"{reader.offers} offers stand before it"
        ) from e
    except _Refused as e:
        line = reader.line_of(parser.CurrentLineNumber)
        raise CatalogError(f"{Path(path)}: {e}, line {line}") from e
    except (LookupError, UnicodeError, ValueError) as e:  # an encoding Python has not
        raise CatalogError(
            f"{Path(path)}: its encoding cannot be read: {words_of(e)}"
        ) from e
    except OSError as e:
        raise CatalogError(f"{Path(path)}: cannot be read: {e.strerror or e}") from e
    if not reader.saw_feed:
        raise CatalogError(f"{Path(path)}: is XML, but no feed: no <item>, no <entry>")


def _shown(chunk: bytes, at: int) -> str:
    """The place of an error as the feed has it, where it lies in this chunk."""
    if not 0 <= at < len(chunk):
        return ""
    text = chunk[at : at + SHOWN_BYTES].decode("utf-8", "ignore")
    return f", at {quoted(text, 'value')}"


class _Refused(Exception):
    """XML that is not read further; the message is the reason."""


class _Reader:
    """What the parser has told of the present offer, and the offers that are whole."""

    def __init__(self, problems: Problems, text: XmlText) -> None:
        self.problems = problems
        self.offers = 0
        self.saw_feed = False
        # namespaces are told here: to expat an undeclared prefix is the end of the feed
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self._mended = text
        self._spaces: list[tuple[int, dict[str, str]]] = [(0, {"": "", "xml": _XML})]
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

    def line_of(self, number: int) -> int:
        """The line of the file that is this line of what the parser was given."""
        return number + self._mended.skipped_lines

    def _named(self, name: str, attributes: Mapping[str, str]) -> tuple[str, str]:
        """(Namespace, local name) of an element that begins."""
        declared = {k[6:]: v for k, v in attributes.items() if k.startswith("xmlns")}
        if declared:
            self._spaces.append((self._depth, {**self._spaces[-1][1], **declared}))
        prefix, _, local = name.rpartition(":")
        space = self._spaces[-1][1].get(prefix)
        if space is None:
            space = UNDECLARED.get(prefix, "")
            meant = "read as Google's" if space else "such elements were not looked at"
            line = self.line_of(self.parser.CurrentLineNumber)
            self._mended.note("prefix", line, prefix, meant, prefix, space or "...")
        return space or ("" if prefix == "" else "undeclared"), local

    def _doctype(self, *_: Any) -> None:
        raise _Refused("holds a document type (DOCTYPE), which no feed needs")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Refused(f"is nested more than {MAX_DEPTH} deep")
        space, local = self._named(name, attributes)
        if not self._item_depth:
            self.saw_feed |= self._depth == 1 and local in ("rss", "feed", "RDF")
            if local in ("item", "entry"):
                self.saw_feed = True
                self._item_depth = self._depth
                self._line = self.line_of(self.parser.CurrentLineNumber)
                self._fields, self._own, self._chars = {}, {}, 0
        elif self._depth == self._item_depth + 1:
            self._name = self._field(space, local)
            self._pieces, self._parts = [], {}
        elif self._depth == self._item_depth + 2:
            self._inner = local
            if not self._whole_text():
                self._pieces = []
        if self._depth > self._item_depth + 1 and self._is_markup():
            self._pieces.append(f"<{local}>")
        self._chars += len(local) if self._item_depth else 0

    def _field(self, space: str, local: str) -> str:
        self._custom = "base.google.com/cns" in space
        if self._custom or "base.google.com/ns" in space:
            return local
        # Plain names come second: the g: name of the same thing wins
        return f"plain {_TEXTS.get(local, local)}" if space in _PLAIN else ""

    def _whole_text(self) -> bool:
        """Whether all text below the field is its value (XHTML in Atom)."""
        return self._name.startswith("plain ") or self._name in WHOLE_TEXTS

    def _is_markup(self) -> bool:
        """Whether the present element is HTML within a field's value."""
        if not self._item_depth:
            return False
        below = self._depth - self._item_depth
        name = self._name.removeprefix("plain ")
        return (below > 1 and name in WHOLE_TEXTS) or (below > 2 and name in STRUCTURED)

    def _text(self, text: str) -> None:
        if self._item_depth and self._name:
            self._chars += len(text)
            if self._chars <= MAX_ITEM_CHARS:
                self._pieces.append(text)

    def _end(self, name: str) -> None:
        below = self._depth > self._item_depth + 1
        if below and self._is_markup() and not name.endswith(VOID):
            self._pieces.append(f"</{name.rpartition(':')[2]}>")
        if self._item_depth:
            if self._depth == self._item_depth:
                self._close_item()
            elif self._depth == self._item_depth + 1:
                self._close_field()
            elif self._depth == self._item_depth + 2 and not self._whole_text():
                self._parts[self._inner] = "".join(self._pieces).strip()
                self._pieces = []
        if self._spaces[-1][0] == self._depth:
            self._spaces.pop()
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
