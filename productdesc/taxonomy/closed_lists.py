"""Closed lists that the observe stage chooses from: kinds of product, visible attributes.

To add a kind: one word in KINDS. A user's own lists go into `describe(categories=...,
visible=...)`; a model trained on its own list says so in its `EngineInfo`.
"""

from collections.abc import Mapping

OTHER = "other product"
"""What a model says when none of the categories fits."""

UNKNOWN = "unknown"
"""What a model says when an attribute cannot be seen; the attribute is then left out."""

# Plain kinds a shopper would name, one or two words each, so that small models tell
# them apart and the list stays short enough for every prompt.
KINDS: tuple[str, ...] = (
    # clothing
    "t-shirt", "shirt", "longsleeve", "sweater", "hoodie", "tank top", "bra", "dress",
    "skirt", "pants", "jeans", "leggings", "shorts", "outerwear", "suit", "swimwear",
    "underwear", "socks", "shoes", "boots", "sandals", "hat", "scarf", "gloves",
    # accessories
    "bag", "backpack", "wallet", "belt", "watch", "jewellery", "glasses", "umbrella",
    # home
    "sofa", "chair", "table", "bed", "shelf", "lamp", "rug", "cushion", "bedding",
    "curtain", "mirror", "picture", "vase", "candle", "cookware", "tableware", "drinkware",
    "kitchen appliance", "storage box", "plant",
    # electronics
    "phone", "laptop", "tablet", "computer accessory", "camera", "camera lens",
    "headphones", "speaker", "television", "game console", "light bulb",
    # food and drink
    "fruit", "vegetable", "juice", "milk", "cultured dairy", "snack", "drink", "bakery",
    # other
    "cosmetics", "perfume", "toy", "book", "tool", "bicycle", "sports equipment",
    "fitness equipment", "musical instrument", "pet supplies", "stationery",
    OTHER,
)  # fmt: skip

PATTERNS: tuple[str, ...] = (
    "solid", "striped", "checked", "dotted", "floral", "printed", "colour-blocked", UNKNOWN,
)  # fmt: skip

VISIBLE: Mapping[str, tuple[str, ...]] = {"pattern": PATTERNS}
"""Attributes that a photo can show, beside colour, and the words for each."""
