"""What is being said at a place. What is being heard there is `speech.hearing`'s table."""
