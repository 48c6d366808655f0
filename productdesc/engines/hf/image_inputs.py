"""Image inputs: photos through transformers' own image processors, without torchvision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

import torch

from ...errors import EngineError, PhotoError
from ...records import Photo
from ...text.printable import printable, quoted, words_of
from ..smart_resize import DEFAULT_MAX_PIXELS
from .families import Family

IMAGE_PROCESSORS: Mapping[str, str] = {
    "CLIPImageProcessor": "clip",
    "LlavaImageProcessor": "llava",
    "SiglipImageProcessor": "siglip",
    "LlavaNextImageProcessor": "llava_next",
    "Qwen2VLImageProcessor": "qwen2_vl",
    "SmolVLMImageProcessor": "smolvlm",
    "Idefics3ImageProcessor": "idefics3",
    "Gemma3ImageProcessor": "gemma3",
}
"""Published name of an image processor -> the folder of transformers that has it."""
SUFFIXES = ("Fast", "Pil")  # names of one processor's versions; we take the one for Pillow
NAMES = ("image_processor_type", "feature_extractor_type", "processor_class")
SIZES = ("size", "crop_size", "max_image_size", "min_pixels", "max_pixels", "patch_size")
MAX_SIDE = 4_096  # px of a side; the largest published one is 2,048
MAX_PIXELS = 2**31  # of a photo, where a size is a number of pixels
NOT_FOR_NETWORKS = ("rows", "cols", "num_crops")


class ImageInputs:
    """The image processor of one checkpoint: photos to the tensors of its network."""

    def __init__(
        self, family: Family, preprocessor: Mapping[str, Any], max_pixels: int | None
    ) -> None:
        """`max_pixels`: None for the checkpoint's own, at most the usual of Qwen2-VL."""
        if max_pixels is not None and not family.has_max_pixels:
            raise EngineError(
                f"max_pixels: {family.title} reads every photo at sizes of its own; leave "
                "max_pixels out"
            )
        self._family = family
        self._processor = _load_processor(family, preprocessor)
        self.max_pixels: int | None = None
        if family.has_max_pixels:
            size = self._processor.size
            self.max_pixels = max_pixels or min(size.longest_edge, DEFAULT_MAX_PIXELS)
            least = min(size.shortest_edge, self.max_pixels)
            bounds = {"shortest_edge": least, "longest_edge": self.max_pixels}
            self._processor.size = type(size)(**bounds)

    def process(self, photos: Sequence[Photo]) -> Mapping[str, Any]:
        """What the image processor makes of the photos of one prompt; nothing of none.

        Raises `PhotoError` for a photo that it cannot take.
        """
        if not photos:
            return {}
        images: list[Any] = [photo.rgb for photo in photos]
        options: dict[str, Any] = {}
        if self._family.is_nested:
            images, options = [images], {"return_row_col_info": True}
        try:
            made: Mapping[str, Any] = self._processor(
                images=images, return_tensors="pt", **options
            )
        except ValueError as e:
            raise PhotoError(f"a photo does not fit the model: {words_of(e)}") from e
        return made


def for_network(
    pixels: Mapping[str, Any], device: torch.device, dtype: torch.dtype
) -> dict[str, torch.Tensor]:
    """The tensors that a network reads, on its device; those of pixels in its dtype."""
    return {
        name: value.to(device, dtype if value.is_floating_point() else value.dtype)
        for name, value in pixels.items()
        if name not in NOT_FOR_NETWORKS and isinstance(value, torch.Tensor)
    }


def _load_processor(family: Family, preprocessor: Mapping[str, Any]) -> Any:
    """The image processor that a preprocessor_config.json names, by its settings."""
    where = "preprocessor_config.json"
    named = preprocessor.get("image_processor_type") or family.image_processors[0]
    name = str(named)
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    if name not in family.image_processors:
        raise EngineError(
            f"{where}: image_processor_type is {quoted(str(named), 'name')}; "
            f"{family.title} has one of: {', '.join(family.image_processors)}"
        )
    settings = {key: preprocessor[key] for key in preprocessor if key not in NAMES}
    most = MAX_PIXELS if family.has_max_pixels else MAX_SIDE
    for key in SIZES:
        for number in _numbers(settings.get(key)):
            if not 1 <= number <= most:
                shown = printable(str(number), "value")
                raise EngineError(f"{where}: {key} is {shown}; it is from 1 to {most:,}")
    folder = IMAGE_PROCESSORS[name]
    module = import_module(f"transformers.models.{folder}.image_processing_pil_{folder}")
    try:
        return getattr(module, f"{name}Pil")(**settings)
    except (TypeError, ValueError, AttributeError) as e:
        raise EngineError(f"{where}: {words_of(e)}") from e


def _numbers(value: Any) -> Iterator[float]:
    """The numbers of a size, in any of the layouts that were published."""
    if isinstance(value, Mapping):
        value = list(value.values())
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, int | float):
            yield one
