"""What the assistant can do.

A skill is one folder or file that imports `skills.api` and nothing else of ours.
"""
