"""Shopify: product fields, SEO, alt texts and tags.

Limits: tags 250 x 255 (shopify.dev changelog), alt text 512, advised 125
(help.shopify.com), SEO title 70 in the admin. Title 255 and meta description 320 are not
published by Shopify itself; the write lengths stay far below both.
"""

from .channel import Channel, Field

SHOPIFY = Channel(
    name="shopify",
    label="a Shopify shop",
    template="shopify.j2",
    fields=(
        Field("title", limit=255, write=80),
        Field("bullets", limit=255, write=120, items=(2, 5)),
        Field("description", limit=5000, write=600),
        Field("seo_title", limit=70, write=60),
        Field("seo_description", limit=160, write=155),
        Field("alt_texts", limit=512, write=125, photos=True),
        Field("tags", limit=255, write=30, items=(2, 8)),
    ),
)
