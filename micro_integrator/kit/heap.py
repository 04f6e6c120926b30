"""What stays for long is no business of the garbage collector."""

import gc

YOUNG = 20_000
"""Objects made, and not given back, before the youngest are looked through: a gateway under load makes 700, the usual
number, with every tenth message, and spends a tenth of its time in looking."""


def settle_heap() -> None:
    """Collect once, then leave out of later collections whatever lives now.

    A full collection of what is there after the start stops the process for a tenth of a second; with thousands of
    long-lived tasks it is a quarter, twice a second under load. To be called after many objects have come to stay;
    blocks for the time of one collection.
    """
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    gc.unfreeze()
    gc.collect()
    gc.freeze()
