"""Small pictures drawn for tests: a shoe-like shape in any colour on any background."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageDraw, ImageFilter


def picture(
    colour: str = "#1b2a55",
    size: tuple[int, int] = (360, 300),
    background: str = "white",
    stripes: str | None = None,
) -> Image.Image:
    """A textured blob in the middle, plain or striped; it passes the quality gate."""
    image = Image.new("RGB", size, background)
    draw = ImageDraw.Draw(image)
    w, h = size
    draw.ellipse((w * 0.2, h * 0.35, w * 0.8, h * 0.75), fill=colour)
    draw.rectangle((w * 0.2, h * 0.55, w * 0.85, h * 0.72), fill=colour)
    for x in range(int(w * 0.2), int(w * 0.85), 24) if stripes else ():
        draw.rectangle((x, h * 0.45, x + 8, h * 0.72), fill=stripes)
    # Cloth is never flat: without shading the gate would take it for a drawn icon.
    grain = Image.effect_noise(size, 24).convert("RGB")
    shade = Image.radial_gradient("L").resize(size).point(lambda v: v // 4)
    image = Image.blend(image, ImageChops.overlay(image, grain), 0.5)
    image = Image.composite(Image.new("RGB", size, "black"), image, shade)
    return image.filter(ImageFilter.GaussianBlur(0.4))


def jpeg(image: Image.Image | None = None) -> bytes:
    """The picture as the bytes of a JPEG file."""
    out = io.BytesIO()
    (image or picture()).save(out, "JPEG", quality=92)
    return out.getvalue()
