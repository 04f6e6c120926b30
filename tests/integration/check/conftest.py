import sys
from pathlib import Path

UNIT = Path(__file__).parents[2] / "unit"
sys.path += [str(UNIT / "deployment"), str(UNIT / "config")]
