"""Protocols: messages go out to back ends, and answers come back.

Offers what fulfils the ports of the language (`synapse.ports.Sender`); knows nothing of artifacts and mediators, nor
does one protocol know another. Start reading in `http/sender`; `tls` is for all protocols.
"""

from micro_integrator.transports.http.sender import HttpSender
from micro_integrator.transports.tls import TrustStoreError

__all__ = ["HttpSender", "TrustStoreError"]
