"""Plain: every field, for a backend of one's own; the limits are this library's."""

from .channel import Channel, Field

PLAIN = Channel(
    name="plain",
    label="an online shop",
    template="write.j2",
    fields=(
        Field("title", limit=150, write=80),
        Field("bullets", limit=255, write=120, items=(2, 5)),
        Field("description", limit=5000, write=600),
        Field("seo_title", limit=70, write=60),
        Field("seo_description", limit=160, write=155),
        Field("alt_texts", limit=512, write=125, photos=True),
        Field("tags", limit=100, write=30, items=(2, 8)),
    ),
)
