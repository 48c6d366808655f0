"""Labels: what is right in a look, in the words of the model's closed lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...records import Facts
from ...taxonomy import OTHER, UNKNOWN, product_types
from ...taxonomy.named_kinds import offered_type
from ...taxonomy.product_type import compare_types, filed_in, path_end
from ...text.fold import fold
from ...words.attribute_key import attribute_key
from ...words.colour_forms import shade_named
from .lesson import Lesson

COLOUR = "colour"


@dataclass(frozen=True, slots=True)
class Kinds:
    """The closed list that a tuned model chooses from, and which of it a product is.

    `own`: the base model's own list; empty for a general model, which then keeps the
    library's. `named`: of a shop's category, by its name, the kind that it is; kinds that
    the list lacks are added to it before "other product".
    """

    own: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def offered(self) -> tuple[str, ...]:
        """The whole list, "other product" last."""
        base = self.own or product_types()
        new = (kind for kind in self.named.values() if kind != OTHER)
        known = (kind for kind in base if kind != OTHER)
        return (*dict.fromkeys((*known, *new)), OTHER)

    @property
    def added(self) -> tuple[str, ...]:
        """Kinds of the list that the base model's lacks."""
        return tuple(k for k in self.offered if k not in (self.own or product_types()))

    @property
    def of_engine(self) -> tuple[str, ...]:
        """What an `EngineInfo` says: nothing where a general model stays one."""
        return self.offered if self.own or self.added else ()

    def label(self, lesson: Lesson, language: str = "en") -> str:
        """The kind that a lesson's product is, "" where its data does not say.

        By `named` first; then by the list's own words; then by the kind that the shop's
        words name, which is "other product" where the list has nothing like it.
        """
        filed = [lesson.category, *filed_in(lesson.product)]
        by_name = {_plain(name): kind for name, kind in self.named.items()}
        in_list = {_plain(kind): kind for kind in self.offered}
        for words in (by_name, in_list):
            for place in filed:
                for name in (place, path_end(place)):
                    if kind := words.get(_plain(name)):
                        return kind
        product = lesson.product
        if lesson.category:
            attributes = {**product.attributes, "category": path_end(lesson.category)}
            product = product.model_copy(update={"attributes": attributes})
        found = compare_types(product, Facts(category=OTHER), language)
        if not found.stated.kinds or found.settled.kind == OTHER:
            return ""
        return offered_type(found.stated.kinds, self.offered) or OTHER


def attribute_labels(
    lesson: Lesson, visible: Mapping[str, Sequence[str]], language: str = "en"
) -> dict[str, str]:
    """Values of closed lists that the shop's data names, by attribute; no guess."""
    stated = {
        attribute_key(name): str(value)
        for name, value in {**lesson.product.attributes, **lesson.attributes}.items()
    }
    labels = {}
    for name, values in visible.items():
        text = stated.get(attribute_key(name), "")
        if label := _value(name, text, values, language):
            labels[name] = label
    return labels


def _value(name: str, text: str, values: Sequence[str], language: str) -> str:
    in_list = {_plain(value): value for value in values if value != UNKNOWN}
    if found := in_list.get(_plain(text)):
        return found
    if name != COLOUR or not text:
        return ""
    shade = shade_named(text, language)
    return shade.name if shade and shade.name in values else ""


def _plain(text: str) -> str:
    return " ".join(fold(text).replace("-", " ").replace("_", " ").split())


def count_by(values: Iterable[str]) -> dict[str, int]:
    """How often each value occurs, in the order of the alphabet."""
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return dict(sorted(counts.items()))
