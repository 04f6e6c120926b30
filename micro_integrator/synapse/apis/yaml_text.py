"""JSON values written as YAML, in blocks. ◇"""

from decimal import Decimal

import yaml

from micro_integrator.synapse.formats import JsonValue


class _Writer(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True  # JSON knows no references: what occurs twice is written twice


_Writer.add_representer(Decimal, lambda writer, number: writer.represent_float(float(number)))


def yaml_text(value: JsonValue) -> str:
    """Return `value` as a YAML document."""
    text: str = yaml.dump(value, Dumper=_Writer, sort_keys=False, allow_unicode=True)
    return text
