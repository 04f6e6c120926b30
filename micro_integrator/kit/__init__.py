"""What any program could use: components, clocks, processes, ports, safe files and XML, suggestions.

Knows nothing of integration, tasks or databases. Start with `component`: everything lives and dies that way.

The names below are imported when they are first used: a command that only asks whether a node is alive must not
wait for the XML library and the event loop to be loaded.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from micro_integrator.kit.atomic_file import write_atomically
    from micro_integrator.kit.clock import Clock, SystemClock, boottime, wall_ms
    from micro_integrator.kit.component import Component
    from micro_integrator.kit.errors import MicroIntegratorError
    from micro_integrator.kit.file_signature import Signature, signature_of, signatures_of
    from micro_integrator.kit.heap import settle_heap
    from micro_integrator.kit.plugin import PluginError, load_class
    from micro_integrator.kit.ports import ListenError, PortInUse, bound_socket
    from micro_integrator.kit.processes import kernel_boot_id, process_start
    from micro_integrator.kit.reminders import REMIND_EVERY, Reminders
    from micro_integrator.kit.retry import backoff, jittered
    from micro_integrator.kit.safe_xml import MAX_DEPTH, XmlError, parse
    from micro_integrator.kit.self_signed import self_signed_pair
    from micro_integrator.kit.suggest import did_you_mean
    from micro_integrator.kit.visible import one_line, shown_path
else:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "MAX_DEPTH",
    "REMIND_EVERY",
    "Clock",
    "Component",
    "ListenError",
    "MicroIntegratorError",
    "PluginError",
    "PortInUse",
    "Reminders",
    "Signature",
    "SystemClock",
    "XmlError",
    "backoff",
    "boottime",
    "bound_socket",
    "did_you_mean",
    "jittered",
    "kernel_boot_id",
    "load_class",
    "one_line",
    "parse",
    "process_start",
    "self_signed_pair",
    "settle_heap",
    "shown_path",
    "signature_of",
    "signatures_of",
    "wall_ms",
    "write_atomically",
]

_HOMES = {
    "MAX_DEPTH": "safe_xml",
    "Clock": "clock",
    "Component": "component",
    "ListenError": "ports",
    "MicroIntegratorError": "errors",
    "PluginError": "plugin",
    "PortInUse": "ports",
    "REMIND_EVERY": "reminders",
    "Reminders": "reminders",
    "Signature": "file_signature",
    "SystemClock": "clock",
    "XmlError": "safe_xml",
    "backoff": "retry",
    "boottime": "clock",
    "bound_socket": "ports",
    "did_you_mean": "suggest",
    "jittered": "retry",
    "kernel_boot_id": "processes",
    "load_class": "plugin",
    "one_line": "visible",
    "parse": "safe_xml",
    "process_start": "processes",
    "self_signed_pair": "self_signed",
    "settle_heap": "heap",
    "shown_path": "visible",
    "signature_of": "file_signature",
    "signatures_of": "file_signature",
    "wall_ms": "clock",
    "write_atomically": "atomic_file",
}
