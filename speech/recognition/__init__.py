"""Sound to text. One engine a file, all behind `engine.Recogniser`."""
