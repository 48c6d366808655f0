"""Reading a Shopify shop: source, queries by pages, bulk operations."""
