"""eBay: title and description of a listing, plain text.

Title 80 (developer.ebay.com, trading-user-guide/listing-title). A description of up to 800
fits the span that phones are shown (developer.ebay.com, mobile descriptions). The subtitle
(55) costs a fee and is the seller's own choice. Item specifics: 65 is not stated by eBay
itself.
"""

from .channel import Channel, Field

EBAY = Channel(
    name="ebay",
    label="an eBay listing",
    template="ebay.j2",
    fields=(
        Field("title", limit=80, write=75),
        Field("description", limit=800, write=600),
    ),
    attribute_limit=65,
)
