"""SOAP faults that go out in the other version of SOAP."""

import re

import pytest

from micro_integrator.synapse import Body, Message, written
from micro_integrator.synapse.formats.soap import SOAP11, SOAP12

MEDIA_TYPES = {SOAP11: "text/xml", SOAP12: "application/soap+xml"}
DETAIL = '<o:late xmlns:o="urn:orders">3</o:late>'


def soap11(code: str, more: str = "", detail: str = f"<detail>{DETAIL}</detail>") -> str:
    return f"<faultcode>{code}</faultcode><faultstring>too late</faultstring>{more}{detail}"


def soap12(
    code: str, more: str = "", sub: str = "", detail: str = f"<soapenv:Detail>{DETAIL}</soapenv:Detail>"
) -> str:
    below = f"<soapenv:Subcode><soapenv:Value>{sub}</soapenv:Value></soapenv:Subcode>" if sub else ""
    return (
        f"<soapenv:Code><soapenv:Value>{code}</soapenv:Value>{below}</soapenv:Code>"
        f'<soapenv:Reason><soapenv:Text xml:lang="en">too late</soapenv:Text></soapenv:Reason>{more}{detail}'
    )


def in_envelope(version: str, fault: str) -> bytes:
    inside = f"<soapenv:Body><soapenv:Fault>{fault}</soapenv:Fault></soapenv:Body>"
    return f'<soapenv:Envelope xmlns:soapenv="{version}">{inside}</soapenv:Envelope>'.encode()


def in_other_version(version: str, fault: str) -> str:
    """Return what is inside of the fault when its message goes out in the version that it did not come in."""
    message = Message(Body.of_bytes(in_envelope(version, fault), MEDIA_TYPES[version]))
    other = SOAP12 if version == SOAP11 else SOAP11
    message.properties.set("messageType", MEDIA_TYPES[other], "axis2")
    sent = written(message)[0].decode()
    assert f'<soapenv:Envelope xmlns:soapenv="{other}">' in sent
    [inside] = re.findall("<soapenv:Fault>(.*)</soapenv:Fault>", sent)
    return str(inside)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (soap11("soapenv:Server"), soap12("soapenv:Receiver")),
        (soap11("soapenv:Client.Login"), soap12("soapenv:Sender")),
        (soap11("soapenv:MustUnderstand", detail=""), soap12("soapenv:MustUnderstand", detail="")),
        (soap11("Late", "<faultactor>urn:me</faultactor>"),
         soap12("soapenv:Receiver", "<soapenv:Role>urn:me</soapenv:Role>", sub="Late")),
    ],
    ids=["server", "refined", "alike", "own code"],
)  # fmt: skip
def test_a_fault_of_soap_11_goes_out_in_the_words_of_soap_12(fault: str, expected: str) -> None:
    assert in_other_version(SOAP11, fault) == expected


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (soap12("soapenv:Receiver", "<soapenv:Role>urn:me</soapenv:Role>"),
         soap11("soapenv:Server", "<faultactor>urn:me</faultactor>")),
        (soap12("soapenv:Sender", sub="Late"), soap11("soapenv:Client")),
        (soap12("soapenv:DataEncodingUnknown", detail=""), soap11("soapenv:Client", detail="")),
    ],
    ids=["receiver", "sender", "not in the other"],
)  # fmt: skip
def test_a_fault_of_soap_12_goes_out_in_the_words_of_soap_11(fault: str, expected: str) -> None:
    assert in_other_version(SOAP12, fault) == expected
