"""What `Tls` means to Python's ssl module."""

import ssl

from micro_integrator.database.target import JdbcUrlError, Tls


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Return a context for the modes from `require` upwards. Raises JdbcUrlError for unreadable files.

    As in PostgreSQL's own library, `require` with a root certificate verifies it too.
    """
    try:
        context = ssl.create_default_context(cafile=tls.root_certificate or None)
        if tls.certificate:
            context.load_cert_chain(tls.certificate, tls.key or None)
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(filter(None, (tls.root_certificate, tls.certificate, tls.key)))
        raise JdbcUrlError(f"TLS files of the database cannot be used ({files}): {error}") from error
    context.check_hostname = tls.mode == "verify-full"
    if tls.mode in ("prefer", "require") and not tls.root_certificate:
        context.verify_mode = ssl.CERT_NONE
    return context
