"""What runs on every chunk: the wake word and voice activity. One engine a file, behind `engine`."""
