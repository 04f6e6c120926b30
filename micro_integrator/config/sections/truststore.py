"""[truststore]: whose certificates are believed."""

from collections.abc import Iterator

from micro_integrator.config.keys import key, section
from micro_integrator.config.kinds import choice, filled, string

PKCS12_ENDINGS = (".p12", ".pfx", ".pkcs12")

_JKS = ".jks"
_CONVERSION = (
    "JKS is not supported; convert it with: keytool -importkeystore -srckeystore {file} -srcstoretype JKS "
    "-destkeystore {target} -deststoretype PKCS12"
)


@section("truststore", later="algorithm alias key_password")
class TrustStoreSettings:
    """Certificates that are trusted; without a file those of `[truststore]`, and without one there the system's."""

    file_name: str | None = key(
        None, kind=filled, aliases=("location",), doc="PEM bundle or PKCS#12 file, relative to the home"
    )
    type: str | None = key(
        None, kind=choice("PEM", "PKCS12", "JKS", "system"), doc="form of the file; default: by its name"
    )
    password: str = key("", kind=string, is_secret=True, doc="password of a PKCS#12 file")

    @property
    def is_system(self) -> bool:
        """Whether the certificates of the system are meant."""
        return self.file_name is None or self.type == "system"

    def or_else(self, common: "TrustStoreSettings") -> "TrustStoreSettings":
        """Return `common` where neither a file nor the system is named here."""
        return common if self.file_name is None and self.type != "system" else self

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
