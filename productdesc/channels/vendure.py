"""Vendure: name and description of a product; SEO texts where a shop has fields for them.

Vendure publishes no lengths. The name is a varchar, 255 characters in MySQL, and the
description any length; the limits here are what storefronts show well, and for SEO texts
what search engines show.
"""

from .channel import Channel, Field

VENDURE = Channel(
    name="vendure",
    label="a Vendure shop",
    template="write.j2",
    fields=(
        Field("title", limit=255, write=80),
        Field("bullets", limit=255, write=120, items=(2, 5)),
        Field("description", limit=5000, write=600),
    ),
    optional=(
        Field("seo_title", limit=70, write=60),
        Field("seo_description", limit=160, write=155),
    ),
)
