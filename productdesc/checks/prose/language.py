"""Language identification of a text by its function words; silent when unsure.

To add a language: its most frequent function words in WORDS.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..policy import CheckLimits

__all__ = ["WORDS", "other_language"]

# fmt: off
WORDS: Mapping[str, str] = {
    "en": "the and of with for is are this that these it its in on a an to from has you"
          " your"
          " by as at or be can",
    "de": "der die das und mit für ist sind ein eine einen einem einer von zu im in auf den"
          " dem des nicht auch sich aus bei oder wird",
    "fr": "le la les et de des du un une pour avec est sont dans sur ce cette ces en au aux"
          " qui que par plus votre vous",
    "es": "el la los las y de del un una con para es son en por que este esta estos se su"
          " sus al lo como más",
    "it": "il lo la gli le e di del della un una con per è sono in che questo questa nel"
          " alla dei delle su da si",
    "pt": "o a os as e de do da dos das um uma com para é são em que este esta no na por se"
          " ao mais seu",
    "nl": "de het een en van met voor is zijn in op dit deze die dat te aan ook door om uw"
          " niet bij naar of",
    "sv": "och en ett med för är av på i det den som till att de har från om inte denna kan"
          " du din",
    "da": "og en et med for er af på i det den som til at de har fra om ikke denne kan du"
          " din",
    "nb": "og en et med for er av på i det den som til å de har fra om ikke denne kan du"
          " din",
    "pl": "i w z na do dla jest są się to ten ta te oraz nie o od po który która przez jak",
    "fi": "ja on ovat se tämä nämä että joka sekä kanssa ei myös tai ne voi mutta kun sen",
    "cs": "a v z na do pro je jsou se to ten ta s nebo který která které není také od jako",
    "tr": "ve bir bu ile için olan çok da de daha gibi en olarak her ne",
}
# fmt: on
_SETS = {code: frozenset(listed.split()) for code, listed in WORDS.items()}


def other_language(text: str, language: str, limits: CheckLimits) -> str | None:
    """The language this text is clearly in although another was asked for, or None.

    A language without a profile, a short text and a close call give None.
    """
    code = {"no": "nb", "nn": "nb"}.get(language, language)
    own = _SETS.get(code)
    forms = [w.strip(".,;:!?()\"'“”").casefold() for w in text.split()]
    if own is None or len(forms) < limits.language_words:
        return None
    mine = sum(form in own for form in forms)
    best, hits = "", 0
    for other, profile in _SETS.items():
        # A word of both languages is evidence for neither.
        count = sum(form in profile and form not in own for form in forms)
        if other != code and count > hits:
            best, hits = other, count
    own_only = mine - sum(form in own and form in _SETS.get(best, own) for form in forms)
    clear = hits >= limits.language_hits and hits >= limits.language_ratio * max(
        own_only, 1
    )
    return best if clear else None
