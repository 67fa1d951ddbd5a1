"""The learned tier: paraphrases that no template foresaw, by a sentence embedding and a classifier."""
