"""Shopify's product CSV: its columns, a product of its rows, sources and sinks."""
