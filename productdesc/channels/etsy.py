"""Etsy: title, description, tags and alt texts of a listing, plain text.

Title 140, `% : & +` once each, no `$ ^ \\ backtick`, 13 tags of 20 characters, a title of
fewer than 15 words advised: third parties that agree with each other (skills.sh,
glama.ai). The alt text's 500 is not verified, and Etsy publishes no length of the
description.
"""

from .channel import Channel, CharacterRule, Field

ETSY = Channel(
    name="etsy",
    label="an Etsy listing",
    template="etsy.j2",
    fields=(
        Field(
            *("title", 140, 80),
            advised_words=14,
            characters=CharacterRule(never="$^\\`", once="%:&+", emoji=True),
        ),
        Field("description", limit=5000, write=600),
        Field("alt_texts", limit=500, write=125, photos=True),
        Field("tags", limit=20, write=20, items=(1, 13)),
    ),
)
