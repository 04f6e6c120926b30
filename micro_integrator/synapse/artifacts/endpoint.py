"""<endpoint> - somewhere to send to, with a name.

    <endpoint name="NAME" [onError="KEY"]>
      (<property name="NAME" (value="TEXT" | expression="EXPR") [scope="SCOPE"]/>)*
      <address uri="URI" [format="FORMAT"] [encoding="CHARSET"]> limits </address>
      | <http uri-template="TEMPLATE" [method="METHOD"]> [<authentication>] limits </http>
      | <default [format="FORMAT"] [encoding="CHARSET"]> limits </default>
    </endpoint>
    <endpoint name="NAME" (key="KEY" | key-expression="EXPR")/>

name             key under which `call` and `send` find it (required); one that stands inside them needs none
onError          sequence that handles the error when the endpoint fails
property         set on every message that goes there; scope default (the default), axis2, transport or axis2-client
key              another endpoint to use instead, or a resource of the registry that holds one, such as `conf:/a/b.xml`;
                 it is looked up for each message
key-expression   gives that key for each message

Where it sends:

address          to `uri`, and REST_URL_POSTFIX (axis2) behind it
http             to what `uri-template` becomes with the values of a message: {uri.var.id}, {query.param.q} or any other
                 property; values are percent-encoded, those of {+name} only as far as they must be. A template that
                 begins with { may take a whole URL out of a variable; ${EXPR} is put in as it is
default          to the To address of the message

How it sends:

method           get, post, put, delete, head, patch or options; without it the property HTTP_METHOD (axis2), else post
version          of HTTP: 1.1, which is also spoken where 2.0 is written
format           soap11 and soap12 send an envelope, pox XML without one, rest the payload as it is, get a query made of
                 it; leave-as-is (the default) changes nothing; http is always rest
encoding         charset of what is sent
authentication   basicAuth with username and password, each a text or {EXPR}

Limits; times are milliseconds, or have their unit behind them (`500ms`, `5s`, `2m`):

timeout              `duration`: a number, or {EXPR} up to the limit of the engine, which is the default and what 0
                     means (`[mediation.synapse] global_timeout_interval`); `responseAction`: fault and never run the
                     fault sequence, discard ends the message without one; `action` has no effect
markForSuspension    failures with `errorCodes` (default: 101504, 101505) are tried again `retriesBeforeSuspension` (0)
                     times, each after `retryDelay` (0)
suspendOnFailure     failures with `errorCodes` (default: all others) suspend for `initialDuration` (30000), then each
                     time `progressionFactor` (1) times longer, at most for `maximumDuration`; the code -1 means never.
                     suspendDurationOnFailure, in seconds, is an old name of initialDuration
retryConfig          `disabledErrorCodes` or `enabledErrorCodes`, for groups of endpoints

A code list may also hold HTTP statuses such as 503: a response with one of them counts as a failure, and the message
goes on with it all the same. `enableSec`, `enableAddressing`, `optimize`, the attribute `template`, oauth and groups of
endpoints are refused; `parameter` has no effect.

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
    """An endpoint by name; what is known of its health is forgotten when it is deployed anew."""

    name: str
    endpoint: Endpoint

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the definition."""
        return cls(name=x.required("name"), endpoint=read_endpoint(x))
