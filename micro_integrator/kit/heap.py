"""What stays for long is no business of the garbage collector."""

import gc


def settle_heap() -> None:
    """Collect once, then leave out of later collections whatever lives now.

    With thousands of long-lived tasks a full collection stops the process for a quarter of a second, twice a second
    under load. To be called after many objects have come to stay; blocks for the time of one collection.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
