"""What each convention says for each ability: one thing, one order, the messages for it, the thing's answer.

The shapes are those of the makers' documentation; nothing here was recorded from anybody's house.
"""
