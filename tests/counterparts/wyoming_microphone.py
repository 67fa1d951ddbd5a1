"""A microphone as a command, by nothing but Python: `python wyoming_microphone.py FOLDER`.

Writes quiet to standard output, 16 kHz mono s16le in real time, and in between what lies in FOLDER/say.raw,
which it then removes.
"""

import random
import sys
import time
from pathlib import Path

PIECE_S = 0.02
PIECE = 2 * round(16_000 * PIECE_S)


def main(folder: Path) -> None:
    """Write for ever."""
    noise = random.Random(1)
    quiet = [bytes(noise.choice((0, 1)) if at % 2 == 0 else 0 for at in range(PIECE)) for _ in range(50)]
    given = folder / "say.raw"
    rest = b""
    began_s, at = time.monotonic(), 0
    while True:
        if not rest and given.exists():
            rest = given.read_bytes()
            given.unlink()
        piece, rest = rest[:PIECE], rest[PIECE:]
        sys.stdout.buffer.write(piece.ljust(PIECE, b"\0") if piece else quiet[at % len(quiet)])
        sys.stdout.buffer.flush()
        at += 1
        time.sleep(max(0.0, began_s + at * PIECE_S - time.monotonic()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
