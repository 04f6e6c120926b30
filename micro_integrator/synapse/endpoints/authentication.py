"""<authentication> of an <http> endpoint: what proves to the back end who asks.

    <authentication>
      <basicAuth> <username>TEXT | {EXPR}</username> <password>TEXT | {EXPR}</password> </basicAuth>
    </authentication>

Placeholders such as $SYSTEM:NAME keep passwords out of the file.
"""

import base64
from dataclasses import dataclass

from micro_integrator.synapse.expressions import Expression, Static
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.message import Message


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """User and password, which no log line shows."""

    user: Expression
    password: Expression

    @property
    def reads_body(self) -> bool:
        """Whether one of them comes out of the payload."""
        return self.user.reads_body or self.password.reads_body

    def header(self, message: Message) -> str:
        """Return the value of the header Authorization."""
        pair = f"{self.user.text(message) or ''}:{self.password.text(message) or ''}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"


def read_authentication(x: XmlReader) -> BasicAuth:
    """Read the element. Raises DeploymentError for ways that are not built."""
    for other in ("oauth", "ntlm"):
        for part in x.children(other):
            part.ignore()
            raise part.error(f"authentication by {other} is not supported yet")
    found = x.first("basicAuth", _basic)
    if found is None:
        raise x.error("<authentication> needs <basicAuth>")
    return found


def _basic(x: XmlReader) -> BasicAuth:
    return BasicAuth(_value(x, "username"), _value(x, "password"))


def _value(x: XmlReader, tag: str) -> Expression:
    found = x.first(tag, _text_or_expression)
    if found is None:
        x.report(f"<basicAuth> needs <{tag}>")
    return found or Static("")


def _text_or_expression(x: XmlReader) -> Expression:
    text = x.resolve(x.text().strip())
    if text.startswith("{") and text.endswith("}"):
        return x.compiled(text[1:-1])
    return x.compiled(text) if text.startswith("${") else Static(text)
