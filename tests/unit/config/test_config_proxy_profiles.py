"""[[transport.http.proxy_profile]]: tables of an array inside a section."""

from collections.abc import Callable

import pytest

from micro_integrator.config import ConfigurationErrors, Settings

Reading = Callable[..., Settings]

PROFILES = r"""
[[transport.http.proxy_profile]]
target_hosts = ["orders.example", ".*\\.sample\\.example"]
proxy_host = "proxy-1"
proxy_port = "3128"
proxy_username = "me"
proxy_password = "hidden word"
bypass_hosts = "night.sample.example"

[[transport.http.proxy_profile]]
target_hosts = ["*"]
proxy_host = "proxy-2"

[[transport.http.secured_proxy_profile]]
target_hosts = "*"
proxy_host = "proxy-3"
"""


def test_every_table_is_a_profile(reading: Reading) -> None:
    settings = reading(PROFILES)
    first, second = settings.transport_http.proxy_profile
    [secured] = settings.transport_http.secured_proxy_profile
    assert (first.proxy_host, first.proxy_port, first.proxy_username) == ("proxy-1", 3128, "me")
    assert first.target_hosts[1].fullmatch("A.Sample.Example")
    assert first.bypass_hosts[0].fullmatch("night.sample.example")
    assert (first.is_for_all, second.is_for_all, secured.is_for_all) == (False, True, True)
    assert "hidden word" in settings.secret_values
    assert settings.warnings == settings.info == ()


def test_one_pair_of_brackets_is_one_profile(reading: Reading) -> None:
    settings = reading('[transport.http.proxy_profile]\ntarget_hosts = "*"\nproxy_host = "proxy"\n')
    assert [one.proxy_host for one in settings.transport_http.proxy_profile] == ["proxy"]


def test_a_variable_replaces_a_key_of_one_profile(reading: Reading) -> None:
    settings = reading(PROFILES, environ={"MI__TRANSPORT__HTTP__PROXY_PROFILE__1__PROXY_PORT": "99"})
    assert [one.proxy_port for one in settings.transport_http.proxy_profile] == [3128, 99]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('target_hosts = "*"', r":1: \[\[transport.http.proxy_profile\]\] proxy_host is missing"),
        (
            'proxy_host = "p"\ntarget_hosts = ["*.example"]',
            r":3: .*target_hosts = .*expected a list of regular",
        ),
        ('proxy_host = "p"\ntarget_hosts = "*"\nproxy_prot = 1', "did you mean .*proxy_port"),
    ],
)
def test_a_profile_that_says_too_little_or_too_much(reading: Reading, text: str, problem: str) -> None:
    with pytest.raises(ConfigurationErrors, match=problem):
        reading(f"[[transport.http.proxy_profile]]\n{text}\n", strict=True)


def test_a_proxy_that_profiles_put_aside_is_named(reading: Reading) -> None:
    [warning] = reading(f'{PROFILES}\n[transport.http.sender]\nproxy_host = "old"\n').warnings
    assert "sender.proxy_host is not used: there is a proxy_profile" in warning
