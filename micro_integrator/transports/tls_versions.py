"""Which versions of TLS a context speaks: what listeners and senders have in common."""

import ssl
from collections.abc import Iterable

_VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


def speak(context: ssl.SSLContext, versions: Iterable[str]) -> None:
    """Let `context` speak HTTP/1.1 over these versions and no others."""
    spoken = sorted(_VERSIONS[version] for version in versions)
    context.minimum_version, context.maximum_version = spoken[0], spoken[-1]
    context.set_alpn_protocols(["http/1.1"])
