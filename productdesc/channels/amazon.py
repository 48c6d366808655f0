"""Amazon: title, bullet points and description of a listing, plain text.

Title: 200 characters, and `! $ ? _ { } ^ ¬ ¦` refused (sellercentral-europe.amazon.com
201100890); fewer than 80 advised (sellercentral.amazon.com YTR6SYGFA5E3EQC). Bullets: at
most five of about 250, and the signs that they refuse, are from third parties
(amazonlistingaudit.com, sostocked.com). The description's 2,000 is not verified at Amazon.
"""

from .channel import Channel, CharacterRule, Field

_NO_SIGNS = CharacterRule(never="™®€…†‡", emoji=True)

AMAZON = Channel(
    name="amazon",
    label="an Amazon listing",
    template="amazon.j2",
    fields=(
        Field(
            *("title", 200, 75),
            advised=79,
            characters=CharacterRule(never="!$?_{}^¬¦™®€…†‡", emoji=True),
        ),
        Field("bullets", limit=250, write=120, items=(2, 5), characters=_NO_SIGNS),
        Field("description", limit=2000, write=600, characters=_NO_SIGNS),
    ),
)
