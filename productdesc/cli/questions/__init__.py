"""Commands that ask about photos: over one photo, a folder, or a catalogue."""
