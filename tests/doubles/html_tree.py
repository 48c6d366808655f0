"""What an HTML parser reads of a fragment: its text and elements, and whether they nest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"br", "img", "meta"}


@dataclass(slots=True)
class Element:
    """One element; `parts` are its texts and elements in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    @property
    def text(self) -> str:
        """What a reader sees: lines as lines, without what is for ears only."""
        if "hint" in self.classes:
            return ""
        if self.tag == "br":
            return "\n"
        return "".join(p if isinstance(p, str) else p.text for p in self.parts)

    @property
    def all_text(self) -> str:
        return "".join(p if isinstance(p, str) else p.all_text for p in self.parts)

    def walk(self) -> Iterator[Element]:
        yield self
        for part in self.parts:
            if isinstance(part, Element):
                yield from part.walk()

    def find(self, tag: str = "", of: str = "") -> list[Element]:
        """Elements of a tag and a class; "" is any."""
        return [
            e
            for e in self.walk()
            if (not tag or e.tag == tag) and (not of or of in e.classes)
        ]


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def parsed_html(fragment: str) -> Element:
    """The tree of a fragment; an element that is not closed in order is an error."""
    builder = _Builder()
    builder.feed(fragment)
    builder.close()
    assert len(builder.open) == 1, f"<{builder.open[-1].tag}> is not closed"
    return builder.open[0]
