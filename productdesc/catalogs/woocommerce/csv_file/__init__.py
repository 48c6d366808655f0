"""WooCommerce's product CSV: its columns, sources and sinks."""
