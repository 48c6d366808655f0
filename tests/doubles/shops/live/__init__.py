"""Live shops, each over a server on loopback."""
