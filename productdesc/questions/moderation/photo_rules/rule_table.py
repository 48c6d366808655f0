"""The photo rules of marketplaces: one row for each place and rule.

To add a rule: a row in PHOTO_RULES with its source, and a row in docs/moderation.md. To
add a measure: a property of `PhotoMeasures`. What the limits of our own cost in false
alarms and what they catch is measured by `benchmarks/photo_rules.py`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

PhotoVerdict = Literal["refuse", "review", "reshoot"]


class Source(NamedTuple):
    """Who says so, and whether that is the place itself. `seen`: when it was looked up."""

    name: str
    official: bool
    seen: str = "2026-11-30"


class PhotoRule(NamedTuple):
    """A rule of one channel: it fires where `measure` is beyond `limit`.

    `code` is the channel's own name of the rule where it has one. `main_only`: it holds
    for a product's first photo alone. In `wrong` and `advice` {measured} and {limit} stand
    for the two numbers, with their unit.
    """

    channel: str
    code: str
    measure: str
    fires: Literal["below", "above"]
    limit: float
    verdict: PhotoVerdict
    wrong: str
    advice: str
    source: Source
    main_only: bool = False


_AMAZON = Source("https://sellercentral.amazon.com/gp/help/external/GT8RSE9S9NK4LP6Z", True)
_AMAZON_CODES = Source(
    "https://sellercentral.amazon.com.au/gp/help/external/help.html?itemID=202131130", True
)
_AMAZON_NOTICE = Source(
    "a notice of Amazon, quoted in https://sellercentral.amazon.com/forums/t/404581", False
)
_AMAZON_SIZES = Source(
    "https://mercatuslab.com/blog/amazon-product-image-requirements", False
)
_EBAY = Source(
    "https://www.ebay.com/help/policies/listing-policies/picture-policy?id=4370", True
)
_EBAY_SIZE = Source("https://developer.ebay.com/support/kb-article?KBid=1489", True)
_GOOGLE = Source(
    "https://developers.google.com/shopping-content/guides/product-issues", True
)
_GOOGLE_IMAGE = Source("https://support.google.com/merchants/answer/6324350", True)
_ETSY = Source("https://www.etsy.com/legal/policy/listing-image-requirements", False)
_ETSY_SIZE = Source(
    "https://dev.to/herofab (quotes Etsy's help: 2,000 px advised, 635 px at least)", False
)

_TAKE_OUT_TEXT = "give the photo without anything laid over it"
_PLACEHOLDER = (
    "it is lettering or an icon: {measured} of its plain parts are shaded, a photo has "
    "{limit}",
    "give a photo of the product",
)
_BLANK = (
    "it shows nothing: its tones span {measured}, a photo's span {limit}",
    "give a photo of the product",
)
_OVERLAY = ("texts were laid over the photo ({measured}, allowed {limit})", _TAKE_OUT_TEXT)
_WATERMARK = (
    "a half-transparent text lies over the photo ({measured}, allowed {limit})",
    _TAKE_OUT_TEXT,
)
_SHORT = "its long side is {measured}, {limit} are asked"

PHOTO_RULES = (
    PhotoRule(
        *("amazon", "image-size", "long_side", "below", 500, "refuse"),
        *(_SHORT, "give the original photo", _AMAZON_SIZES),
    ),
    PhotoRule(
        *("amazon", "image-size", "long_side", "above", 10_000, "refuse"),
        *("its long side is {measured}, at most {limit} are taken", "give a smaller copy"),
        _AMAZON_SIZES,
    ),
    PhotoRule(
        *("amazon", "zoom-size", "long_side", "below", 1000, "reshoot"),
        *("its long side is {measured}, zoom needs {limit}", "give a larger photo"),
        _AMAZON_SIZES,
    ),
    PhotoRule(
        *("amazon", "blurriness-or-pixelation", "sharpness", "below", 0.5, "reshoot"),
        "its edges are {measured} as steep as in a small copy, {limit} are asked",
        *("hold the camera still and focus on the product", _AMAZON),
    ),
    PhotoRule(
        *("amazon", "image-missing", "structure", "below", 12, "refuse"),
        *(*_BLANK, _AMAZON, True),
    ),
    PhotoRule(
        *("amazon", "image-missing", "shading", "below", 0.018, "refuse"),
        *(*_PLACEHOLDER, _AMAZON, True),
    ),
    PhotoRule(
        *("amazon", "non-white-background", "off_white", "above", 0.05, "refuse"),
        "the background is not pure white: {measured} of the photo's edge, at most {limit}",
        *("light the background until it is white, or cut the product out", _AMAZON, True),
    ),
    PhotoRule(
        *("amazon", "product-too-small", "share", "below", 0.85, "reshoot"),
        "the product fills {measured} of the frame, {limit} are asked",
        *("move closer: the product fills {measured}", _AMAZON_CODES, True),
    ),
    PhotoRule(
        *("amazon", "cropped-product", "touched", "above", 0.02, "review"),
        "the product crosses {measured} of the photo's edge, at most {limit}",
        *("step back until all of it can be seen", _AMAZON, True),
    ),
    PhotoRule(
        *("amazon", "text-logo-graphics-or-watermarks", "overlays", "above", 0, "refuse"),
        *(*_OVERLAY, _AMAZON, True),
    ),
    PhotoRule(
        *("amazon", "text-logo-graphics-or-watermarks", "watermarks", "above", 0),
        *("review", *_WATERMARK, _AMAZON, True),
    ),
    PhotoRule(
        *("amazon", "text-logo-graphics-or-watermarks", "border", "above", 0.6, "review"),
        "a border was added: {measured} of its edge can be seen, at most {limit}",
        *("give the photo without a border", _AMAZON, True),
    ),
    PhotoRule(
        *("amazon", "multiple-views", "seam", "above", 0.9, "review"),
        "photos were joined: an edge runs along {measured} of the photo, at most {limit}",
        *("give one photo of one view", _AMAZON_NOTICE, True),
    ),
    PhotoRule(
        *("amazon", "multiple-views", "product_count", "above", 2, "review"),
        "it shows {measured} things of like size, at most {limit}",
        *("show one product once, unless they are sold together", _AMAZON_NOTICE, True),
    ),
    PhotoRule(
        *("ebay", "image-size", "long_side", "below", 500, "refuse"),
        *(_SHORT, "give the original photo", _EBAY),
    ),
    PhotoRule(
        *("ebay", "21916790", "long_side", "below", 1000, "reshoot"),
        *("its long side is {measured}, {limit} are advised", "give a larger photo"),
        _EBAY_SIZE,
    ),
    PhotoRule(
        *("ebay", "placeholder-images", "structure", "below", 12, "refuse"),
        *(*_BLANK, _EBAY),
    ),
    PhotoRule(
        *("ebay", "placeholder-images", "shading", "below", 0.018, "refuse"),
        *(*_PLACEHOLDER, _EBAY),
    ),
    PhotoRule(
        *("ebay", "added-borders", "border", "above", 0.6, "review"),
        "a border was added: {measured} of its edge can be seen, at most {limit}",
        *("give the photo without a border", _EBAY),
    ),
    PhotoRule(
        *("ebay", "added-text-artwork-or-marketing", "overlays", "above", 0, "refuse"),
        *(*_OVERLAY, _EBAY),
    ),
    PhotoRule(
        *("ebay", "watermarks", "watermarks", "above", 0, "review"),
        *(*_WATERMARK, _EBAY),
    ),
    PhotoRule(
        *("google", "image-below-500", "short_side", "below", 500, "review"),
        "its short side is {measured}, from 2027-01-31 on {limit} are asked",
        *("give a larger photo", _GOOGLE_IMAGE),
    ),
    PhotoRule(
        *("google", "image-size", "megapixels", "above", 64, "refuse"),
        *("it has {measured}, at most {limit} are taken", "give a smaller copy"),
        _GOOGLE_IMAGE,
    ),
    PhotoRule(
        *("google", "image_link_generic", "structure", "below", 12, "refuse"),
        *(*_BLANK, _GOOGLE),
    ),
    PhotoRule(
        *("google", "image_link_generic", "shading", "below", 0.018, "refuse"),
        *(*_PLACEHOLDER, _GOOGLE),
    ),
    PhotoRule(
        *("google", "image_link_unwanted_overlays", "overlays", "above", 0, "refuse"),
        *(*_OVERLAY, _GOOGLE),
    ),
    PhotoRule(
        *("google", "image_link_unwanted_overlays", "watermarks", "above", 0, "review"),
        *(*_WATERMARK, _GOOGLE),
    ),
    PhotoRule(
        *("etsy", "image-size", "short_side", "below", 635, "review"),
        "its short side is {measured}, the first photo needs {limit}",
        *("give a larger photo", _ETSY_SIZE, True),
    ),
    PhotoRule(
        *("etsy", "image-size-advised", "short_side", "below", 2000, "reshoot"),
        *("its short side is {measured}, {limit} are advised", "give a larger photo"),
        _ETSY_SIZE,
    ),
    PhotoRule(
        *("etsy", "not-the-item", "structure", "below", 12, "review"),
        *(*_BLANK, _ETSY),
    ),
    PhotoRule(
        *("etsy", "not-the-item", "shading", "below", 0.018, "review"),
        *(*_PLACEHOLDER, _ETSY),
    ),
)
