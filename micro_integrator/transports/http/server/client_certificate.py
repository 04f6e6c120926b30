"""Who a client of HTTPS is, when it has shown a trusted certificate; looked at once for each connection."""

import asyncio
import ssl

from micro_integrator.observability import get_logger
from micro_integrator.synapse import ClientCertificate

log = get_logger("SourceHandler")


def certificate_of(transport: asyncio.BaseTransport) -> ClientCertificate | None:
    """Return what the client has shown; None without TLS or a certificate, or when the latter cannot be read."""
    tls = transport.get_extra_info("ssl_object")
    der = None if tls is None else tls.getpeercert(binary_form=True)
    if not der:
        return None
    from cryptography import x509  # megabytes that few nodes need

    try:
        found = x509.load_der_x509_certificate(der)
        subject, issuer = found.subject.rfc4514_string(), found.issuer.rfc4514_string()
        return ClientCertificate(ssl.DER_cert_to_PEM_cert(der), subject, issuer, f"{found.serial_number:x}")
    except ValueError as error:  # OpenSSL takes some that are not quite to the letter
        log.warning("The certificate of a client is taken for none: {error}", error=error)
        return None
