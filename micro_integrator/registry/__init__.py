"""Shared resources by key, kept as files in the home's registry folder.

Knows nothing of what the resources mean. Everything is in `resources`.
"""

from micro_integrator.registry.resources import Registry, RegistryError

__all__ = ["Registry", "RegistryError"]
