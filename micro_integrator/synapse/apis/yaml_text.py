"""JSON values written as YAML, in blocks. ◇"""

import re
from decimal import Decimal

import yaml

from micro_integrator.synapse.formats import JsonValue

_RARE_BREAK = re.compile("[\x85\u2028\u2029]")
_TEXT = "tag:yaml.org,2002:str"


class _Writer(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True  # JSON knows no references: what occurs twice is written twice


def _written(writer: _Writer, text: str) -> yaml.ScalarNode:
    # the library breaks lines at these, and reads line feeds or blanks; between double quotes it escapes them
    return writer.represent_scalar(_TEXT, text, style='"' if _RARE_BREAK.search(text) else None)


_Writer.add_representer(str, _written)
_Writer.add_representer(Decimal, lambda writer, number: writer.represent_float(float(number)))


def yaml_text(value: JsonValue) -> str:
    """Return `value` as a YAML document."""
    text: str = yaml.dump(value, Dumper=_Writer, sort_keys=False, allow_unicode=True)
    return text
