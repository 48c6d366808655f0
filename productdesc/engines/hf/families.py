"""The families of models that are known: one row each.

To add one: its row here, its turn format, its placeholder layout and a tiny checkpoint in
`tests/doubles/families/`; docs/development/families.md says how it is proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import layouts
from .layouts import Layout
from .turn_formats import (
    GEMMA,
    IDEFICS,
    QWEN,
    SMOLVLM,
    PickFormat,
    always,
    of_language_model,
)


@dataclass(frozen=True, slots=True)
class Family:
    """One family: its class in transformers, and what is put around a photo.

    `image_processors` are the published names that its preprocessor_config.json may give,
    the usual one first. `is_nested`: its image processor takes a list of photos for each
    prompt. `has_mrope`: a position has three parts, made from the grids of the photos.
    `token_types`: the input that marks image tokens, if it has one. `older_names`: how
    names begin now, and began before transformers 4.52; adapters may be older.
    """

    title: str
    architecture: str
    image_processors: tuple[str, ...]
    layout: Layout
    turn_format: PickFormat
    max_photos: int | None = None
    is_nested: bool = False
    has_mrope: bool = False
    token_types: str = ""
    older_names: tuple[tuple[str, str], ...] = ()

    def older_name(self, name: str) -> str:
        """The name that a module had before transformers 4.52."""
        for prefix, older in self.older_names:
            if name.startswith(prefix):
                return older + name.removeprefix(prefix)
        return name

    @property
    def has_max_pixels(self) -> bool:
        """Whether photos are read at their own size, so that `max_pixels` counts."""
        return self.has_mrope


_CLIP = ("CLIPImageProcessor", "LlavaImageProcessor", "SiglipImageProcessor")
_QWEN = ("Qwen2VLImageProcessor",)
_OLDER_LLAVA = (
    ("model.language_model.", "language_model.model."),
    ("lm_head", "language_model.lm_head"),
    ("model.", ""),  # vision_tower, multi_modal_projector
)
_OLDER_QWEN = (("model.language_model.", "model."), ("model.visual.", "visual."))


def _qwen(title: str, architecture: str) -> Family:
    return Family(
        title,
        architecture,
        _QWEN,
        layouts.qwen,
        always(QWEN),
        has_mrope=True,
        token_types="mm_token_type_ids",
        older_names=_OLDER_QWEN,
    )


FAMILIES: Mapping[str, Family] = {
    "llava": Family(
        "LLaVA 1.5",
        "LlavaForConditionalGeneration",
        _CLIP,
        layouts.llava,
        of_language_model,
        max_photos=1,  # it was trained on one photo a prompt
        older_names=_OLDER_LLAVA,
    ),
    "llava_next": Family(
        "LLaVA-NeXT",
        "LlavaNextForConditionalGeneration",
        ("LlavaNextImageProcessor",),
        layouts.llava_next,
        of_language_model,
        max_photos=1,  # as LLaVA 1.5; one photo is up to 2,880 tokens
        older_names=_OLDER_LLAVA,
    ),
    "qwen2_vl": _qwen("Qwen2-VL", "Qwen2VLForConditionalGeneration"),
    "qwen2_5_vl": _qwen("Qwen2.5-VL", "Qwen2_5_VLForConditionalGeneration"),
    "qwen3_vl": _qwen("Qwen3-VL", "Qwen3VLForConditionalGeneration"),
    "smolvlm": Family(
        "SmolVLM",
        "SmolVLMForConditionalGeneration",
        ("SmolVLMImageProcessor", "Idefics3ImageProcessor"),
        layouts.idefics,
        always(SMOLVLM),
        is_nested=True,
    ),
    "idefics3": Family(
        "Idefics3",
        "Idefics3ForConditionalGeneration",
        ("Idefics3ImageProcessor",),
        layouts.idefics,
        always(IDEFICS),
        is_nested=True,
    ),
    "gemma3": Family(
        "Gemma 3",
        "Gemma3ForConditionalGeneration",
        ("Gemma3ImageProcessor",),
        layouts.gemma3,
        always(GEMMA),
        token_types="token_type_ids",
        older_names=_OLDER_LLAVA,
    ),
}
"""By the `model_type` of a config.json."""
