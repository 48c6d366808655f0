"""Questions in POPE's form and replies to them, by a seed."""

from __future__ import annotations

import random
from typing import Any

THINGS = ("shoe", "shirt", "mug", "lamp", "bag", "chair")
REPLIES = (
    *("yes", "no", "Yes", "No", "Yes.", "No.", "Yes, there is.", "No, there is not."),
    *("there is no shoe", "There is. No doubt.", "NO", "nope", "It isn't there", ""),
    *("not sure", "I see a bag, not a mug", "Nothing of the kind", "no. yes", "no,", "no!"),
    *(
        "Yes there is a shoe but no mug",
        "\tno",
        "No way",
        "none",
        "notable",
        "I cannot say",
    ),
)


def made(seed: int, count: int) -> tuple[list[dict[str, Any]], list[str]]:
    """`count` questions about photos, and a reply to each."""
    chance = random.Random(seed)
    rows = [
        {
            "question_id": number + 1,
            "image": f"{number // 6}.jpg",
            "text": f"Is there a {THINGS[number % 6]} in the image?",
            "label": chance.choice(("yes", "no")),
        }
        for number in range(count)
    ]
    return rows, [chance.choice(REPLIES) for _ in rows]
