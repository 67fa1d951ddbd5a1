"""How people really say things: hesitation, corrections, politeness, remarks, what leans on the turn before.

Nothing here knows what an order means: a sentence comes in, and plainer ones that it may stand for go out.
"""
