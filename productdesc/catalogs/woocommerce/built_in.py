"""What WordPress and WooCommerce's plugins bring: roles of users, fields for SEO."""

from __future__ import annotations

from typing import Literal, get_args

from ...text.suggest import nearest

Role = Literal["shop_manager", "administrator"]
"""The role of the key's user. Only administrators may write unfiltered HTML."""
ROLES: tuple[Role, ...] = get_args(Role)

YOAST = ("_yoast_wpseo_title", "_yoast_wpseo_metadesc")
"""Where the plugin Yoast SEO keeps a product's SEO title and description."""
RANK_MATH = ("rank_math_title", "rank_math_description")
"""Where the plugin Rank Math keeps them."""
SEO_PLUGINS = {"yoast": YOAST, "rank-math": RANK_MATH}
"""Those fields by the plugin's name."""


def check_role(role: str) -> Role:
    """The role; `ValueError` for one of which it is not known what it may write."""
    for known in ROLES:
        if role == known:
            return known
    near = nearest(role, ROLES)
    hint = f"did you mean {near!r}?" if near else f"known are: {', '.join(ROLES)}"
    raise ValueError(f"{role!r} is no role of which it is known what it may write; {hint}")
