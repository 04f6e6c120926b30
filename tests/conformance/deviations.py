"""Cases that do not pass although everything they name can be read: what is wanted otherwise, and what is missing."""

from dataclasses import replace

from conformance.verdict import Verdict

DELIBERATE = {
    "unit/PayloadRegexTemplateProcessor/testPrepareReplacementValueWithEscapeXmlChars[5]/1": (
        "text inside JSON quotes is always escaped; the reference leaves the quotes of an XPath result as they are, "
        "and the payload is then no JSON"
    ),
    "unit/PayloadRegexTemplateProcessor/testPrepareReplacementValueWithEscapeXmlChars[6]/1": (
        "<pfPadding> is a wrapper inside the reference's template processor that no message ever shows"
    ),
    "a8d86c094d60e714": "an <endpoint> that holds an <endpoint> is an error in the reference too (mediation 4.8)",
    "mi.mediator-1/PayloadFactoryLiteralArgumentTestCase/testPayloadFactoryWithLiteralArgumentFalse": (
        "text inside JSON quotes is always escaped; an element put there as an object would leave a payload that is "
        "no JSON"
    ),
    "mi.mediator-1/PreserveXmlProcessingInstructionsPropertyTestCase/testWithoutXmlProcessingInstructionsProperty": (
        "a body that was read and not changed goes out as it came, with its processing instructions"
    ),
    "mi.patches/ESBJAVA_3698_MessageBuildingWithDifferentPayloadAndContentTypeTestCase/"
    "testAxisFaultWithXmlPayloadAndJSONContentType": (
        "the log tells that a body is no JSON in other words, with line and column"
    ),
}
"""Id of a case → why it is answered differently, on purpose."""

REFUSED = {
    "only files are read; write src=": "what a local entry takes from other hosts is not under anybody's control here",
    "'invocation' is no value": "a placeholder that the build of the test suite fills in before it deploys",
}
"""A part of the product's refusal → why it refuses."""

BEYOND_THE_CORPUS = {
    "synapse/Sample10003/testOptionsMethod": (
        "the stand-in echo answers a request without a body with 200, the back end of the original with 204"
    ),
    "mi.patches/FaultSequenceExecutionOrderTestCase/testCorrectFaultSequenceExecution": (
        "the stand-in back end answers at once, the one of the original kept silent"
    ),
    "mi.patches/CustomSwaggerWithSpecialCharactersTestCase/testCustomSwaggerJSON": (
        "the document that the API publishes is not in the corpus"
    ),
    "mi.service/HttpEndpointTestCase/testToPost": "the API that is called on the server itself is not in the corpus",
    "mi.service/ESBJAVA4852URITemplateWithCompleteURLTestCase/testCompleteURLWithHTTPMethod": (
        "the API that is called on the server itself is not in the corpus"
    ),
}
"""Id of a case → what its expectation rests on that cannot be had from the corpus and its tools."""

NOT_YET = {
    "mi.transport/MultipartFormDataWithCharacterEncodingPropertyTestCase/testReturnContentType": (
        "multipart/form-data is not written yet"
    ),
}
"""Id of a case → what the product does not have yet, where no element of a definition tells that."""

LISTED = {**DELIBERATE, **BEYOND_THE_CORPUS, **NOT_YET}
"""Every case about which something is known."""

MARK = "deliberate: "
"""What the reason of a failure begins with that is meant to be one."""


def explained(found: Verdict) -> Verdict:
    """Return the verdict with what is known about it; a failure stays one unless it cannot be anything else yet."""
    if found.outcome != "fail":
        return found
    if missing := NOT_YET.get(found.id) or BEYOND_THE_CORPUS.get(found.id):
        return replace(found, outcome="skip", reason=missing)
    by_refusal = (why for text, why in REFUSED.items() if text in found.reason)
    why = DELIBERATE.get(found.id) or next(by_refusal, None)
    return replace(found, reason=f"{MARK}{why} ({found.reason})") if why else found
