"""Text to sound. One engine a file, all behind `engine.Voice`."""
