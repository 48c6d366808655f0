"""WooCommerce: name, description, alt texts and tags; SEO fields where a plugin has them.

WooCommerce publishes no lengths. The database holds 200 characters of a tag's name
(wp_terms.name) and any length of the others; the limits here are what themes show well,
and for SEO plugins what search engines show.
"""

from .channel import Channel, Field

WOOCOMMERCE = Channel(
    name="woocommerce",
    label="a WooCommerce shop",
    template="woocommerce.j2",
    fields=(
        Field("title", limit=200, write=80),
        Field("bullets", limit=255, write=120, items=(2, 5)),
        Field("description", limit=5000, write=600),
        Field("alt_texts", limit=512, write=125, photos=True),
        Field("tags", limit=200, write=30, items=(2, 8)),
    ),
    optional=(
        Field("seo_title", limit=70, write=60),
        Field("seo_description", limit=160, write=155),
    ),
)
