"""[keystore.primary] and [internal_api_ssl_config]: the key this node proves its name with."""

from collections.abc import Iterator

from micro_integrator.config.keys import key, part, section
from micro_integrator.config.kinds import Kind, boolean, choice, filled, string, strings
from micro_integrator.config.sections.truststore import PKCS12_ENDINGS, TrustStoreSettings

_JKS = ".jks"
_CONVERSION = (
    "Java key stores are not read; make a PKCS#12 file of it: keytool -importkeystore -srckeystore {file} "
    "-srcstoretype JKS -destkeystore {target} -deststoretype PKCS12"
)
_FLOOR = ("TLSv1.2", "TLSv1.3")
NOT_REVOKED = (
    "certificate_revocation_verifier_enable has no effect: a revoked certificate is believed until it ends"
)
"""The remark of every section that has this key."""
_WORDS = choice("none", "optional", "require", also={"false": "none", "true": "require"})


def _verification(value: object) -> str:
    return _WORDS.read(str(value).lower() if isinstance(value, bool) else value)


verification = Kind(_WORDS.expected, _verification)
"""Whether callers show certificates: a word, or a truth value."""


@section("keystore.primary", later="alias")
class KeyStoreSettings:
    """Certificate and private key of the listeners; without a file, a self-signed pair is made once for this home."""

    file_name: str | None = key(
        None, kind=filled, aliases=("location",), doc="PEM or PKCS#12 file, relative to the home"
    )
    key_file: str | None = key(
        None, kind=filled, doc="PEM file of the private key; default: it stands in `file_name` too"
    )
    type: str | None = key(
        None, kind=choice("PEM", "PKCS12", "JKS"), doc="form of the file; default: by its name"
    )
    password: str = key("", kind=string, is_secret=True, doc="password of a PKCS#12 file")
    key_password: str = key("", kind=string, is_secret=True, doc="password of the private key in a PEM file")

    @property
    def is_pkcs12(self) -> bool:
        """Whether the file is PKCS#12, not PEM."""
        return self.type == "PKCS12" or (
            self.type is None and (self.file_name or "").lower().endswith(PKCS12_ENDINGS)
        )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Refuse Java key stores, with the command that converts them."""
        file = self.file_name or ""
        if self.type == "JKS" or (self.type is None and file.endswith(_JKS)):
            named = file or "FILE.jks"
            target = f"{named.removesuffix(_JKS)}.p12"
            yield ("file_name" if file else "type"), _CONVERSION.format(file=named, target=target)


@section(
    "internal_api_ssl_config",
    later="certificate_revocation_verifier_cache_size certificate_revocation_verifier_cache_delay",
)
class InternalTlsSettings:
    """TLS of the management API; without a key store of its own it uses `[keystore.primary]`."""

    verify_client: str = key(
        "none",
        kind=verification,
        name="parameter.sslVerifyClient",
        doc="whether callers must show a certificate that `trust_store` knows",
    )
    protocols: tuple[str, ...] = key(
        list(_FLOOR),
        kind=strings,
        name="parameter.httpsProtocols",
        doc="TLS versions; older ones are not spoken",
    )
    certificate_revocation_verifier_enable: bool = key(
        False, kind=boolean, doc="is read and has no effect: callers with revoked certificates are let in"
    )
    key_store: KeyStoreSettings = part(KeyStoreSettings)
    trust_store: TrustStoreSettings = part(TrustStoreSettings)

    @property
    def speaks(self) -> tuple[str, ...]:
        """The versions that are spoken, of those that are safe."""
        return tuple(version for version in _FLOOR if version in self.protocols) or _FLOOR

    def remarks(self) -> Iterator[str]:
        """Name the versions that are left out, and what is not checked."""
        if weak := [version for version in self.protocols if version not in _FLOOR]:
            yield f"parameter.httpsProtocols: {', '.join(weak)} is not spoken; the oldest version is TLSv1.2"
        if self.certificate_revocation_verifier_enable:
            yield NOT_REVOKED
