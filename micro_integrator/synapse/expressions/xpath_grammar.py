"""XPath 1.0 read for what it refers to, and rewritten into what libxml2 can evaluate.

libxml2 checks and evaluates; this reader finds variables, functions and whether the envelope is looked at.
The rewriting gives `$ctx:na.me` a plain variable name and drops prefixes of functions, which do not count.
Binary operators are not told apart: their precedence changes nothing of what is wanted here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from micro_integrator.kit import did_you_mean
from micro_integrator.synapse.expressions.errors import ExpressionError
from micro_integrator.synapse.expressions.xpath_tokens import Token, tokens_of

_NODE_TYPES = frozenset(("comment", "text", "processing-instruction", "node"))
_AXES = frozenset(
    (
        "ancestor", "ancestor-or-self", "attribute", "child", "descendant", "descendant-or-self", "following",
        "following-sibling", "namespace", "parent", "preceding", "preceding-sibling", "self",
    )
)  # fmt: skip
_OWN = {
    "get-property": (1, 3),
    "base64Encode": (1, 2),
    "base64Decode": (1, 2),
    "url-encode": (1, 2),
    "hmac-generate": (2, 3),
}
_MANY = 1000
_CORE = {
    "boolean": (1, 1), "ceiling": (1, 1), "concat": (2, _MANY), "contains": (2, 2), "count": (1, 1),
    "false": (0, 0), "floor": (1, 1), "id": (1, 1), "lang": (1, 1), "last": (0, 0), "local-name": (0, 1),
    "name": (0, 1), "namespace-uri": (0, 1), "normalize-space": (0, 1), "not": (1, 1), "number": (0, 1),
    "position": (0, 0), "round": (1, 1), "starts-with": (2, 2), "string": (0, 1), "string-length": (0, 1),
    "substring": (2, 3), "substring-after": (2, 2), "substring-before": (2, 2), "sum": (1, 1),
    "translate": (3, 3), "true": (0, 0),
}  # fmt: skip
_FUNCTIONS = _OWN | _CORE
"""Each with the least and the most arguments it takes."""

_OF_BODY = frozenset(("FAULT", "MESSAGE_FORMAT"))
"""Properties that can only be seen in the body."""
_NOT_YET = frozenset(("vault-lookup", "encrypt", "decrypt"))
_OF_CONTEXT = frozenset(
    ("string", "string-length", "normalize-space", "number", "name", "local-name", "namespace-uri")
)
_BARE_VARIABLES = ("body", "header", "env")


@dataclass(frozen=True, slots=True)
class Variable:
    """`$prefix:name`, or `$name` with an empty prefix."""

    prefix: str
    name: str


@dataclass(slots=True)
class Reading:
    """What was found in an expression.

    rewritten        the text for libxml2
    variables        plain name → variable it stands for
    namespaces       prefix → namespace, as far as they are used
    reads_envelope   evaluation looks at envelope nodes
    reads_body       it looks at the body: at those nodes, or because a property is computed from it
    alone            the whole expression, if it is one variable or one `get-property` call with literals
    is_constant      nothing of the message is looked at
    """

    rewritten: str = ""
    variables: dict[str, Variable] = field(default_factory=dict)
    namespaces: dict[str, str] = field(default_factory=dict)
    reads_envelope: bool = False
    reads_body: bool = False
    alone: Variable | tuple[str, ...] | None = None
    is_constant: bool = True


def read_xpath(source: str, namespaces: Mapping[str, str], *, allow_functions: bool = True) -> Reading:
    """Read and rewrite an expression. Raises ExpressionError."""
    return _Reader(source, namespaces, allow_functions=allow_functions).read()


class _Reader:
    def __init__(self, source: str, namespaces: Mapping[str, str], *, allow_functions: bool) -> None:
        self._source, self._declared, self._allow_functions = source, namespaces, allow_functions
        self._tokens = tokens_of(source)
        self._position = 0
        self._is_envelope_context = True
        self._reading = Reading()
        self._names: dict[Variable, str] = {}

    def read(self) -> Reading:
        self._expression()
        if self._position < len(self._tokens):
            raise self._unexpected()
        reading = self._reading
        reading.rewritten = "".join(token.shown for token in self._tokens).strip()
        reading.reads_body = reading.reads_body or reading.reads_envelope
        reading.is_constant = reading.is_constant and not reading.reads_envelope
        return reading

    # ---- tokens

    def _peek(self, *texts: str) -> bool:
        if self._position >= len(self._tokens):
            return False
        token = self._tokens[self._position]
        return token.kind in ("symbol", "operator") and token.text in texts

    def _accept(self, *texts: str) -> bool:
        if not self._peek(*texts):
            return False
        self._position += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise self._unexpected(f"expected '{text}' ")

    def _kind(self, ahead: int = 0) -> str:
        position = self._position + ahead
        return self._tokens[position].kind if position < len(self._tokens) else ""

    def _text(self, ahead: int = 0) -> str:
        position = self._position + ahead
        return self._tokens[position].text if position < len(self._tokens) else ""

    def _take(self) -> Token:
        token = self._tokens[self._position]
        self._position += 1
        return token

    def _unexpected(self, wanted: str = "cannot go on ") -> ExpressionError:
        if self._position >= len(self._tokens):
            return ExpressionError(f"{wanted}but the text ends", self._source, len(self._source) + 1)
        token = self._tokens[self._position]
        return ExpressionError(f"{wanted}with '{token.text}'", self._source, token.start + 1)

    def _refused(self, reason: str, token: Token) -> ExpressionError:
        return ExpressionError(reason, self._source, token.start + 1)

    # ---- grammar

    def _expression(self) -> None:
        self._operand()
        while self._kind() == "operator":
            self._take()
            self._operand()

    def _operand(self) -> None:
        while self._accept("-"):
            pass
        kind = self._kind()
        if kind == "variable":
            self._variable(self._take())
        elif kind in ("text", "number"):
            self._take()
        elif self._accept("("):
            self._expression()
            self._expect(")")
        elif kind == "name" and self._text(1) == "(" and self._text() not in _NODE_TYPES:
            self._function(self._take())
        else:
            self._location_path()
            return
        self._predicates()
        if self._accept("/", "//"):
            self._relative_path()

    def _location_path(self) -> None:
        if self._peek("/", "//"):
            # an absolute path starts at the evaluated document, wherever it stands
            self._reading.reads_envelope = True
            is_root = self._take().text == "/"
            if is_root and not self._sees_step():
                return
        elif self._is_envelope_context:
            self._reading.reads_envelope = True
        self._relative_path()

    def _sees_step(self) -> bool:
        return self._kind() in ("name", "clark") or self._peek("*", "@", ".", "..")

    def _relative_path(self) -> None:
        self._step()
        while self._accept("/", "//"):
            self._step()

    def _step(self) -> None:
        if self._accept(".", ".."):
            return
        if not self._accept("@") and self._text(1) == "::":
            axis = self._take()
            if axis.text not in _AXES:
                raise self._refused(f"unknown axis '{axis.text}'{did_you_mean(axis.text, _AXES)}", axis)
            self._take()
        self._node_test()
        self._predicates()

    def _node_test(self) -> None:
        if self._accept("*"):
            return
        if self._kind() == "clark":
            self._clark_name(self._take())
        elif self._kind() != "name":
            raise self._unexpected()
        elif self._text() in _NODE_TYPES and self._text(1) == "(":
            self._take()
            self._take()
            if self._kind() == "text":
                self._take()
            self._expect(")")
        else:
            self._prefix(self._take())

    def _prefix(self, token: Token) -> None:
        prefix, separator, _ = token.text.partition(":")
        if not separator or prefix == "xml":
            return
        if prefix not in self._declared:
            raise self._refused(f"the namespace prefix '{prefix}' is not declared", token)
        self._reading.namespaces[prefix] = self._declared[prefix]

    def _clark_name(self, token: Token) -> None:
        namespace, _, local = token.text[1:].rpartition("}")
        prefix = f"clark{len(self._reading.namespaces)}"
        self._reading.namespaces[prefix] = namespace
        token.replace(f"{prefix}:{local}")

    def _predicates(self) -> None:
        while self._accept("["):
            outer, self._is_envelope_context = self._is_envelope_context, False
            self._expression()
            self._is_envelope_context = outer
            self._expect("]")

    def _variable(self, token: Token) -> None:
        prefix, _, name = token.text[1:].strip().rpartition(":")
        variable = Variable(prefix, name)
        if not prefix and name not in _BARE_VARIABLES:
            hint = did_you_mean(name, _BARE_VARIABLES)
            raise self._refused(f"unknown variable '${name}'{hint}", token)
        if not prefix:
            self._reading.reads_envelope = True
        self._reading.is_constant = False
        plain = self._names.setdefault(variable, f"v{len(self._names)}")
        self._reading.variables[plain] = variable
        token.replace(f"${plain}")
        if len(self._tokens) == 1:
            self._reading.alone = variable

    def _function(self, token: Token) -> None:
        name = _local(token.text)
        self._check_function(name, token)
        token.replace(name)
        self._expect("(")
        first = self._position
        count = self._arguments()
        least, most = _FUNCTIONS[name]
        if not least <= count <= most:
            raise self._refused(f"{name}() cannot be called with {count} arguments", token)
        if name == "get-property":
            self._property(first, self._tokens[first : self._position - 1])
        if name in _OWN:
            self._reading.is_constant = False
        reads_context = name in ("id", "lang") or (name in _OF_CONTEXT and not count)
        if reads_context and self._is_envelope_context:
            self._reading.reads_envelope = True

    def _arguments(self) -> int:
        if self._accept(")"):
            return 0
        self._expression()
        count = 1
        while self._accept(","):
            self._expression()
            count += 1
        self._expect(")")
        return count

    def _property(self, first: int, arguments: Sequence[Token]) -> None:
        is_literal = all(token.kind == "text" or token.text == "," for token in arguments)
        texts = tuple(token.text[1:-1] for token in arguments if token.kind == "text")
        # computed from the body; a computed name may be one of these
        if not is_literal or not _OF_BODY.isdisjoint(texts):
            self._reading.reads_body = True
        if is_literal and first == 2 and self._position == len(self._tokens):
            self._reading.alone = texts

    def _check_function(self, name: str, token: Token) -> None:
        if name in _NOT_YET:
            raise self._refused(f"{name}() is not supported yet", token)
        if name in _OWN and not self._allow_functions:
            raise self._refused(f"{name}() may not be used in an expression that is read at run time", token)
        if name not in _FUNCTIONS:
            raise self._refused(f"unknown function '{name}'{did_you_mean(name, _FUNCTIONS)}", token)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
