"""What people teach: sentences that give names, likings and routines, and what becomes of them afterwards.

It is asked before all others, since a phrase that somebody taught means what they said it means.
"""
