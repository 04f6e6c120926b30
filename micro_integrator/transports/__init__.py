"""Protocols: messages come in from clients and go out to back ends, and answers find their way back.

Offers what fulfils the ports of the language (`synapse.ports.Sender`, `ReplyChannel`); knows nothing of artifacts and
mediators, nor does one protocol know another. Start reading in `http/listener` and `http/sender`; `tls` and
`server_tls` are for all protocols.
"""

from micro_integrator.transports.http.listener import HttpListener
from micro_integrator.transports.http.sender import HttpSender
from micro_integrator.transports.server_tls import server_context
from micro_integrator.transports.tls import TrustStoreError

__all__ = ["HttpListener", "HttpSender", "TrustStoreError", "server_context"]
