"""Protocols: messages come in from clients and go out to back ends, and answers find their way back.

Offers what fulfils the ports of the language (`synapse.ports.Sender`, `ReplyChannel`); knows nothing of artifacts and
mediators, nor does one protocol know another. Start reading in `http/server/listener` and
`http/client/sender`. Key stores, trust stores and TLS profiles stand beside `http`: other protocols will need them.
"""

from micro_integrator.transports.http.client.answer_limit import LimitingSender
from micro_integrator.transports.http.client.sender import HttpSender
from micro_integrator.transports.http.client.server_errors import ErrorTellingSender
from micro_integrator.transports.http.client.timed import TimedSender
from micro_integrator.transports.http.server.correlation_id import with_id_in_logs
from micro_integrator.transports.http.server.listener import HttpListener
from micro_integrator.transports.http.server.terms import Serve
from micro_integrator.transports.http.server.timed import timed
from micro_integrator.transports.server_tls import ServerTls
from micro_integrator.transports.tls import TrustStoreError

__all__ = [
    "ErrorTellingSender",
    "HttpListener",
    "HttpSender",
    "LimitingSender",
    "Serve",
    "ServerTls",
    "TimedSender",
    "TrustStoreError",
    "timed",
    "with_id_in_logs",
]
