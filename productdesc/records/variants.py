"""Variants: what a product is sold in, each with its values of the product's options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..text.fold import fold
from ..text.plain_values import plain_texts

__all__ = [
    "VARIANT_LIMITS",
    "Variant",
    "VariantLimits",
    "on_photos",
    "option_values",
    "varying_options",
    "within_limits",
]


class Variant(BaseModel):
    """One variant of a product, as a shop sells it; frozen.

    `id`: what the shop knows it by, an SKU or a number, "" where it is not known.
    `options`: its value of each option, by the option's name ({"Colour": "black"}).
    `photo`: the one that the shop shows for it, its number among the product's (from 1).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    options: Mapping[str, str] = Field(default_factory=dict)
    photo: int | None = Field(default=None, ge=1)

    @field_validator("options", mode="before")
    @classmethod
    def _options_as_text(cls, value: Any) -> Any:
        """Names and values as text; those that say nothing are left out."""
        return plain_texts(value, "option") if isinstance(value, Mapping) else value


class VariantLimits(NamedTuple):
    """How much of a product's variants is kept, with the reason for each."""

    variants: int = 250  # those with a value that no other has come first
    options: int = 12  # shops have three; attributes of WooCommerce may be more
    values: int = 100  # of one option; copy names no more, and no buyer reads more
    characters: int = 120  # of a name or value; a longer one is a text


VARIANT_LIMITS = VariantLimits()


def within_limits(
    variants: Iterable[Variant], limits: VariantLimits = VARIANT_LIMITS
) -> tuple[Variant, ...]:
    """The variants that are kept, in their order; without those that have no option.

    Of too many variants those come first that have a value that none before them has, so
    that no value is lost before it has to be.
    """
    names: dict[str, None] = {}
    values: dict[str, dict[str, None]] = {}
    new: list[int] = []
    short: list[Variant] = []
    for variant in variants:
        options: dict[str, str] = {}
        for name, value in variant.options.items():
            is_known = name in names or len(names) < limits.options
            if is_known and max(len(name), len(value)) <= limits.characters:
                options[name] = value
                names[name] = None
        known = {name: values.setdefault(name, {}) for name in options}
        fresh = [name for name, value in options.items() if value not in known[name]]
        if not options or any(len(known[name]) >= limits.values for name in fresh):
            continue
        for name in fresh:
            known[name][options[name]] = None
        if fresh:
            new.append(len(short))
        if fresh or len(short) - len(new) < limits.variants:
            same = len(options) == len(variant.options)
            short.append(
                variant if same else variant.model_copy(update={"options": options})
            )
    if len(short) <= limits.variants:
        return tuple(short)
    held = set(new)
    others = (n for n in range(len(short)) if n not in held)
    first = sorted([*new, *others][: limits.variants])
    return tuple(short[n] for n in first)


def option_values(variants: Sequence[Variant]) -> Mapping[str, tuple[str, ...]]:
    """The values of each option, each once, in the order in which they come."""
    found: dict[str, dict[str, str]] = {}
    for variant in variants:
        for name, value in variant.options.items():
            found.setdefault(name, {}).setdefault(fold(value), value)
    return MappingProxyType({name: tuple(all_.values()) for name, all_ in found.items()})


def varying_options(variants: Sequence[Variant]) -> Mapping[str, tuple[str, ...]]:
    """The options with two values or more: none of them is true of all variants."""
    return {name: all_ for name, all_ in option_values(variants).items() if len(all_) > 1}


def on_photos(variants: Sequence[Variant], used: Sequence[int]) -> tuple[Variant, ...]:
    """The variants with their photos' places among those that are used (numbers from 1)."""
    places = {number: place for place, number in enumerate(used, start=1)}
    return tuple(
        variant.model_copy(update={"photo": places.get(variant.photo or 0)})
        for variant in variants
    )
