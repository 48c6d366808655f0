"""Photo text: what was read on a product, without what stands in a style's example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..records import Colour, Facts, Finding, Product
from ..text.printable import printable
from ..words.claims.grammar import grammar
from ..words.tokens import tokenize
from .claims.find import find_claims
from .claims.sources import SourceIndex, index_sources
from .example_index import example_index
from .policy import Policy

__all__ = ["without_example_text"]


def without_example_text(
    facts: Facts,
    *,
    product: Product,
    measured: Sequence[Sequence[Colour]],
    language: str,
    policy: Policy,
) -> tuple[Facts, tuple[Finding, ...]]:
    """The facts without text that stands in an example, and a finding for each that did.

    Nobody can tell whether the model read it on the photo or in the example, so it stays
    only where the product's own data says it too.
    """
    examples = policy.style.fixed_examples  # those of a category are shown later
    if not (examples and facts.text and policy.rule("copied-example")):
        return facts, ()
    unread = facts.model_copy(update={"text": ()})
    known = replace(
        index_sources(product, unread, measured, language),
        examples=example_index(examples, language.split("-")[0].casefold()),
    )
    copied = [text for text in facts.text if _is_copied(text, known, policy)]
    if not copied:
        return facts, ()
    left = tuple(text for text in facts.text if text not in copied)
    return facts.model_copy(update={"text": left}), tuple(map(_finding, copied))


def _is_copied(text: str, known: SourceIndex, policy: Policy) -> bool:
    words = tokenize(text)
    is_grammar = grammar(known.language).is_function_word
    telling = {word.form for word in words if not is_grammar(word.form)}
    telling = telling or {word.form for word in words}
    unsaid = {form for form in telling if form not in known.places}
    if not unsaid:
        return False
    examples = known.examples
    if any(telling <= of_one for of_one in examples.words):
        return True
    if any(examples.runs_in([word.form for word in words])):
        return True
    claims = find_claims(text, known, policy)
    return any(claim.code == "copied-example" for claim in claims)


def _finding(text: str) -> Finding:
    shown = printable(text, "value")
    message = (
        f'took out the text read on a photo "{shown}" (copied-example): it stands in an '
        "example of the style, and no data of this product states it"
    )
    return Finding(
        code="copied-example",
        field="photos",
        message=message,
        value=text[:200],
        severity="removed",
    )
