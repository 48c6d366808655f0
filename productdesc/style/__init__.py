"""Style: a shop's tone, words and example products, and how they are learned from copy."""

from .shop_style import NO_STYLE, STYLE_LIMITS, Style, StyleExample, StyleLimits

__all__ = ["NO_STYLE", "STYLE_LIMITS", "Style", "StyleExample", "StyleLimits"]
