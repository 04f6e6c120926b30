"""The expression languages of Synapse: XPath 1.0, `json-eval(…)`, `${…}`, and text templates.

Offers two functions that compile the text of an attribute, and the template class. Everything is read once,
at deployment, and evaluated on whatever fulfils `EvaluationTarget`; must never know mediators or how a message
travels. Start reading in `compiler`. `xpath`, `jsonpath` and `inline` are the three languages, files with these
names in front are parts of them, and `path_*` is the JSON path engine that two of them share.
"""

from micro_integrator.synapse.expressions.compiler import compile_dynamic, compile_expression
from micro_integrator.synapse.expressions.deferred import Deferred
from micro_integrator.synapse.expressions.errors import EvaluationError, ExpressionError
from micro_integrator.synapse.expressions.expression import Expression, Static
from micro_integrator.synapse.expressions.target import EvaluationTarget
from micro_integrator.synapse.expressions.template import Template
from micro_integrator.synapse.expressions.values import text_of

__all__ = [
    "Deferred",
    "EvaluationError",
    "EvaluationTarget",
    "Expression",
    "ExpressionError",
    "Static",
    "Template",
    "compile_dynamic",
    "compile_expression",
    "text_of",
]
