"""Sound in, sound out: microphones, wake word, voice activity, end of turn, recognition, synthesis.

Imports nothing of ours: what speech must know of understanding or of the home it declares as a Protocol
(`speech.hearing.Completeness`) or a plain value, and `assistant.app` hands it in.
"""
