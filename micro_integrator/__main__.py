"""`python -m micro_integrator` is the command line."""

import sys

from micro_integrator.cli import main

sys.exit(main())
