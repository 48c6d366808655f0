"""Chat messages: a conversation as JSON of the API, photos inside it.

Each message is written once and sent again as the same bytes, so that the server finds
in its cache what it has read before.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from dataclasses import dataclass, field
from typing import Any

from PIL.Image import Resampling

from ...records import Photo
from ...special_tokens import split_special_tokens
from ..options import ServerOptions
from ..protocol import Prompt
from ..smart_resize import MIN_PIXELS, smart_resize


@dataclass(frozen=True, slots=True, eq=False)
class ServerContext:
    """A context of the server engine: its messages so far, each as JSON text."""

    owner: object = field(repr=False)
    messages: tuple[str, ...] = field(default=(), repr=False)
    tokens: int = 0
    photos: int = 0


@dataclass(frozen=True, slots=True)
class MessageWriter:
    """Writes messages of the chat completions API, each once."""

    options: ServerOptions

    def asked(self, before: ServerContext, prompt: Prompt) -> tuple[str, ...]:
        """All messages, with those of the prompt. Raises `PhotoError`."""
        messages = [*before.messages]
        if prompt.system and not before.messages:
            messages.append(_message("system", self._plain(prompt.system)))
        text = self._plain(prompt.text)
        messages.append(_message("user", self._parts(before, prompt, text) or text))
        return tuple(messages)

    def answered(self, asked: tuple[str, ...], text: str) -> tuple[str, ...]:
        """The messages with the reply after them."""
        return (*asked, _message("assistant", self._plain(text)))

    def _parts(
        self, before: ServerContext, prompt: Prompt, text: str
    ) -> list[dict[str, Any]]:
        """The photos, numbered where there are several, and then the text."""
        parts: list[dict[str, Any]] = []
        several = before.photos + len(prompt.photos) > 1
        for number, photo in enumerate(prompt.photos, start=before.photos + 1):
            if several:
                parts.append({"type": "text", "text": f"Picture {number}: "})
            parts.append(self._photo(photo))
        if parts and text:
            parts.append({"type": "text", "text": text})
        return parts

    def _photo(self, photo: Photo) -> dict[str, Any]:
        data = encode_photo(photo, self.options)
        kind = f"image/{self.options.photo_format.lower()}"
        uri = f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
        part: dict[str, Any] = {"type": "image_url", "image_url": {"url": uri}}
        if self.options.image_ids:
            # of the bytes that are sent: a name or a URL may come to mean another photo,
            # and the server would then describe the wrong product
            part["uuid"] = hashlib.sha256(data).hexdigest()
        return part

    def _plain(self, text: str) -> str:
        """The text with its special tokens split: servers read them in any text."""
        text = text.encode("utf-8", "replace").decode("utf-8")  # no lone surrogates
        return split_special_tokens(text, self.options.special_tokens)


def encode_photo(photo: Photo, options: ServerOptions) -> bytes:
    """The photo's file as it is sent, in the size that Qwen2-VL sees: no server resizes it.

    Raises `PhotoError` where one side is over 200 times the other.
    """
    most = options.max_pixels
    image = photo.image.convert("RGB")
    size = smart_resize(
        image.width, image.height, min_pixels=min(MIN_PIXELS, most), max_pixels=most
    )
    if size != image.size:
        image = image.resize(size, Resampling.BICUBIC)
    out = io.BytesIO()
    if options.photo_format == "PNG":
        image.save(out, "PNG")
    else:
        image.save(out, "JPEG", quality=options.jpeg_quality, subsampling=0)
    return out.getvalue()


def _message(role: str, content: Any) -> str:
    return json.dumps({"role": role, "content": content}, separators=(",", ":"))
