"""Does a sentence tell of something, or speak to somebody, rather than order?"""
