"""<endpoint> - somewhere to send to, with a name.

    <endpoint name="NAME" [onError="KEY"]>
      (<property name="NAME" (value="TEXT" | expression="EXPR") [scope="SCOPE"]/>)*
      <address .../> | <http .../> | <default .../>
    </endpoint>
    <endpoint name="NAME" (key="KEY" | key-expression="EXPR")/>

name             key under which <call> and <send> find it
key              another end point to use instead
key-expression   gives that key for each message
onError          sequence that handles the error when the end point fails
property         set on every message that goes there; scope default (the default), axis2, transport or axis2-client

Example:

    <endpoint xmlns="http://ws.apache.org/ns/synapse" name="Billing">
      <http method="get" uri-template="http://127.0.0.1:8080/bills/{uri.var.id}">
        <timeout><duration>5000</duration><responseAction>fault</responseAction></timeout>
        <suspendOnFailure>
          <initialDuration>1000</initialDuration><progressionFactor>2</progressionFactor>
          <maximumDuration>60000</maximumDuration>
        </suspendOnFailure>
      </http>
    </endpoint>
"""

from typing import Self

from micro_integrator.synapse.artifact import ENTRIES, Artifact, artifact
from micro_integrator.synapse.endpoints.endpoint import Endpoint, EndpointHolder
from micro_integrator.synapse.endpoints.reading import read_endpoint
from micro_integrator.synapse.grammar import XmlReader


@artifact("endpoint", space=ENTRIES)
class NamedEndpoint(Artifact, EndpointHolder):
    """An end point by name; what is known of its health is forgotten when it is deployed anew."""

    name: str
    endpoint: Endpoint

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the definition."""
        return cls(name=x.required("name"), endpoint=read_endpoint(x))
