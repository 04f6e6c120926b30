"""Which way a request takes: proxies, TLS profiles, and addresses of a host."""

import socket
from collections.abc import Sequence

import pytest

from micro_integrator.config import HttpSenderSettings, ProxyProfileSettings
from micro_integrator.config.sections.proxy_profile import hosts
from micro_integrator.transports.http.client.proxies import Proxies
from micro_integrator.transports.http.client.racing import Address, taking_turns
from micro_integrator.transports.http.client.target import Proxy, Route
from micro_integrator.transports.profile_elements import ProfileError
from micro_integrator.transports.sender_profiles import chosen, read_profiles

V4, V6 = socket.AF_INET, socket.AF_INET6


@pytest.mark.parametrize(
    ("host", "is_direct"),
    [
        ("localhost", True),
        ("orders.intern.example", True),
        ("intern.example", False),
        ("10.1.2.3", True),
        ("110.1.2.3", False),
        ("xlocalhost", False),
    ],
)
def test_which_hosts_need_no_proxy(host: str, is_direct: bool) -> None:
    settings = HttpSenderSettings(
        proxy_host="proxy", proxy_port=3128, non_proxy_hosts="localhost | *.Intern.Example|10.*"
    )
    found = Proxies(settings).proxy_for(Route("http", host, 80))
    assert found == (None if is_direct else Proxy("proxy", 3128))


def test_https_has_proxies_of_its_own() -> None:
    settings = HttpSenderSettings(
        secured_proxy_host="proxy", secured_proxy_username="me", secured_proxy_password="secret"
    )
    proxies = Proxies(settings)
    assert proxies.proxy_for(Route("http", "host", 80)) is None
    assert proxies.proxy_for(Route("https", "host", 443)) == Proxy("proxy", 8080, "Basic bWU6c2VjcmV0")


def profile(host: str, *targets: str, bypass: Sequence[str] = ()) -> ProxyProfileSettings:
    return ProxyProfileSettings(
        target_hosts=hosts.read(list(targets)), proxy_host=host, bypass_hosts=hosts.read(list(bypass))
    )


@pytest.mark.parametrize(
    ("host", "proxy"),
    [
        ("orders.example", "one"),
        ("xorders.example", "usual"),
        ("a.bills.example", "two"),
        ("night.bills.example", None),
        ("elsewhere", "usual"),
        ("localhost", None),
    ],
)
def test_the_first_profile_that_fits_chooses_the_proxy(host: str, proxy: str | None) -> None:
    profiles = [
        profile("usual", "*", bypass=["localhost"]),
        profile("one", r"Orders\.example"),
        profile("two", r".*\.bills\.example", bypass=[r"night\..*"]),
    ]
    found = Proxies(HttpSenderSettings(proxy_host="asked by nobody"), profiles).proxy_for(
        Route("http", host, 80)
    )
    assert found == (None if proxy is None else Proxy(proxy, 8080))


def test_profiles_of_one_scheme_say_nothing_about_the_other() -> None:
    settings = HttpSenderSettings(proxy_host="plain", secured_proxy_host="secured")
    proxies = Proxies(settings, [], [profile("mine", "orders")])
    assert proxies.proxy_for(Route("http", "orders", 80)) == Proxy("plain", 8080)
    assert proxies.proxy_for(Route("https", "orders", 443)) == Proxy("mine", 8080)
    assert proxies.proxy_for(Route("https", "bills", 443)) is None


def test_without_settings_there_is_no_proxy() -> None:
    assert not Proxies(HttpSenderSettings()).are_there


def test_families_take_turns_and_the_first_one_begins() -> None:
    sixes: list[Address] = [(V6, ("::1", 1)), (V6, ("::2", 1))]
    fours: list[Address] = [(V4, ("127.0.0.1", 1))]
    assert taking_turns([*sixes, *fours]) == [sixes[0], fours[0], sixes[1]]
    assert taking_turns([*fours, *sixes]) == [fours[0], *sixes]
    assert taking_turns([]) == []


PROFILES = b"""<parameter name="customSSLProfiles">
  <profile>
    <servers>orders.example:8443, Bills.Example:443</servers>
    <KeyStore><Location>one.pem</Location><KeyPassword>k</KeyPassword></KeyStore>
  </profile>
  <profile>
    <servers>orders.example:8443</servers><clientIdentifier>night</clientIdentifier>
    <KeyStore><Location>night.p12</Location><Password>p</Password></KeyStore>
  </profile>
  <profile><servers>*</servers><TrustStore><Location>all.pem</Location></TrustStore></profile>
</parameter>"""


@pytest.mark.parametrize(
    ("host", "port", "client", "number"),
    [
        ("orders.example", 8443, None, 0),
        ("orders.example", 8443, "night", 1),
        ("orders.example", 8443, "unknown", 0),
        ("bills.example", 443, None, 0),
        ("orders.example", 443, None, 2),
        ("elsewhere", 443, "night", 2),
    ],
)
def test_which_profile_is_for_a_server(host: str, port: int, client: str | None, number: int) -> None:
    profiles = read_profiles(PROFILES)
    assert chosen(profiles, host, port, client) is profiles[number]


def test_profiles_name_their_stores() -> None:
    first, second, third = read_profiles(PROFILES)
    assert (first.key_store.file_name, first.key_store.key_password) == ("one.pem", "k")
    assert (second.key_store.is_pkcs12, second.key_store.password) == (True, "p")
    assert (third.key_store.file_name, third.trust_store.file_name) == (None, "all.pem")


def test_without_profiles_none_is_chosen() -> None:
    assert chosen([], "host", 443, None) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<parameter><profile/></parameter>", "<servers> is missing"),
        (b"<a><profile><servers>h:1</servers><KeyStore/></profile></a>", "<KeyStore> has no <Location>"),
        (
            b"<a><profile><servers>h:1</servers><KeyStore><Location>a.jks</Location></KeyStore></profile></a>",
            "keytool",
        ),
        (
            b"<a><profile><servers>h:1</servers><TrustStore><Location>a</Location><Type>DER</Type></TrustStore>"
            b"</profile></a>",
            "<Type> is 'DER'",
        ),
        (b"<a><profile>", "line 1"),
    ],
)
def test_a_profile_that_cannot_be_used_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(ProfileError, match=reason):
        read_profiles(content)
