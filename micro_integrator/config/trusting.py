"""Whose certificates are believed where nothing is said about it: those of `[truststore]`, everywhere."""

from dataclasses import replace

from micro_integrator.config.sections import HttpTransportSettings, InternalTlsSettings, TrustStoreSettings


def trusting(http: HttpTransportSettings, common: TrustStoreSettings) -> HttpTransportSettings:
    """Return `http` whose two sides use `common` unless they have a trust store of their own."""
    listener, sender = http.listener, http.sender
    return replace(
        http,
        listener=replace(listener, truststore=listener.truststore.or_else(common)),
        sender=replace(sender, truststore=sender.truststore.or_else(common)),
    )


def trusting_inside(internal: InternalTlsSettings, common: TrustStoreSettings) -> InternalTlsSettings:
    """Return the TLS of the management API that uses `common` unless it has a trust store of its own."""
    return replace(internal, trust_store=internal.trust_store.or_else(common))
