"""What stays for long is no business of the garbage collector."""

import gc


def settle_heap() -> None:
    """Collect once, then leave out of later collections whatever lives now.

    A full collection of what is there after the start stops the process for a tenth of a second; with thousands of
    long-lived tasks it is a quarter, twice a second under load. To be called after many objects have come to stay;
    blocks for the time of one collection.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
