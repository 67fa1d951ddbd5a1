"""The composition: hear, understand, act, answer.

`turn.py` reads as one utterance; `app.py` builds it all.
"""
