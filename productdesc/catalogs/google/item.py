"""One item (offer) of a Google feed, and the product that it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...net.network_access import NO_ACCESS, NetworkAccess
from ...records import Present, Product
from ...text.printable import quoted
from ..protocol import Problem, Problems
from ..shop_text.body import body_text
from ..shop_text.image_urls import photo_links
from ..shop_text.placeholders import stated, stated_attributes, stated_html
from ..shop_text.shop_html import to_text

DESCRIBING = (
    *("brand", "color", "material", "pattern", "size", "size_type", "size_system"),
    *("gender", "age_group", "condition", "product_type", "item_group_id"),
)
"""Attributes of a feed that describe the product; prices, links and stock do not."""


_STILL_HTML = re.compile(
    r"</(?:p|div|ul|ol|li|b|strong|em|i|span|table|h[1-6])>|<br\s*/?>"
    r"|&(?:amp|nbsp|lt|gt|quot|#39);",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One offer: `fields` by Google's name, each with its values in order.

    `custom` are attributes of the c: namespace and product details; of structured_title
    and structured_description, `fields` has the content.
    """

    where: str
    line: int
    fields: Mapping[str, Sequence[str]]
    custom: Mapping[str, str] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """The first value of a field that says something, without outer white space."""
        return next((v.strip() for v in self.fields.get(name, ()) if v.strip()), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(v.strip() for v in self.fields.get(name, ()) if v.strip())


def to_product(
    item: Item,
    problems: Problems,
    *,
    folder: Path | None = None,
    network: NetworkAccess = NO_ACCESS,
) -> Product | None:
    """The product that an offer is; None, and a problem, where it has no id."""
    offer = item.first("id")
    if not offer:
        problems.add(Problem(item.where, "has no id, so it was left out", item.line))
        return None
    photos = photo_links(
        [*item.all("image_link"), *item.all("additional_image_link")],
        problems,
        f"{item.where}, offer {quoted(offer, 'name')}",
        line=item.line,
        folder=folder,
        network=network,
    )
    own = {name: " / ".join(dict.fromkeys(item.all(name))) for name in DESCRIBING}
    return Product(
        id=offer,
        title=_text(_either(item, "title", "structured_title")),
        description=_text(
            _either(item, "description", "structured_description"), body_text
        ),
        photos=photos.photos,
        photo_error=photos.error,
        attributes=stated_attributes({**item.custom, **own}),
        present=Present(
            category=stated(item.first("google_product_category")),
            bullets=tuple(map(_text, filter(stated_html, item.all("product_highlight")))),
        ),
    )


def _text(markup: str, read: Callable[[str], str] = to_text) -> str:
    """Plain text of a feed's HTML, which many shops escape twice."""
    text = read(markup)
    may = "<" in text or "&" in text  # which is asked quicker
    return read(text) if may and _STILL_HTML.search(text) else text


def _either(item: Item, *names: str) -> str:
    """The first of these fields that says something."""
    return next((text for name in names if (text := stated_html(item.first(name)))), "")
