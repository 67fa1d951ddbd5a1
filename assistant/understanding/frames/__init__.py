"""What people really say about things: words are tagged, clauses become frames, frames become orders.

`lexicon.py` reads a language's words, `tagging.py` covers a sentence with them, `clauses.py` tells what each
clause wants, `targets.py` of which things, `abilities.py` what that is for each of them, `memory.py` what was
wanted before. `tier.py` joins them. A sentence of which one content word is left over is no order.
"""
