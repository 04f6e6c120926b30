"""What the corpus's own runner calls to start and stop nodes: passes its words on to the test that started it.

python cluster_driver.py SOCKET prepare CASE NODE JSON | start NODE | stop NODE | task-row TASK | clean
"""

import json
import sys
from multiprocessing.connection import Client


def main(socket: str, *words: str) -> int:
    """Print the answer; 1 with its text if the test refuses."""
    with Client(socket, "AF_UNIX") as connection:
        connection.send(words)
        answer = connection.recv()
    if isinstance(answer, str):
        print(answer, file=sys.stderr)
        return 1
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
