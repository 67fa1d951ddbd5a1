"""From words to a plan: the fast path of sentence templates first, the language model where it ends."""
