"""Data for one model: a data folder held against the model that is to be trained on it.

Data that was made for a model must be trained on that one. Of data for any general model
this looks at what only a model knows: its length, the tokens of an answer, its words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..errors import CatalogError
from ..photos import load
from ..special_tokens import split_special_tokens
from ..text.printable import quoted
from .data.base_model import BaseModel, Size
from .data.data_folder import Example, TuningData
from .data.split import VALIDATION
from .data.write_data import largest

Say = Callable[[str], None]


def data_for(data: TuningData, base: BaseModel, say: Say) -> TuningData:
    """The data as this model is trained on it; what it cannot be taught is said.

    Raises `CatalogError` for data that was made for other weights or photos, or that does
    not fit the model.
    """
    if data.about.base_digest:
        _check_same_model(data, base)
    else:
        data = _of_any_model(data, base, say)
    if not data.of(VALIDATION):
        raise CatalogError(
            f"{data.folder}: has no example to tune by (split validation), so nothing "
            "would say when to stop; add products"
        )
    return data


def _check_same_model(data: TuningData, base: BaseModel) -> None:
    about = data.about
    if about.base_digest != base.digest:
        raise CatalogError(
            f"{data.folder}: was made for {about.model} (weights "
            f"{about.base_digest[:12]}), and {base.checkpoint.name} has others "
            f"({base.digest[:12]}); make the data anew, or name that model"
        )
    pixels = base.image_processor.max_pixels
    if about.max_pixels != pixels:
        raise CatalogError(
            f"{data.folder}: was made for photos of {about.max_pixels:,} pixels, and this "
            f"run reads {pixels:,}; give the same max_pixels to both"
        )


def _of_any_model(data: TuningData, base: BaseModel, say: Say) -> TuningData:
    model = base.checkpoint
    own = "has a closed list of kinds of its own" if model.categories else ""
    if own or not model.writes:
        raise CatalogError(
            f"{data.folder}: was made for any general model, and {model.name} "
            f"{own or 'looks and does not write'}; make the data for it: productdesc "
            f"finetune data ... --model {model.name}"
        )
    taken, sizes, reasons = [], [], []
    for example in data.examples:
        one, why = _within(example, data.about.max_tokens, base)
        size = Size()
        if one:
            photos = [load(data.folder / name) for name in one.photos]
            size = base.size(one.turns, photos)
            why = base.too_long(size) or why
        if why:
            say(f"left out, {quoted(example.id, 'name')}: {why}")
            reasons.append(why)
        if one and not base.too_long(size):
            taken.append(one)
            sizes.append(size)
    if not taken:
        raise CatalogError(
            f"{data.folder}: nothing is left to teach {model.name}: {len(reasons)} were "
            f"left out, the first: {reasons[0]}"
        )
    about = data.about.model_copy(
        update={
            "model": model.name,
            "revision": model.revision,
            "base_digest": base.digest,
            "max_pixels": base.image_processor.max_pixels,
            "longest": largest(sizes),
            "counts": {**data.about.counts, "left out by the model": len(reasons)},
        }
    )
    return replace(data, about=about, examples=tuple(taken))


def _within(example: Example, budget: int, base: BaseModel) -> tuple[Example | None, str]:
    """What of an example the model can be taught, and why the rest is left out."""
    tokens = base.checkpoint.specials
    if any(split_special_tokens(t.text, tokens) != t.text for t in example.turns):
        return None, "its text spells a special token of the model"
    lengths = [base.count_tokens(turn.completion) for turn in example.turns]
    over = {at for at, length in enumerate(lengths) if length > budget}
    if not over:
        return example, ""
    why = f"an answer of {max(lengths):,} tokens is over the budget of {budget:,}"
    if over & {turn.parent for turn in example.turns}:
        return None, why
    # answers that nothing goes on from are the last, so the others keep their places
    left = tuple(turn for at, turn in enumerate(example.turns) if at not in over)
    if not any(turn.teaches for turn in left):
        return None, why
    return example.model_copy(update={"turns": left}), why
