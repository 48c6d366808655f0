"""Conflicts of the merchant's data and the model's first look: merged, with findings."""

from __future__ import annotations

from dataclasses import dataclass

from ..colours import colour_families, colours_agree
from ..records import Colour, Evidence, Finding, Seen
from ..taxonomy import UNKNOWN, product_types
from ..taxonomy.product_type import Stated
from ..text.printable import printable
from ..words.tokens import FormSet, forms_of
from .claims.colour_claims import COLOUR_NAMES, merchant_colour
from .claims.find import find_claims
from .claims.kind_claims import kind_claims
from .claims.sentence import parse_sentence
from .claims.sources import SourceIndex
from .policy import Policy
from .prose.sentences import sentences
from .variant_values import is_attribute_of

__all__ = ["Merged", "kind_conflicts", "merge"]


@dataclass(frozen=True, slots=True)
class Merged:
    """Category and attributes as they are published, with where each came from."""

    category: str
    attributes: dict[str, str]
    category_evidence: tuple[Evidence, ...]
    attribute_evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]


# Attributes that no photo shows, whatever a model says: rule code -> names.
_NEVER_SEEN = {
    "price": FormSet("price cost msrp preis prix precio"),
    "size": FormSet(
        "size dimension dimensions width height depth length diameter volume capacity"
    ),
    "weight": FormSet("weight mass gewicht poids peso"),
    "identifier": FormSet("gtin ean upc isbn mpn sku model"),
    "brand": FormSet("brand vendor manufacturer maker marke marque marca"),
    "origin": FormSet("origin country"),
    "certification": FormSet("certification certificate certifications"),
    "audience": FormSet("age"),
    "guarantee": FormSet("warranty guarantee"),
}
_VAGUE = FormSet("type style design shape finish")
_ALIASES = {"colour": FormSet("couleur farbe"), "pattern": FormSet("muster")}
# The share from which the leading measured colour is given as the product's colour.
_MIN_SHARE = 0.35


def merge(known: SourceIndex, policy: Policy) -> Merged:
    """Merchant attributes first, then what was seen; contradictions become findings.

    A value of the model that no photo can show is left out with a finding; a colour that
    the pixels contradict gives way to the measured one.
    """
    attributes = dict(known.product.attributes)
    evidence = [
        Evidence(value=value, source="attribute", attribute=name, name=name)
        for name, value in attributes.items()
    ]
    findings = _colour_conflict(known)
    taken = {_slot(name): name for name in attributes}
    for option in known.varying.options:  # of several colours no photo's is the product's
        own = next((n for n in attributes if is_attribute_of(n, option)), option.name)
        taken.setdefault(option.key, own)
    for name, seen in known.facts.attributes.items():
        if not seen.value.strip() or seen.value == UNKNOWN:
            continue
        said = taken.get(_slot(name))
        if said is not None and said in known.product.attributes:
            findings += _attribute_conflict(said, seen, known)
            continue
        entry, told = _seen_attribute(name, seen, known, policy)
        findings += told
        if entry:
            attributes[name] = entry.value
            evidence.append(entry)
            taken[_slot(name)] = name
    colour = None if "colour" in taken else _measured_colour(known)
    if colour:
        attributes["colour"] = colour.value
        evidence.append(colour)
    category, where, told = _category(known)
    return Merged(category, attributes, (where,), tuple(evidence), (*findings, *told))


def _name(name: str) -> str:
    forms = forms_of(name.replace("_", " "))
    last = forms[-1] if forms else ""
    return next((name for name, words in _ALIASES.items() if last in words), last)


def _slot(name: str) -> str:
    """What two names of one attribute share: "upper colour" and "colour", but not
    "sleeve length type" and "type"."""
    forms = forms_of(name.replace("_", " "))
    return " ".join(forms) if forms and forms[-1] in _VAGUE else _name(name)


def _seen_attribute(
    name: str, seen: Seen, known: SourceIndex, policy: Policy
) -> tuple[Evidence | None, list[Finding]]:
    code = next((code for code, names in _NEVER_SEEN.items() if _name(name) in names), "")
    rule = policy.rule(code)
    if rule is None and _name(name) != "material":
        claims = find_claims(seen.value, known, policy)
        false = next(
            (c for c in claims if c.verdict == "remove" and c.code != "colour"), None
        )
        rule = policy.rule(false.code) if false else None
    if rule and rule.action == "remove":
        message = f'took out {name} "{seen.value}" ({rule.code}): {rule.reason}'
        removed = Finding(code=rule.code, field="attributes", message=message,
                          value=seen.value, severity="removed")  # fmt: skip
        return None, [removed]
    can_be_seen = _name(name) != "material" and seen.photo <= len(known.measured)
    if _name(name) in COLOUR_NAMES and can_be_seen:
        colours = known.measured[seen.photo - 1]
        if colours_agree(seen.value, colours, language=known.language) is False:
            message = (
                f'the model says {name} "{seen.value}", photo {seen.photo} looks '
                f"{_looks(colours)}; the measured colour is used"
            )
            told = Finding(
                code="conflict-colour",
                field="attributes",
                message=message,
                value=seen.value,
            )
            value = colours[0].name
            return Evidence(value=value, source="photo", photo=seen.photo, name=name), [
                told
            ]
    entry = Evidence(
        value=seen.value,
        source="photo" if can_be_seen else "inferred",
        photo=seen.photo if can_be_seen else None,
        name=name,
        confidence=seen.confidence,
    )
    return entry, []


def _measured_colour(known: SourceIndex) -> Evidence | None:
    """The colour that leads on the first photo that has a leading one."""
    for number, colours in enumerate(known.measured, start=1):
        if colours and colours[0].share >= _MIN_SHARE:
            return Evidence(
                value=colours[0].name, source="photo", photo=number, name="colour"
            )
    return None


def _looks(colours: tuple[Colour, ...]) -> str:
    return ", ".join(f"{c.name} ({c.share:.0%})" for c in colours[:2])


def _colour_conflict(known: SourceIndex) -> list[Finding]:
    """Data says black, the photos look navy. Photos that cannot tell do not count."""
    stated = merchant_colour(known)
    if not stated:
        return []
    name, value = stated
    looked = [
        (number, colours, colours_agree(value, colours, language=known.language))
        for number, colours in enumerate(known.measured, start=1)
        if colours
    ]
    told = [entry for entry in looked if entry[2] is not None]
    if not told or any(agrees for _, _, agrees in told):
        return []
    number, colours, _ = told[0]
    message = (
        f'attribute {name} says "{value}", photo {number} looks {_looks(colours)}; '
        "the attribute was kept: check that photo and data belong together"
    )
    return [
        Finding(code="conflict-colour", field="attributes", message=message, value=value)
    ]


def _attribute_conflict(name: str, seen: Seen, known: SourceIndex) -> list[Finding]:
    value = known.product.attributes[name]
    theirs, ours = set(forms_of(value)), set(forms_of(seen.value))
    if not theirs or not ours or theirs & ours:
        return []
    if _name(name) in COLOUR_NAMES:
        stated = set(colour_families(value, language=known.language))
        if (
            not stated
            or stated & set(colour_families(seen.value))
            or "multicolour" in stated
        ):
            return []
        code = "conflict-colour"
    else:
        code = "conflict-attribute"
    message = (
        f'attribute {name} says "{value}", photo {seen.photo} shows "{seen.value}" to the '
        "model; the attribute was kept"
    )
    return [Finding(code=code, field="attributes", message=message, value=value)]


def _category(known: SourceIndex) -> tuple[str, Evidence, list[Finding]]:
    """The merchant's category, else the model's; a clearly different kind is a finding."""
    seen = known.facts.category
    stated = known.kinds.stated
    told = _category_conflict(seen, stated) if known.kinds.is_mistaken else []
    if known.kinds.category:
        name, value = known.kinds.category
        return value, Evidence(value=value, source="attribute", attribute=name), told
    is_told = bool(known.kinds.seen)
    # A kind of the title's is no entry of a user's own list; it goes where ours is used.
    if stated.word in product_types() and (
        not is_told or (told and seen in product_types())
    ):
        evidence = Evidence(value=stated.word, source="attribute", attribute="title")
        return stated.word, evidence, told
    source = known.vouches_for(forms_of(seen))
    if source:
        return seen, Evidence(value=seen, source="attribute", attribute=source.name), told
    sure = known.facts.confidence
    if known.measured and is_told and not told:
        return seen, Evidence(value=seen, source="photo", photo=1, confidence=sure), told
    return seen, Evidence(value=seen, source="inferred", confidence=sure), told


def _category_conflict(seen: str, stated: Stated) -> list[Finding]:
    said = printable(stated.value, "value")
    message = (
        f'{stated.source} says "{said}", the photo shows "{seen}" to the '
        "model: check that photo and data belong together"
    )
    return [
        Finding(code="conflict-category", field="category", message=message, value=seen)
    ]


def kind_conflicts(
    field: str, value: str | tuple[str, ...], known: SourceIndex, policy: Policy
) -> list[Finding]:
    """Warnings of kinds that a text says and that the data or the photo contradicts.

    One that both contradict is taken out elsewhere; here the text stays.
    """
    if policy.rule("kind") is None:
        return []
    stated = known.kinds.stated
    findings: dict[str, Finding] = {}
    for text in (value,) if isinstance(value, str) else value:
        for start, end in sentences(text):
            sentence = parse_sentence(text[start:end], known, policy)
            for claim in kind_claims(sentence):
                if not claim.against:
                    continue
                first, last = sentence.words[claim.first], sentence.words[claim.last]
                word = sentence.text[first.start : last.end]
                theirs = f'{stated.source} says "{printable(stated.value, "value")}"'
                if claim.against == "photo":
                    theirs = f'the photo shows "{known.facts.category}" to the model'
                shown = printable(word, "value")
                message = (
                    f'{field} calls the product "{shown}", {theirs}; '
                    "the text was kept: check which is right"
                )
                told = Finding(
                    code="conflict-kind", field=field, message=message, value=word
                )
                findings.setdefault(word.casefold(), told)
    return list(findings.values())[:_MAX_KINDS]


_MAX_KINDS = 5  # per field; more say nothing new
