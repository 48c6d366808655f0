"""Pictures of nothing in particular, to learn what is no product."""

import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def drawn_shapes(count: int, seed: int = 0) -> list[Image.Image]:
    """Pictures of nothing in particular: shapes and lines on plain or rough grounds."""
    rng = random.Random(seed)
    noise = np.random.default_rng(seed)

    def colour() -> tuple[int, int, int]:
        if rng.random() < 0.4:
            grey = rng.randrange(256)
            return grey, grey, grey
        return rng.randrange(256), rng.randrange(256), rng.randrange(256)

    pictures = []
    for _ in range(count):
        width, height = rng.choice([(192, 192), (168, 224), (224, 168), (240, 160)])
        plain = rng.random() < 0.5
        ground = (rng.randrange(225, 256),) * 3 if plain else colour()
        image = Image.new("RGB", (width, height), ground)
        if not plain and rng.random() < 0.6:
            cells = rng.choice([2, 3, 6, 20, 60])
            coarse = noise.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
            rough = Image.fromarray(coarse).resize(
                (width, height), Image.Resampling.BICUBIC
            )
            image = Image.blend(image, rough, rng.uniform(0.2, 0.9))
        draw = ImageDraw.Draw(image)
        for _ in range(rng.choice([0, 1, 1, 2, 3, 6])):
            x, y = rng.uniform(0.1, 0.6) * width, rng.uniform(0.1, 0.6) * height
            w, h = rng.uniform(0.1, 0.7) * width, rng.uniform(0.1, 0.7) * height
            box = (x, y, min(x + w, width * 0.97), min(y + h, height * 0.97))
            edge, wide = colour(), rng.choice([0, 0, 1, 3, 8])
            match rng.randrange(5):
                case 0:
                    draw.ellipse(box, colour(), edge, wide)
                case 1:
                    draw.rounded_rectangle(box, min(w, h) / 6, colour(), edge, wide)
                case 2:
                    draw.rectangle(box, colour(), edge, wide)
                case 3:
                    points = [
                        (x + rng.random() * w, y + rng.random() * h)
                        for _ in range(rng.choice([3, 4, 6]))
                    ]
                    draw.polygon(points, colour(), edge)
                case _:
                    draw.arc(box, rng.randrange(360), rng.randrange(360), edge, 6)
        if rng.random() < 0.5:
            image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 2)))
        pictures.append(image)
    return pictures
