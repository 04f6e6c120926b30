"""Write the database scripts beside this file from the tables in `micro_integrator/cluster/tables.py`.

python dbscripts/generate.py
"""

from pathlib import Path

from micro_integrator.cluster.schema import scripts

for path, text in scripts().items():
    target = Path(__file__).parent / path
    target.parent.mkdir(exist_ok=True)
    target.write_text(text)
