"""Text of an XML feed: what breaks XML and can mean one thing only is mended.

Shops write feeds with a template and not with a library, so a bare "&" or a control
character ends many of them. Each kind of mending is one problem, at its first place.
Nothing is expanded: no document type, no entity of the file's own.

To mend one more thing: a branch of `_BROKEN`, and a row in NOTES.
"""

from __future__ import annotations

import codecs
import html
import html.entities
import re
from collections.abc import Iterator
from typing import BinaryIO

from ...text.printable import printable
from ..protocol import Problem, Problems

CHUNK_BYTES = 1 << 16
HELD_CHARS = 40  # at the end of a piece: a reference or a tag may go on in the next

NOTES = {
    "start": "passed over {} before <?xml, where XML allows nothing; take that out",
    "declared": "its first line says {}, and it is {}; read as that",
    "byte": "byte {} is no {}; such bytes were read as Windows-1252. Save the file as "
    "UTF-8, or say in its first line what it is",
    "ampersand": "a bare & breaks XML; it and others like it were read as &amp;, which is "
    "how to write them",
    "less": "a bare < breaks XML; it and others like it were read as &lt;, which is how to "
    "write them",
    "entity": "{} is HTML's and unknown to XML; it and others like it were read as HTML "
    "means them. Write the character itself",
    "control": "the control character {} breaks XML; it and others like it were left out. "
    "Take them out of the product's texts",
    "prefix": '{}: is declared nowhere; {}. Add xmlns:{}="{}" to the file\'s first tag',
}
"""What is said of each kind of mending."""

_XML_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_CONTROL_BYTES = bytes(b for b in range(32) if b not in b"\t\n\r")
_ILLEGAL = re.compile(f"[{_XML_CONTROL}]")
_BROKEN = re.compile(
    rf"""&(?!(?:amp|lt|gt|quot|apos);)(?:
        \#(?P<high>[xX][dD][89abAB][0-9a-fA-F]{{2}}|5[56]\d{{3}});
        &\#(?P<low>[xX][dD][c-fC-F][0-9a-fA-F]{{2}}|5[67]\d{{3}});
        | \#(?P<number>[xX][0-9a-fA-F]{{1,6}}|\d{{1,7}});
        | (?P<name>[A-Za-z][A-Za-z0-9]{{1,31}});
      )?
    | <(?![A-Za-z_:/!?\x80-\U0010ffff])
    | (?P<illegal>[{_XML_CONTROL}])""",
    re.VERBOSE,
)
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#(?:3[2-9]|[4-9]\d));)")
_LESS = re.compile(r"<(?![A-Za-z_:/!?\x80-\U0010ffff])")
_DASHES = re.compile("-(?=-)|-$")  # a comment may not hold two, nor end with a third
_SECTION = re.compile(r"<!\[CDATA\[|<!--")
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->"}
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"),
)  # fmt: skip
# As browsers do: hardly a file that says so is not Windows'
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252"}
# Bytes that every encoding of a feed reads as ASCII does; those that run escapes do not
_PROBE = b"<?xml a='1'>\\u0041+AGE-"


class XmlText:
    """The mended text of a feed, in pieces; `skipped_lines` were left out at its start."""

    def __init__(self, problems: Problems) -> None:
        self.skipped_lines = 0
        self._problems = problems
        self._noted: set[str] = set()
        self._line = 1
        self._until = ""  # the end of the section that the text stands in
        self._encoding = "utf-8"

    def pieces(self, file: BinaryIO) -> Iterator[str]:
        """Raises `LookupError` or `UnicodeError` for an encoding that cannot be read."""
        head = file.read(CHUNK_BYTES)
        self._encoding = self._told(head)
        decoder = codecs.getincrementaldecoder(self._encoding)("surrogateescape")
        text = self._begun(decoder.decode(head))
        while chunk := file.read(CHUNK_BYTES):
            mended, text = self._mended(text)
            yield mended
            text += decoder.decode(chunk)
        text += decoder.decode(b"", True)
        while text:  # what is held back counts now
            mended, held = self._mended(text, is_last=True)
            yield mended
            text = held

    def note(self, kind: str, line: int, *values: str) -> None:
        """One problem of this kind, at the first place."""
        if kind not in self._noted:
            self._noted.add(kind)
            message = NOTES[kind].format(*(printable(v, "name") for v in values))
            self._problems.add(Problem(f"line {line}", message, line))

    def _told(self, head: bytes) -> str:
        """The encoding, by byte order mark, by the first line and by how the bytes are."""
        bom = next((name for mark, name in _BOMS if head.startswith(mark)), "")
        declared = _DECLARED.search(head)
        said = declared[1].decode("ascii", "replace") if declared else "utf-8"
        if bom and bom != "utf-8":
            return bom
        name = codecs.lookup(said).name
        is_wide = name.startswith(("utf-16", "utf-32"))
        if not is_wide and _PROBE.decode(name) != _PROBE.decode("ascii"):
            raise LookupError(f"encoding {said} is none of a feed's")
        name = _MEANT.get(name, name)
        if name not in ("utf-8", "utf-8-sig") and (bom or is_wide or _is_utf8(head)):
            line = head[: declared.start()].count(b"\n") + 1 if declared else 1
            self.note("declared", line, said, "UTF-8")
            return "utf-8"
        return "utf-8" if bom or name == "utf-8-sig" else name

    def _begun(self, text: str) -> str:
        """Without what may stand before the XML declaration by mistake."""
        begin = text.lstrip(" \t\r\n\ufeff\u200b\xa0")
        before = text[: len(text) - len(begin)].removeprefix("\ufeff")
        lines = before.count("\n")
        self.skipped_lines = lines
        self._line += lines
        if before and begin.startswith("<?xml"):
            what = f"{lines} blank line{'s'[: lines > 1]}" if lines else "white space"
            self.note("start", lines + 1, what)
        return begin

    def _mended(self, text: str, *, is_last: bool = False) -> tuple[str, str]:
        """(As much as can be told, mended; the rest)."""
        parts: list[str] = []
        at = 0
        while at < len(text):
            if self._until:
                end = text.find(self._until, at)
                stop = end if end >= 0 else self._inside(text, at, is_last)
                inner = self._piece(_ILLEGAL, text[at:stop])
                if self._until == "-->":
                    inner = _DASHES.sub("- ", inner)
                parts.append(inner)
                at = stop
                if end < 0:
                    break
                parts.append(self._until)
                at += len(self._until)
                self._until = ""
                continue
            section = _SECTION.search(text, at)
            stop = section.start() if section else _whole(text, at, is_last)
            parts.append(self._piece(_BROKEN, text[at:stop]))
            at = stop
            if not section:
                break
            parts.append(section[0])
            at = section.end()
            self._until = _ENDS[section[0]]
        return "".join(parts), text[at:]

    def _inside(self, text: str, at: int, is_last: bool) -> int:
        """How much of a section is sure not to be a part of its end."""
        if is_last:
            return len(text)
        sure = len(text.rstrip(self._until[0]))
        return max(at, sure, len(text) - HELD_CHARS)

    def _piece(self, pattern: re.Pattern[str], text: str) -> str:
        # to ask in pieces for what is rare is quicker than once for any of it
        is_broken = _has_illegal(text) or (
            pattern is _BROKEN and (_AMPERSAND.search(text) or _LESS.search(text))
        )
        mended = pattern.sub(self._mend, text) if is_broken else text
        self._line += text.count("\n")
        return mended

    def _mend(self, found: re.Match[str]) -> str:
        parts = found.groupdict() if found.re is _BROKEN else {"illegal": found[0]}
        if illegal := parts["illegal"]:
            return self._character(ord(illegal), found)
        if parts["high"]:
            pair = chr(_code(parts["high"])) + chr(_code(parts["low"]))
            return pair.encode("utf-16", "surrogatepass").decode("utf-16")
        if number := parts["number"]:
            code = _code(number)
            if code > 0x10FFFF or _ILLEGAL.match(chr(code)):
                return self._character(code, found)
            # those of 128 to 159 are Windows', as in every browser
            return html.unescape(found[0]) if 128 <= code < 160 else found[0]
        meant = html.entities.html5.get(f"{parts['name']};") if parts["name"] else None
        if meant:
            self._note_at(found, "entity", found[0])
            return html.escape(meant)
        if found[0] == "<":
            self._note_at(found, "less")
            return "&lt;"
        self._note_at(found, "ampersand")
        return "&amp;" + found[0][1:]

    def _character(self, code: int, found: re.Match[str]) -> str:
        """What is read of a character that XML forbids; 0xDC80 and on are bytes."""
        if 0xDC80 <= code <= 0xDCFF and len(found[0]) == 1:
            byte = code - 0xDC00
            self._note_at(found, "byte", f"0x{byte:02X}", self._encoding.upper())
            return bytes([byte]).decode("cp1252", "ignore")
        self._note_at(found, "control", f"U+{code:04X}")
        return ""

    def _note_at(self, found: re.Match[str], kind: str, *values: str) -> None:
        if kind not in self._noted:  # to count the lines for each would take quadratic time
            line = self._line + found.string.count("\n", 0, found.start())
            self.note(kind, line, *values)


def _has_illegal(text: str) -> bool:
    """What a search with `_ILLEGAL` says, in a tenth of its time."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        return True
    sound = len(raw.translate(None, _CONTROL_BYTES)) == len(raw)
    return not sound or "\ufffe" in text or "\uffff" in text


def _code(number: str) -> int:
    return int(number[1:], 16) if number[0] in "xX" else int(number)


def _whole(text: str, at: int, is_last: bool) -> int:
    """Where the text may be parted: not within a reference or the begin of a tag."""
    if is_last:
        return len(text)
    near = max(at, len(text) - HELD_CHARS)
    marks = [m for m in (text.find("&", near), text.find("<", near)) if m >= 0]
    return min(marks, default=len(text))


def _is_utf8(head: bytes) -> bool:
    """Whether bytes beyond ASCII make sense as UTF-8, which by chance they never do."""
    if head.isascii():
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
