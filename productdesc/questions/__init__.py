"""Questions: what else a product photo can be asked, beside a description."""

from __future__ import annotations

from .choices import Choice, choose, choose_all

__all__ = ["Choice", "choose", "choose_all"]
