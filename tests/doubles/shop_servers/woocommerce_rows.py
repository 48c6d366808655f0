"""What a WooCommerce product is made of: every documented property, and its rows."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from doubles.wordpress.characters import unslash


def plain_line(text: str) -> str:
    """sanitize_text_field."""
    if "<" in text:
        text = re.sub(r"(?is)<(script|style)\b[^>]*>.*?</\1>", "", text)
        text = re.sub(r"<[^<>]*>", "", text)
        text = text.replace("<", "&lt;")
    text = " ".join(re.split(r"[ \t\r\n]+", text)).strip()
    while True:
        after = re.sub(r"%[0-9a-fA-F]{2}", "", text, count=1)
        if after == text:
            return text
        text = re.sub(" +", " ", after).strip()


def alt_text(text: str) -> str:
    """An alt text as it is stored."""
    return unslash(plain_line(text))


def attribute(row: Mapping[str, Any]) -> dict[str, Any]:
    """An attribute as it is stored: the shop's own options as HTML, the product's raw."""
    number = row.get("id", 0)
    if number:
        options = [html.escape(html.unescape(o), quote=False) for o in row["options"]]
    else:
        options = [o.strip() for value in row["options"] for o in value.split("|")]
    return {
        "id": number,
        "name": row.get("name", f"attribute {number}"),
        "position": row.get("position", 0),
        "visible": row.get("visible", False),
        "variation": row.get("variation", False),
        "options": options,
    }


def dates() -> dict[str, str]:
    names = ("date_created", "date_created_gmt", "date_modified", "date_modified_gmt")
    return dict.fromkeys(names, "2026-01-05T10:00:00")


def blank(number: int) -> dict[str, Any]:
    """A product with every documented property."""
    texts = (
        "name slug permalink description short_description sku price regular_price "
        "sale_price price_html external_url button_text tax_class weight shipping_class "
        "purchase_note"
    )
    lists = (
        "downloads related_ids upsell_ids cross_sell_ids categories tags images attributes "
        "default_attributes variations grouped_products meta_data"
    )
    flags = (
        "featured on_sale virtual downloadable manage_stock backorders_allowed backordered "
        "sold_individually"
    )
    return {
        "id": number,
        **dict.fromkeys(texts.split(), ""),
        **dates(),
        "type": "simple",
        "status": "publish",
        "catalog_visibility": "visible",
        "date_on_sale_from": None,
        "date_on_sale_from_gmt": None,
        "date_on_sale_to": None,
        "date_on_sale_to_gmt": None,
        **dict.fromkeys(flags.split(), False),
        "purchasable": True,
        "total_sales": 0,
        "download_limit": -1,
        "download_expiry": -1,
        "tax_status": "taxable",
        "stock_quantity": None,
        "stock_status": "instock",
        "backorders": "no",
        "dimensions": {"length": "", "width": "", "height": ""},
        "shipping_required": True,
        "shipping_taxable": True,
        "shipping_class_id": 0,
        "reviews_allowed": True,
        "average_rating": "0.00",
        "rating_count": 0,
        "parent_id": 0,
        "menu_order": 0,
        **{name: [] for name in lists.split()},
        "_links": {},
    }
