"""Openers of live shops: one typed function a shop that opens its source or its sink.

Each imports its class when it is called, so that a shop loads nothing of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..detect import VENDURE
from ..protocol import Sink, Source
from .open_options import OpenOptions

if TYPE_CHECKING:
    from ..shopify.admin import ShopifyClient
    from ..vendure import VendureClient
    from ..vendure.shop_settings import Seo
    from ..woocommerce.rest import WooCommerceClient

OPENED_BATCH = 100
"""Products that are described before a live shop gets them together: a model needs seconds
for each, and a run may be stopped."""


def shopify_source(domain: str, options: OpenOptions) -> Source:
    from ..shopify.admin import ShopifySource

    client = _shopify_client(domain, options)
    return ShopifySource(client, languages=options.languages, own=True)


def shopify_sink(domain: str, options: OpenOptions) -> Sink:
    from ..shopify.admin import ShopifySink

    return ShopifySink(
        _shopify_client(domain, options),
        overwrite=options.overwrite,
        apply=options.apply,
        category_id=options.category_id,
        batch=OPENED_BATCH,
        language=options.language,
        assume_primary=True,  # as tokens were given before there were languages
        own=True,
    )


def _shopify_client(domain: str, options: OpenOptions) -> ShopifyClient:
    from ..shopify.admin import ShopifyClient

    return ShopifyClient(domain, *options.secrets, network=options.network)


def woocommerce_source(url: str, options: OpenOptions) -> Source:
    from ..woocommerce.rest import WooCommerceSource

    client = _woocommerce_client(url, options)
    return WooCommerceSource(client, seo=_seo_fields(options), own=True)


def woocommerce_sink(url: str, options: OpenOptions) -> Sink:
    from ..woocommerce.rest import WooCommerceSink

    return WooCommerceSink(
        _woocommerce_client(url, options),
        overwrite=options.overwrite,
        apply=options.apply,
        seo=_seo_fields(options),
        role=options.role,
        accept_cleaning=options.accept_cleaning,
        batch=OPENED_BATCH,
        own=True,
    )


def _seo_fields(options: OpenOptions) -> tuple[str, str] | None:
    from ..woocommerce.built_in import SEO_PLUGINS

    if options.seo and options.seo not in SEO_PLUGINS:
        known = ", ".join(SEO_PLUGINS)
        raise ValueError(f"seo {options.seo!r} is no plugin that is known; {known} are")
    return SEO_PLUGINS.get(options.seo)


def _woocommerce_client(url: str, options: OpenOptions) -> WooCommerceClient:
    from ..woocommerce.rest import WooCommerceClient

    return WooCommerceClient(url, *options.secrets, network=options.network)


def vendure_source(place: str, options: OpenOptions) -> Source:
    from ..vendure import VendureSource

    return VendureSource(
        _vendure_client(place, options),
        language="" if options.languages else options.language,
        languages=options.languages,
        seo=_custom_fields(options),
        own=True,
    )


def vendure_sink(place: str, options: OpenOptions) -> Sink:
    from ..vendure import VendureSink

    return VendureSink(
        _vendure_client(place, options),
        overwrite=options.overwrite,
        apply=options.apply,
        seo=_custom_fields(options),
        language=options.language,
        own=True,
    )


def _custom_fields(options: OpenOptions) -> Seo:
    from ..vendure.shop_settings import CUSTOM_FIELDS

    if options.seo not in ("", CUSTOM_FIELDS):
        raise ValueError(f"seo {options.seo!r} is not of Vendure; {CUSTOM_FIELDS} is")
    return CUSTOM_FIELDS if options.seo else None


def _vendure_client(place: str, options: OpenOptions) -> VendureClient:
    from ..vendure import VendureClient

    url = place[len(VENDURE) :] if place.lower().startswith(VENDURE) else place
    return VendureClient(url, *options.secrets, network=options.network)
