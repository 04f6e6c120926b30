"""Keys of thread pools, buffers and a second HTTP client, which the reference has and this product is not made of.

They are named once at the start, with what there is to set instead, and never unknown.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Meaningless(NamedTuple):
    """Keys for which nothing can be set."""

    section: str
    names: str
    """Blank separated."""
    reason: str
    """Why, and what to set instead; stands behind the names."""


_LOOP = "one event loop serves all requests, and [mediation] max_in_flight limits how many at a time"
_STREAMS = "a body is passed on in the pieces in which it arrives"
_SENDER = (
    "blocking calls go out by the sender of all others: [transport.http] socket_timeout, "
    "max_http_connection_per_host_port"
)

MEANINGLESS: Final = (
    Meaningless(
        "transport.http",
        """
            core_worker_pool_size max_worker_pool_size worker_pool_queue_length
            secondary_worker_pool_size_core secondary_worker_pool_size_max
            secondary_worker_pool_queue_length expected_max_queueing_time
            expected_max_queueing_time_for_message_discard_worker
        """,
        _LOOP,
    ),
    Meaningless("transport.http", "io_buffer_size", _STREAMS),
    Meaningless(
        "passthru_properties",
        """
            worker_pool_size_core worker_pool_size_max worker_thread_keepalive_sec
            worker_pool_queue_length secondary_worker_pool_size_core secondary_worker_pool_size_max
            secondary_worker_pool_queue_length expected_max_queueing_time
            expected_max_queueing_time_for_message_discard_worker io_threads_per_reactor
            http_listening_io_reactor_sharing_enable
        """,
        _LOOP,
    ),
    Meaningless("passthru_properties", "io_buffer_size", _STREAMS),
    Meaningless(
        "transport.blocking.http.sender",
        """
            so_timeout default_connections_per_host transfer_encoding enable_client_caching
            omit_soap12_action secured_so_timeout secured_default_connections_per_host
            secured_transfer_encoding secured_enable_client_caching secured_omit_soap12_action
        """,
        _SENDER,
    ),
    Meaningless("mediation.synapse", "core_threads", "max_threads is the limit, and nothing is kept ready"),
)


def reasons() -> Mapping[str, str]:
    """Return why nothing can be set, by the dotted name of each key."""
    return {f"{group.section}.{name}": group.reason for group in MEANINGLESS for name in group.names.split()}
