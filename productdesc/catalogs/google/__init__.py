"""Google Merchant feeds, in XML and text."""
