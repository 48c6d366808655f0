"""Load photos: a product's photos in, checked and measured."""

from __future__ import annotations

from dataclasses import dataclass

from ..checks.shorten_data import shorten_data
from ..errors import PhotoError
from ..net import Http
from ..photos import load
from ..photos.measured_colour import measure_colours
from ..photos.quality import judge
from ..records import MAX_PHOTOS, Finding, Photo, Product
from ..text.printable import quoted
from .draft import Draft, Failed, PhotoDigest


@dataclass(frozen=True, slots=True)
class Loaded:
    """A product whose photos can be used: as given, its first draft, and the pixels."""

    product: Product
    draft: Draft
    photos: tuple[Photo, ...]


def load_photos(product: Product, http: Http) -> Loaded | Failed:
    """Load, judge and measure every photo; one bad photo of several is only a finding."""
    photos: list[Photo] = []
    findings: list[Finding] = []
    error: PhotoError | None = None
    for number, source in enumerate(product.photos[:MAX_PHOTOS], start=1):
        try:
            photo = load(source, http=http)
            verdict = judge(photo)
            if verdict.refuse:
                raise PhotoError(verdict.refuse)
        except PhotoError as e:
            error = e
            message = f"photo {number} was left out: {e}"
            findings.append(Finding(code="photo-unusable", field="photos", message=message))
            continue
        photos.append(photo)
        findings.extend(verdict.findings)
    if error and not photos:
        return Failed(product, error)
    if product.photo_error and not product.photos:
        return Failed(product, PhotoError(product.photo_error))
    if not photos and not product.title and not product.attributes:
        shown = quoted(product.id, "name")
        return Failed(product, PhotoError(f"product {shown} has no photo and no data"))
    if len(product.photos) > MAX_PHOTOS:
        message = f"{len(product.photos)} photos given, the first {MAX_PHOTOS} were used"
        findings.append(Finding(code="photos-many", field="photos", message=message))
    short, cut = shorten_data(product)
    draft = Draft(
        short,
        photos=tuple(PhotoDigest(photo.name, photo.sha256) for photo in photos),
        measured=tuple(measure_colours(photo) for photo in photos),
        findings=(*findings, *cut),
    )
    return Loaded(product, draft, tuple(photos))
