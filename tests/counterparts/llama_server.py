"""llama.cpp's own server in a process of its own: `python -m tests.counterparts.llama_server WEIGHTS KEY`.

Prints its address when it answers. It is there to be killed in the middle of an answer.
"""

import sys
import threading
from pathlib import Path

import xllamacpp


def main() -> None:
    weights, key = Path(sys.argv[1]), sys.argv[2]
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    parameters.verbosity = -1
    parameters.ui = False
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 2
    parameters.api_keys = [key]
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
