"""How written numbers, times, units and abbreviations are read aloud, a language a file."""
