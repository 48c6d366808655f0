"""Base model: a checkpoint that is to be tuned, looked through; no weights are loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ...engines import EngineInfo
from ...engines.checkpoint.hub import locate
from ...engines.checkpoint.probe import Checkpoint, inspect
from ...engines.checkpoint.weight_files import digest
from ...engines.qwen2vl.inputs.image_processor import (
    ImageProcessorConfig,
    image_processor_config,
    photo_grid,
)
from ...engines.qwen2vl.inputs.tokenizer import ChatTokenizer
from ...errors import EngineError
from ...records import Photo
from ...text.printable import words_of
from .data_folder import TaughtTurn

ANY_MODEL = "any general model"


def info_of_any(categories: tuple[str, ...]) -> EngineInfo:
    """What every model without a closed list of its own says, but for its name."""
    return EngineInfo(
        ANY_MODEL, revision="", weights_digest="", categories=categories, branches=True
    )


class Size(NamedTuple):
    """Of a conversation: tokens, those that are learned at most, patches of its photos."""

    tokens: int = 0
    learned: int = 0
    patches: int = 0


@dataclass(frozen=True)
class BaseModel:
    """A model to tune: its checkpoint, its tokenizer, and how it reads photos.

    `max_pixels`: of a photo, as at inference; None: what the fast engine takes.
    """

    checkpoint: Checkpoint
    max_pixels: int | None = None

    @classmethod
    def find(
        cls,
        name: str | Path | None = None,
        *,
        revision: str | None = None,
        offline: bool = False,
        max_pixels: int | None = None,
    ) -> BaseModel:
        """A model by name, as `load_engine` takes it. Raises `EngineError`."""
        if isinstance(name, str) and name.startswith(("http://", "https://")):
            raise EngineError(
                f"{name}: a model on a server cannot be tuned from here; name its folder "
                "or hub id"
            )
        found = locate(name, revision=revision, offline=offline)
        checkpoint = inspect(found.folder, name=found.name, revision=found.revision)
        return cls(checkpoint, max_pixels)

    @cached_property
    def tokenizer(self) -> ChatTokenizer:
        return ChatTokenizer(self.checkpoint.tokenizer, self.checkpoint.specials)

    @cached_property
    def image_processor(self) -> ImageProcessorConfig:
        """Raises `EngineError` where the checkpoint's settings are wrong."""
        try:
            return image_processor_config(
                self.checkpoint.preprocessor, max_pixels=self.max_pixels
            )
        except (TypeError, ValueError, AttributeError) as e:
            folder = self.checkpoint.folder
            raise EngineError(
                f"{folder}: its preprocessor_config.json: {words_of(e)}"
            ) from e

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of the weight files."""
        return digest(self.checkpoint.files)

    def info(self, categories: tuple[str, ...]) -> EngineInfo:
        """What the fast engine will say of itself with an adapter of these categories.

        The prompts of training are made for it, so that they are those of inference.
        """
        one = self.checkpoint
        return EngineInfo(
            model=one.name,
            revision=one.revision,
            weights_digest=self.digest,
            special_tokens=tuple(sorted(one.specials)),
            categories=categories or one.categories,
            languages=one.languages,
            branches=True,
            writes=one.writes,
        )

    def count_tokens(self, answer: str) -> int:
        """Tokens of an answer, without the end of its turn."""
        return len(self.tokenizer.encode(answer))

    def size(self, turns: Sequence[TaughtTurn], photos: Sequence[Photo]) -> Size:
        """Of a conversation, as the engine counts it."""
        config = self.image_processor
        grids = [photo_grid(photo, config) for photo in photos]
        end = len(self.tokenizer.turn_end())
        replies = [self.count_tokens(turn.completion) for turn in turns]
        asked = sum(
            len(self.tokenizer.turn(turn.system, turn.text, () if at else grids).ids)
            for at, turn in enumerate(turns)
        )
        patches = sum(grid.rows * grid.columns for grid in grids) * config.merge_size**2
        tokens = asked + sum(replies) + end * len(turns)
        return Size(tokens, sum(replies) + len(turns), patches)

    def too_long(self, size: Size) -> str:
        """Why the model cannot read a conversation of this size, "" where it can."""
        if size.tokens <= self.most_tokens:
            return ""
        return (
            f"its conversation takes {size.tokens:,} tokens and the model reads "
            f"{self.most_tokens:,}; send fewer photos"
        )

    @property
    def most_tokens(self) -> int:
        """Tokens of a conversation that the model can read."""
        config = self.checkpoint.config
        inner = config.get("text_config")
        text = inner if isinstance(inner, dict) else config
        return int(text.get("max_position_embeddings") or 32_768)
