"""Products out of a Shopify shop: by pages or in one bulk operation."""
