"""All peers of a run at once, each on the proxies' core, behind them one back end."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.gateway.check import check
from benchmarks.gateway.echo import running_echo
from benchmarks.gateway.flows import Flow
from benchmarks.gateway.nginx import back_end
from benchmarks.gateway.peers import PEERS, Peer


@contextmanager
def all_running(flow: Flow, names: Sequence[str]) -> Iterator[list[Peer]]:
    """The peers of these names, tried when they come and before they go.

    Those that wait for their turn use no processor time worth counting.
    """
    with ExitStack() as house:
        root = Path(house.enter_context(tempfile.TemporaryDirectory(prefix="mi-bench-")))
        folders = {name: root / name for name in (*names, "back-end")}
        for folder in folders.values():
            folder.mkdir()
        echo = house.enter_context(running_echo())
        port = house.enter_context(back_end(folders["back-end"], echo))
        peers = [house.enter_context(PEERS[name](flow, port, folders[name])) for name in names]
        for peer in peers:
            check(peer, flow)
        yield peers
        for peer in peers:
            check(peer, flow)
