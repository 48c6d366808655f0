"""Channels: where copy is published, and what each place accepts.

To add one: a file with a `Channel`, a template, and a line in CHANNELS.
"""

from ..text.suggest import did_you_mean
from ..text.trim import clean, trim, without_dangling
from .amazon import AMAZON
from .channel import Channel, CharacterRule, Field, description_schema, write_schema
from .ebay import EBAY
from .etsy import ETSY
from .google import GOOGLE
from .plain import PLAIN
from .shopify import SHOPIFY
from .vendure import VENDURE
from .woocommerce import WOOCOMMERCE

CHANNELS = {
    c.name: c for c in (SHOPIFY, GOOGLE, WOOCOMMERCE, VENDURE, AMAZON, EBAY, ETSY, PLAIN)
}


def find_channel(channel: str | Channel) -> Channel:
    """The channel of this name; a `Channel` is given back as it is.

    Raises `ValueError` for an unknown name.
    """
    if isinstance(channel, Channel):
        return channel
    if channel not in CHANNELS:
        hint = did_you_mean(channel, CHANNELS)
        raise ValueError(f"no channel {channel!r}; there are: {', '.join(CHANNELS)}{hint}")
    return CHANNELS[channel]


__all__ = [
    "CHANNELS",
    "Channel",
    "CharacterRule",
    "Field",
    "clean",
    "description_schema",
    "find_channel",
    "trim",
    "without_dangling",
    "write_schema",
]
