"""What any program could use: components, clocks, safe files and XML, suggestions.

Knows nothing of integration, tasks or databases. Start with `component`: everything lives and dies that way.
"""

from micro_integrator.kit.atomic_file import write_atomically
from micro_integrator.kit.clock import Clock, SystemClock, boottime, wall_ms
from micro_integrator.kit.component import Component
from micro_integrator.kit.errors import MicroIntegratorError
from micro_integrator.kit.heap import settle_heap
from micro_integrator.kit.plugin import PluginError, load_class
from micro_integrator.kit.retry import backoff, jittered
from micro_integrator.kit.safe_xml import MAX_DEPTH, XmlError, parse
from micro_integrator.kit.suggest import did_you_mean

__all__ = [
    "MAX_DEPTH",
    "Clock",
    "Component",
    "MicroIntegratorError",
    "PluginError",
    "SystemClock",
    "XmlError",
    "backoff",
    "boottime",
    "did_you_mean",
    "jittered",
    "load_class",
    "parse",
    "settle_heap",
    "wall_ms",
    "write_atomically",
]
