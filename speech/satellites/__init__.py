"""Microphones and loudspeakers elsewhere in the house."""
