"""Noise, no description at all: markup, refusals, orders, prompt leaks, contact data.

Every pattern is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ...words.tokens import forms_of, forms_of_text, same_at, tokenize
from ..claims.sources import SourceIndex
from ..prose.sentences import sentences
from .contact import contact_in

__all__ = [
    "Noise",
    "is_refusal_opening",
    "leak_index",
    "markup",
    "sentence_noise",
]


class Noise(NamedTuple):
    """A piece of text that is no description: its rule's code, and the piece."""

    code: str
    value: str


# ---- markup: taken out where it stands ----------------------------------------------

_SCRIPT = re.compile(r"<\s*(script|style|iframe|object|svg)\b", re.IGNORECASE)
_MARKUP = re.compile(
    r"<\|[^<>|]{0,40}\|>|<\s\|[^<>|]{0,40}\|\s>"  # special tokens, also taken apart
    r"|<\s?[|｜]\s?\w{1,40}"  # and cut off
    r"|\[/?INST\]|<</?SYS>>"
    r"|<[a-zA-Z/!?][^<>]{0,400}>|<[a-zA-Z/!][^<>]{0,400}$"  # tags, also cut off
    r"|&(?:lt|gt|#60|#62|#x3c|#x3e);?"
    r"|\{\{[^{}]{0,200}\}\}|\{%[^{}]{0,200}%\}|\$\{[^{}]{0,200}\}"  # Jinja, Liquid
    r"|\[/?[a-zA-Z_][\w-]{0,40}\s[^\[\]]{0,200}=[^\[\]]{0,200}\]"  # shortcodes
    r"|\[/[a-zA-Z_][\w-]{0,40}\]"
    r"|```\w{0,20}",
    re.IGNORECASE,
)
_JSON = re.compile(
    r"[{,]\s{0,4}\"[\w ]{1,40}\"\s{0,4}:|\"[\w ]{1,40}\"\s{0,4}:\s{0,4}[\"\[{]"
)


def markup(text: str) -> tuple[str, tuple[Noise, ...]]:
    """The text without markup, and what was taken out; a script goes with its content."""
    noise: list[Noise] = []
    while match := _SCRIPT.search(text):
        close = re.compile(rf"</\s*{match[1]}\s*>", re.IGNORECASE).search(text, match.end())
        end = close.end() if close else len(text)
        noise.append(Noise("markup", text[match.start() : end]))
        text = text[: match.start()] + " " + text[end:]
        if len(noise) > _MAX_SCRIPTS:
            return "", (Noise("markup", text),)
    for match in _MARKUP.finditer(text):
        noise.append(Noise("markup", match[0]))
    if any(n.code == "markup" for n in noise):
        text = _MARKUP.sub(" ", text)
    return text, tuple(noise)


_MAX_SCRIPTS = 20

# ---- sentences that are about something else -----------------------------------------

_REFUSALS = (
    "i'm sorry, i am sorry, sorry but i, i cannot, i can't, i can not, i am unable, i'm"
    " unable,"
    " i am not able, as an ai, as a language model, as an artificial intelligence, i'm"
    " just an"
    " ai, my training data, i don't have access, i do not have access, i apologize, i"
    " apologise,"
    " i'm an ai, i am an ai, cannot assist with, can't assist with, cannot fulfil, cannot"
    " fulfill,"
    " against openai, use policy, openai, chatgpt, language model, unable to provide, no"
    " image"
    " was provided, please provide the image, please provide more, the image you provided,"
    " provided image, es tut mir leid, ich kann leider, ich kann nicht, als ki, je suis"
    " désolé,"
    " je ne peux pas, en tant qu'ia, lo siento, no puedo, como modelo de lenguaje, como ia"
)
_INSTRUCTIONS = (
    "ignore previous, ignore all, ignore the above, ignore above, ignore any previous,"
    " ignore your, disregard previous, disregard the, disregard all, disregard your, forget"
    " previous, forget all previous, forget your, previous instructions, system prompt, new"
    " instructions, follow these instructions, you are now, you must now, act as, pretend"
    " to"
    " be, instead write, instead say, write the following, output the following, answer"
    " with"
    " json, respond with, reply with, do not mention, jailbreak, developer mode, override"
    " the, system:, assistant:, user:, ignoriere, vergiss alle, ignorez, oubliez, ignora"
    " las,"
    " ignora todas"
)


def sentence_noise(
    text: str, known: SourceIndex, leaks: frozenset[int], leak_words: int
) -> Noise | None:
    """Why a whole sentence is no description, or None."""
    contact = contact_in(text, known.language)
    if contact:
        return Noise("contact", contact)
    json = _JSON.search(text)
    if json:
        return Noise("markup", json[0])
    found = tokenize(text)
    for code, phrases in (("refusal", _REFUSALS), ("instruction", _INSTRUCTIONS)):
        index = _phrase_index(phrases)
        for at, word in enumerate(found):
            for forms, role in index.get(word.form, ()):
                end = at + len(forms) - 1
                if not same_at(text, found, at, forms):
                    continue
                if role and text[found[end].end : found[end].end + 1] != ":":
                    continue
                return Noise(code, text[word.start : found[end].end])
    if leaks:
        forms_of_all = [w.form for w in found]
        for at, shingle in _shingles(forms_of_all, leak_words):
            if shingle in leaks:
                return Noise(
                    "prompt-leak", text[found[at].start : found[at + leak_words - 1].end]
                )
    return _foreign_script(text, known)


def leak_index(
    prompts: Sequence[str], known: SourceIndex, leak_words: int
) -> frozenset[int]:
    """Hashes of the runs of words that stand in a prompt and not in the product's data."""
    own: set[int] = set()
    texts = [f"{s.name} {s.text}" for s in known.sources]
    texts += [s.text for s in known.sources] + [*known.facts.text]
    texts += [line.text for line in known.facts.read]
    for text in texts:
        own.update(shingle for _, shingle in _shingles(forms_of_text(text), leak_words))
    for forms in known.examples.texts:  # what of them may not stand has a rule of its own
        own.update(shingle for _, shingle in _shingles(forms, leak_words))
    return (
        frozenset(
            shingle
            for prompt in prompts
            for _, shingle in _shingles(forms_of_text(prompt), leak_words)
        )
        - own
    )


def _shingles(forms: Sequence[str], size: int) -> Iterator[tuple[int, int]]:
    for at in range(len(forms) - size + 1):
        yield at, hash(tuple(forms[at : at + size]))


@lru_cache(maxsize=8)
def _phrase_index(listed: str) -> dict[str, tuple[tuple[tuple[str, ...], bool], ...]]:
    index: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
    for phrase in (part.strip() for part in listed.split(",")):
        forms = forms_of(phrase)
        index.setdefault(forms[0], []).append((forms, phrase.endswith(":")))
    return {first: tuple(some) for first, some in index.items()}


# ---- letters of another script -----------------------------------------------------

_SCRIPTS = {  # language -> the scripts it is written in; all others are Latin
    "ru": "CYRILLIC", "uk": "CYRILLIC", "bg": "CYRILLIC", "sr": "CYRILLIC LATIN",
    "el": "GREEK", "ar": "ARABIC", "fa": "ARABIC", "he": "HEBREW", "hi": "DEVANAGARI",
    "th": "THAI", "ja": "CJK HIRAGANA KATAKANA", "zh": "CJK", "ko": "HANGUL CJK",
}  # fmt: skip
_TOLD_APART = (
    *("LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "DEVANAGARI", "THAI"),
    *("CJK", "HIRAGANA", "KATAKANA", "HANGUL"),
)


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    name = unicodedata.name(character, "").split(" ")[0]
    return name if name in _TOLD_APART else ""


def _foreign_script(text: str, known: SourceIndex) -> Noise | None:
    """The first run of letters of a script the language is not written in.

    Latin letters are at home everywhere (brands); words of the merchant's data are too.
    """
    own = set(_SCRIPTS.get(known.language, "LATIN").split()) | {"LATIN"}
    if text.isascii():
        return None
    for word in tokenize(text):
        script = _script(unicodedata.normalize("NFKD", text[word.start])[0])
        if script and script not in own and word.form not in known.places:
            if any(word.form in seen for seen in known.seen):
                continue
            return Noise("script", text[word.start : word.end])
    return None


def is_refusal_opening(text: str) -> bool:
    """Whether the first sentence is a refusal, so that the rest cannot be trusted."""
    start, end = next(sentences(text), (0, 0))
    found = tokenize(text[start:end])
    index = _phrase_index(_REFUSALS)
    return any(
        same_at(text[start:end], found, at, forms)
        for at, word in enumerate(found)
        for forms, _ in index.get(word.form, ())
    )
