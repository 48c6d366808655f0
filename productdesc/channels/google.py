"""Google Merchant Center: title, description and highlights in its limits.

Limits: support.google.com/merchants 6324415 (title 150), 6324468 (description 5,000),
9216100 (highlights: 2 to 100 of 1 to 150), 6324487 (colour 40 each, 100 in all, at most
three), 6324410 (material 200). Pattern and size 100 are not stated by Google itself.
Bullets are the product highlights; Google has no SEO fields, tags or alt texts.
"""

from .channel import Channel, Field

GOOGLE = Channel(
    name="google",
    label="Google Shopping",
    template="google.j2",
    fields=(
        Field("title", limit=150, write=100),
        Field("bullets", limit=150, write=120, items=(2, 6)),
        Field("description", limit=5000, write=600),
    ),
    attributes={"colour": 100, "color": 100, "material": 200, "pattern": 100, "size": 100},
    attribute_limit=1000,
)
