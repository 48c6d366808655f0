"""Copy into a Shopify shop: what to edit, one by one or in bulk, read back."""
