"""Photo rules: what marketplaces ask of a photo, mostly measured without a model."""

from __future__ import annotations

from .judging import PhotoFinding, photo_findings
from .rule_table import PHOTO_RULES, PhotoRule

__all__ = ["PHOTO_RULES", "PhotoFinding", "PhotoRule", "photo_findings"]
