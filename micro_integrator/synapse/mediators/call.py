"""<call> - send the message to an end point, wait for the response, go on with it.

    <call [blocking="BOOL"]>
      [<endpoint> ... </endpoint>]
      [<source [type="custom | property | inline | body"] [contentType="TYPE"]> EXPR | NAME | XML | TEXT </source>]
      [<target [type="property | variable | body"]> NAME | {EXPR} </target>]
    </call>

endpoint      where to send: an end point written here, or <endpoint key="KEY"/>; without one the To address
blocking      true: a status from 400 on is a fault, unless the axis2 property non.error.http.status.codes lists it;
              statuses of error.http.status.codes always are. Nothing else differs, and nobody is blocked
source        what to send instead of the payload
target        where the response goes; the payload, the headers and their type then stay as they were
type          custom: the value of an expression (the default of source); property: that of a property; inline: what
              stands inside; body: the payload. Of target: a property, a variable, or body (the default), the payload
contentType   media type of what is sent

Without a target the response takes the place of payload and headers; properties and variables stay. Its status,
whatever it is, stands in the axis2 property HTTP_SC. A variable gets {payload, headers, attributes.statusCode}. With the
property OUT_ONLY = true the flow goes on at once and nobody waits for a response. `initAxis2ClientOptions`, `axis2xml`
and `repository` have no effect.

Returns True; False after a time-out whose end point says `discard`. Faults when the back end cannot be reached, or does
not answer in time. Reads the body as bytes.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="lookup">
      <call><endpoint><http method="get" uri-template="http://127.0.0.1:8080/orders/{uri.var.id}"/></endpoint></call>
      <log><message>${payload.state}</message></log>
      <call>
        <endpoint key="Billing"/>
        <source type="inline" contentType="application/json">{"state": "paid"}</source>
        <target type="variable">bill</target>
      </call>
    </sequence>
"""

from typing import Self

from micro_integrator.observability import get_logger
from micro_integrator.synapse.call_data import CallSource, CallTarget
from micro_integrator.synapse.endpoints.default import TO_ADDRESS
from micro_integrator.synapse.endpoints.endpoint import Endpoint
from micro_integrator.synapse.endpoints.outgoing import is_yes
from micro_integrator.synapse.endpoints.reading import read_endpoint
from micro_integrator.synapse.endpoints.responding import take_over
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import boolean
from micro_integrator.synapse.mediator import Mediator, mediator
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.ports import Response
