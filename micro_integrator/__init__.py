"""micro_integrator - a standalone integration server for Synapse artifacts.

Start reading in `micro_integrator.server`: `server/app.py` is the composition root and names all other rooms.
"""

PRODUCT = "WSO2 Micro Integrator"
"""What operators look for in logs and answers."""
__version__ = "0.1.0"
