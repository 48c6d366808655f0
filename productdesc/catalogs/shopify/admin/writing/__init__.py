"""Writing into a Shopify shop: sink, edits, bulk operations, verification."""
