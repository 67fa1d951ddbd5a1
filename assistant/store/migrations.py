"""The layout of the conversations' database (`devices/database.py` takes the steps)."""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE turns (
            id INTEGER PRIMARY KEY,
            turn_id TEXT NOT NULL,
            at_s REAL NOT NULL,
            place TEXT NOT NULL,
            room TEXT,
            satellite TEXT,
            heard TEXT NOT NULL,
            language TEXT NOT NULL,
            tier TEXT NOT NULL,
            why TEXT NOT NULL,
            calls TEXT NOT NULL,
            commands TEXT NOT NULL,
            outcomes TEXT NOT NULL,
            reply TEXT NOT NULL,
            failure TEXT,
            interrupted INTEGER NOT NULL,
            timing_ms TEXT NOT NULL
        )""",
        "CREATE INDEX turns_at ON turns (at_s)",
        "CREATE VIRTUAL TABLE turn_words USING fts5 (words, tokenize = 'unicode61 remove_diacritics 2')",
    ),
)
"""A step is never changed once it was released; what is new is another step."""
