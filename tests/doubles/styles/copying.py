"""Products and a model that copies the examples it is shown: claims, sentences, texts.

Each case is a product, what the scripted model answers, and the words that must go, or for
a true sentence must stay. Names are made of syllables, so that nothing can know them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from productdesc import Product, ScriptedEngine, Style
from productdesc.engines import Request
from productdesc.engines.scripted import shortest

Kind = Literal["claim", "sentence", "read", "true"]


@dataclass(frozen=True)
class Copying:
    """One product, what a model says of it, and the words that it has of an example."""

    kind: Kind
    language: str
    product: Product
    sentence: str
    read: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tongue:
    """How one language says it. `own` and `other`: what the product and an example are."""

    own: tuple[str, Mapping[str, str]]
    by: str
    place: str
    number: str
    material: str
    kind: str
    other: tuple[str, ...]
    materials: tuple[str, ...]
    true: tuple[str, ...]
    sentences: tuple[str, ...]
    opinion: str


TONGUES: Mapping[str, Tongue] = {
    "en": Tongue(
        ("Shirt", {"material": "cotton", "colour": "navy", "weight": "210 g",
                   "pockets": "2", "made in": "Portugal"}),
        "It was designed by {}.", "Sewn in {}, of course.", "It weighs {} g.",
        "It is made of {}.", "This {} goes with everything.",
        ("lamp", "rucksack", "mug", "bracelet", "teapot"),
        ("merino wool", "leather", "oak", "silk", "linen"),
        ("It is made of cotton.", "It weighs 210 g.", "Made in Portugal.",
         "It has 2 pockets.", "A shirt of cotton in navy.", "Material: cotton"),
        ("It keeps the rain out on long rides.", "We tested every seam for a whole winter.",
         "Each piece passes through nine pairs of hands.",
         "The hinges close without a sound at night.",
         "A wonderful companion for every single day."),
        "A lovely gift.",
    ),
    "de": Tongue(
        ("Hemd", {"Material": "Baumwolle", "Farbe": "marineblau", "Gewicht": "210 g",
                  "Herkunft": "Portugal"}),
        "Entworfen von {}.", "Genäht in {}.", "Es wiegt {} g.", "Es ist aus {}.",
        "Dieser {} passt zu allem.", ("Rucksack", "Becher", "Schal"),
        ("Merinowolle", "Leder", "Seide"),
        ("Es ist aus Baumwolle.", "Es wiegt 210 g.", "Material: Baumwolle"),
        ("Er hält den Regen auf langen Fahrten ab.",
         "Wir haben jede Naht einen Winter lang geprüft.",
         "Ein wunderbarer Begleiter für jeden einzelnen Tag."),
        "Ein schönes Geschenk.",
    ),
    "fr": Tongue(
        ("Chemise", {"matière": "coton", "couleur": "bleu marine", "poids": "210 g"}),
        "Dessinée par {}.", "Cousue à {}.", "Elle pèse {} g.", "Elle est en {}.",
        "Ce {} va avec tout.", ("sac à dos", "bracelet", "manteau"),
        ("laine mérinos", "cuir", "soie"),
        ("Elle est en coton.", "Elle pèse 210 g.", "Matière : coton"),
        ("Elle arrête la pluie pendant les longues sorties.",
         "Nous avons testé chaque couture tout un hiver.",
         "Un merveilleux compagnon pour chaque jour de l'année."),
        "Un beau cadeau.",
    ),
    "es": Tongue(
        ("Camisa", {"material": "algodón", "color": "azul marino", "peso": "210 g"}),
        "Diseñada por {}.", "Cosida en {}.", "Pesa {} g.", "Es de {}.",
        "Este {} combina con todo.", ("bolso", "jarrón", "abrigo"),
        ("lana merina", "cuero", "seda"),
        ("Es de algodón.", "Pesa 210 g.", "Material: algodón"),
        ("Protege de la lluvia en los viajes largos.",
         "Probamos cada costura durante todo un invierno.",
         "Un compañero maravilloso para cada día del año."),
        "Un bonito regalo.",
    ),
    "it": Tongue(
        ("Camicia", {"materiale": "cotone", "colore": "blu navy", "peso": "210 g"}),
        "Disegnata da {}.", "Cucita a {}.", "Pesa {} g.", "È in {}.",
        "Questo {} sta bene con tutto.", ("zaino", "braccialetto", "cappotto"),
        ("lana merino", "pelle", "seta"),
        ("È in cotone.", "Pesa 210 g.", "Materiale: cotone"),
        ("Tiene fuori la pioggia nei lunghi viaggi.",
         "Abbiamo provato ogni cucitura per tutto un inverno.",
         "Un compagno meraviglioso per ogni giorno dell'anno."),
        "Un bel regalo.",
    ),
}  # fmt: skip

SYLLABLES = (
    *("bran", "dor", "vel", "kim", "tas", "ro", "mun", "dek", "lar", "fio", "pel", "sta"),
    *("gru", "hen", "wick", "mor", "tal", "ves"),
)


def name(chance: random.Random) -> str:
    """A name that is no word: "Veldormun"."""
    return "".join(chance.sample(SYLLABLES, 3)).capitalize()


def job(language: str, each: int, seed: int = 0) -> tuple[Style, list[Copying]]:
    """A style of five examples, and so many products of each kind of case."""
    chance, words = random.Random(f"{seed}{language}"), TONGUES[language]
    style, facts = style_of(words, chance)
    kinds: tuple[Kind, ...] = ("claim", "sentence", "read", "true")
    some = [
        _case(kind, number, language, chance.choice(facts))
        for kind in kinds
        for number in range(each)
    ]
    return style, some


def _case(kind: Kind, number: int, language: str, fact: Mapping[str, str]) -> Copying:
    words, read = TONGUES[language], ()
    match kind:
        case "claim":
            part = PARTS[number % len(PARTS)]
            sentence = getattr(words, part).format(fact[part])
        case "sentence":
            sentence = fact["sentence"]
        case "read":
            sentence = words.opinion
            read = (fact[("by", "label", "sentence")[number % 3]],)
        case "true":
            sentence = words.true[number % len(words.true)]
    title, data = words.own
    product = Product(id=f"{kind}-{number}", title=title, attributes=dict(data))
    return Copying(kind, language, product, sentence, read)


PARTS = ("by", "place", "number", "material", "kind")


def style_of(words: Tongue, chance: random.Random) -> tuple[Style, list[dict[str, str]]]:
    """A style whose five examples say other things, and every true sentence too."""
    examples: list[Any] = []
    facts: list[dict[str, str]] = []
    for at in range(5):
        fact = {
            "by": name(chance),
            "place": name(chance),
            "number": str(chance.randrange(300, 900)),
            "material": words.materials[at % len(words.materials)],
            "kind": words.other[at % len(words.other)],
            "sentence": words.sentences[at % len(words.sentences)],
        }
        fact["label"] = f"{fact['by']} {fact['material']}"
        lines = [getattr(words, part).format(fact[part]) for part in PARTS]
        lines += [fact["sentence"], words.true[at % len(words.true)], words.opinion]
        copy = {
            "title": f"{fact['by']} {fact['kind']}",
            "description": " ".join(line.removesuffix(".") + "." for line in lines),
            "bullets": list(words.true),
        }
        data = {"brand": fact["by"], "material": fact["material"]}
        examples.append({"data": data, "copy": copy})
        facts.append(fact)
    return Style(tone="Warm and plain.", examples=examples), facts


def copier(some: Sequence[Copying]) -> ScriptedEngine:
    """A model that is asked of these products in turn: it sees and writes what they say."""
    at = -1

    def answer(request: Request) -> Any:
        nonlocal at
        value = shortest(request.schema)
        if "text" in value:
            at += 1
            value["text"] = list(some[at].read)
        if "description" in value:
            value["description"] = f"{some[at].product.title}. {some[at].sentence}"
        return value

    return ScriptedEngine(answer)
