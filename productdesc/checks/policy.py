"""Claim policy: what copy may claim, who must vouch for it; the table *Never from pixels*.

Deny by default: a claim of one of these kinds stays only where the merchant's data says the
same, or where it is quoted as text read on the product. To add a kind of claim: one row in
RULES and its words in `words/claims/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self, get_args

from ..style import NO_STYLE, Style

__all__ = ["POLICY", "RULES", "CheckLimits", "Policy", "Rule"]


class Rule(NamedTuple):
    """One kind of claim.

    `action`: what happens when nobody vouches: "remove" takes it out of the text with a
    finding, "infer" leaves it and marks it inferred. `quotable`: whether it may stand in
    quotation marks when it was read on the product. `vouched`: False where not even the
    merchant's data makes it fit for copy.
    """

    code: str
    what: str
    reason: str
    action: Literal["remove", "infer"] = "remove"
    quotable: bool = True
    vouched: bool = True


_UNSEEN = "a photo cannot show it and no merchant data states it"
_LAW = "EU Directive 2024/825 bans it without proof, and no merchant data states it"

# fmt: off
RULES: tuple[Rule, ...] = (
    # ---- numbers
    Rule("price", "amounts of money", _UNSEEN, quotable=False),
    Rule("size", "lengths, volumes, clothing and shoe sizes", _UNSEEN),
    Rule("weight", "weights, and words such as lightweight", _UNSEEN),
    Rule("percentage", "percentages", _UNSEEN),
    Rule("identifier", "GTIN, MPN, model and part numbers", _UNSEEN),
    Rule("number", "every other number, in digits or words", _UNSEEN),
    # ---- what it is made of, by whom, where
    Rule("material", "fibres, leather, precious metals and stones", _UNSEEN),
    Rule("texture", "what a surface looks like: denim, knit, glass, wood, metal",
         "it looks like it on the photo, and no merchant data states it", action="infer"),
    Rule("brand", "brand and maker names", "the merchant's data names no such brand"),
    Rule("name", "capitalised names that nobody gave us", "no merchant data names it"),
    Rule("origin", "countries, 'made in', handmade, imported", _UNSEEN),
    # ---- promises
    Rule("certification", "marks, standards, certified, approved, patented", _UNSEEN),
    Rule("safety", "safe, non-toxic, BPA-free, flame-retardant", _UNSEEN),
    Rule("environment", "eco-friendly, sustainable, biodegradable, recycled ...", _LAW),
    Rule("organic", "organic and bio", _LAW),
    Rule("health", "medical, allergy and nutrition claims", _UNSEEN),
    Rule("performance", "waterproof, breathable, machine-washable ...", _UNSEEN),
    Rule("durability", "durable, long-lasting: an opinion unless tested",
         "no merchant data states it", action="infer"),
    Rule("guarantee", "guarantee, warranty, returns", _UNSEEN),
    Rule("superlative", "best, number one, award-winning, unbeatable",
         "a comparison with other products that no merchant data supports"),
    Rule("promotion", "discounts, free shipping, calls to buy", _UNSEEN,
         quotable=False),
    Rule("audience", "suitability for children or an age", _UNSEEN),
    Rule("wearer", "men, women, unisex", "no merchant data states it", action="infer"),
    Rule("label", "\"Size: ...\" with what the data does not have under that name",
         "the merchant's data does not say this under that label", quotable=False),
    # ---- what a photo does show, when it shows something else
    Rule("colour", "a colour of the product that its data and photos contradict",
         "neither the data nor the measured colours bear it out", quotable=False),
    Rule("one-variant", "a colour, size or the like of one variant, said of all",
         "it is true of one variant only", quotable=False),
    Rule("kind", "a kind of product, where the data clearly names another one",
         "the merchant's data says that it is something else", quotable=False),
    # ---- never in copy
    Rule("contact", "links, e-mail addresses, phone numbers, handles",
         "copy holds no contact data", quotable=False, vouched=False),
    Rule("markup", "HTML, scripts, shortcodes, template syntax, JSON, special tokens",
         "copy is plain text", quotable=False, vouched=False),
    Rule("refusal", "a model's refusal or talk about itself",
         "it is about the model, not the product", quotable=False, vouched=False),
    Rule("instruction", "orders to the model, also when read on a photo",
         "it is an instruction, not a description", quotable=False, vouched=False),
    Rule("prompt-leak", "words of the prompt", "it repeats the prompt",
         quotable=False, vouched=False),
    Rule("script", "letters of another script than the language's",
         "it is not written in the language that was asked for"),
    Rule("gibberish", "words that stand in no data and that no language would spell",
         "it is no word of the language, and no data has it", quotable=False),
    Rule("loop", "the same words over and over", "it repeats itself", quotable=False),
    Rule("avoid", "words that the shop's style avoids", "the shop's style avoids it",
         quotable=False, vouched=False),
    Rule("copied-example", "what an example of the shop's style says of its own product",
         "an example of the style says it of another product, and nobody of this one",
         quotable=False),
    Rule("duplicate", "a sentence or list entry that was there already",
         "it says the same again", quotable=False),
)
# fmt: on


class CheckLimits(NamedTuple):
    """Thresholds of the checks that count, with the reason for each."""

    leak_words: int = 6  # words in a row shared with a prompt and not with the data
    loop_words: int = 3  # times that two or more words may not follow each other
    loop_word: int = 4  # the same for one word ("very very" is emphasis)
    loop_period: int = 24  # longest repeated phrase looked for, in words
    loop_characters: int = 8  # the same for one character ("!!!!!!!!")
    longest_word: int = 60  # letters in a row; a longer one is noise, in any language
    most_signs: int = 20  # characters of a text without a single word
    loop_share: float = 0.5  # from here the text is lost as a whole
    cuts: int = 6  # a sentence with more false claims than this goes as a whole
    language_letters: int = 25  # fewer, beside the merchant's words, say too little
    language_own_words: int = 3  # different small words of the language itself
    language_own_share: float = 0.15  # of the words: with so many no model is asked
    language_read: int = 1000  # characters judged; more tell no more
    # one half of 1,770 real texts had no false alarm from .2 and .1 on, nor had the other
    language_floor: float = 0.3  # probability of the likeliest other language, at least
    language_ceiling: float = 0.1  # and of the language asked for, at most
    markdown_read: int = 10_000  # characters; a parser takes 50 us for each of some
    data_field: int = 20_000  # characters read of a merchant's title, text, attribute
    data_attributes: int = 200_000  # of all attributes; each costs about 16 us


LIMITS = CheckLimits()


Inferred = Literal["all", "opinions", "none"]
"""What happens to a sentence that nobody vouches for: all stay and are marked; only
opinions, which claim nothing, stay; none stay."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force; `dataclasses.replace` makes another one.

    `approved_claims`: what a person approved may be said, in these words.
    """

    rules: tuple[Rule, ...] = RULES
    limits: CheckLimits = LIMITS
    inferred: Inferred = "all"
    approved_claims: tuple[str, ...] = ()
    style: Style = NO_STYLE

    @classmethod
    def of(cls, inferred: Any, approved: Any, style: Style | None) -> Self:
        """The policy that options ask for, each of which may be None. `ValueError`."""
        if inferred is not None and inferred not in get_args(Inferred):
            known = ", ".join(get_args(Inferred))
            raise ValueError(f"inferred is one of {known}, not {inferred!r}")
        if isinstance(approved, str):
            raise ValueError(
                f"approved_claims is a list of texts, not the text {approved!r}"
            )
        return cls(
            inferred=inferred or "all",
            approved_claims=tuple(approved or ()),
            style=style or NO_STYLE,
        )

    def rule(self, code: str) -> Rule | None:
        """The rule of this code, or None where the policy has dropped it."""
        return next((rule for rule in self.rules if rule.code == code), None)


POLICY = Policy()
