"""The key this node proves its name with: the configured one, else one of its own."""

from micro_integrator.config import KeyStoreSettings, Settings
from micro_integrator.management import own_key_store


def node_key_store(settings: Settings) -> KeyStoreSettings:
    """Return `[keystore.primary]`, else a self-signed pair that is made once for this home. Blocks.

    A node that opens no listener with TLS needs none and gets none.
    """
    configured, listener = settings.keystore_primary, settings.transport_http.listener
    is_needed = listener.secured_enable or settings.management_api.answers_on("https")
    if configured.file_name or not is_needed:
        return configured
    return own_key_store(settings.home, settings.server.hostname)
