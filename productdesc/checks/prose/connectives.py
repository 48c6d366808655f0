"""Function words that cutting needs: those that open a phrase, need a complement ..."""

from __future__ import annotations

from ...words.tokens import FormSet

__all__ = [
    "ADJECTIVES",
    "AFTER_NOUN",
    "CLAUSE_OPENERS",
    "COUNTED",
    "DETERMINERS",
    "INNER",
    "JOINERS",
    "NOUNS",
    "OPENERS",
    "PARTICIPLES",
    "STOPS",
    "SUBJECTS",
    "VERBS",
]

# fmt: off
OPENERS = FormSet(  # words that open a phrase which can go as a whole
    "with in from of for by at featuring weighing measuring to aus mit von für fur in"
    " bei en de avec pour dans à a con para por d'un d'une")
PARTICIPLES = FormSet(  # words that may stand before an opener and go with it
    "made crafted produced woven manufactured designed certified built knitted handmade"
    " sewn suitable perfect ideal assembled sourced lined filled finished constructed"
    " grown priced available tested approved recommended sold hergestellt gefertigt"
    " geeignet fabriqué fabrique fabriquée fabriquee conçu concu fabricado fabricada"
    " hecho hecha")
INNER = FormSet(  # words that may stand between an opener and the claim
    "a an the only soft pure genuine real all natural fine high quality premium about"
    " around approximately over under just its his her their up to more than least at"
    " some our der die das dem den einem einer le la les un une el los las una size"
    " sizes pack")
VERBS = FormSet(  # what a cut must not leave without its complement
    "is are was were be been being has have had comes come features feature offers"
    " offer includes include contains contain weighs weigh measures measure costs cost"
    " gives give keeps keep makes make provides provide feels feel looks look uses use"
    " holds hold fits fit boasts adds add remains stays stay can could will would may"
    " must should do does becomes lasts last ships ship ist sind hat haben wird werden"
    " bietet enthält wiegt kostet besteht est sont a ont offre pèse pese mesure coûte"
    " coute es son tiene pesa mide cuesta ofrece it they this that these those which who"
    " i you we he she not and or but nor than as if und oder aber nicht et ou mais ne"
    " pas y o pero no")
DETERMINERS = FormSet(
    "a an the its their our your his her some any each every ein eine einen einem einer"
    " der die das den dem un une le la les des el los las una unos unas")
JOINERS = FormSet("and or & und oder et ou y o e plus")
STOPS = FormSet(
    "on into onto over under while when where so very too also then there here now auf"
    " über unter während wenn sur sous quand sobre bajo cuando",
    OPENERS, VERBS, DETERMINERS)
AFTER_NOUN = ("fr", "es", "it", "pt", "ca", "ro")  # languages that put attributes behind
# fmt: on

# Kinds of claims, by the part of speech they usually are.
ADJECTIVES = (
    *("performance", "safety", "environment", "organic", "durability", "superlative"),
    *("health", "certification"),
)
COUNTED = (  # they stand before a noun that stays: "3 pockets", "Nike shoes"
    *("number", "size", "weight", "price", "percentage"),
    *("identifier", "name", "brand"),
)
NOUNS = ("guarantee", "promotion", "contact")  # what follows these is their verb
CLAUSE_OPENERS = FormSet("that which on when while")
SUBJECTS = FormSet("this these it they")
