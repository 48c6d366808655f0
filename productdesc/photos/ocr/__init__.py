"""Text on packs: lines read from a photo by rapidocr, in a fenced process of its own."""
