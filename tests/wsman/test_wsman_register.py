"""What the suite may not ask a machine for is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import wsman_replies as soap
from in_turn import in_turn
from ntlm_server import NtlmServer
from wsman_support import PASSWORD, USER, failure, script

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery
from livemigration.facts.cluster_groups import CLUSTER_RESOURCES
from livemigration.facts.host import OPERATING_SYSTEM, SERVICES
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.facts.model import FailureKind
from livemigration.facts.reader import WmiMethod
from livemigration.facts.registry import HOST_WMI_GROUPS, METHOD_GROUPS
from livemigration.facts.virtualization import COMPATIBILITY_METHOD, SERVICE_CLASS
from livemigration.vmm.scripts import PROBE, SCRIPTS, ProbeReply, ProbeRequest, Script
from livemigration.wsman.register import OWN_TESTS, SUITE, NotRegisteredError
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

QUERY = SERVICES.query
OTHER_SCRIPT = Script("other.ps1", ProbeRequest, ProbeReply)
SECRETS = WmiClass("root/cimv2", "Win32_UserAccount", (WmiProperty("Name", CimType.STRING),))


def widened(query: WmiQuery) -> WmiQuery:
    more = WmiProperty("PathName", CimType.STRING)
    own = query.wmi_class
    return replace(query, wmi_class=WmiClass(own.namespace, own.name, (*own.properties, more)))


def moved(query: WmiQuery) -> WmiQuery:
    own = query.wmi_class
    return replace(query, wmi_class=WmiClass("root/other", own.name, own.properties))


REFUSED: dict[str, Callable[[WsmanSession], object]] = {
    "another class": lambda session: session.enumerate(WmiQuery(SECRETS)),
    "another filter": lambda session: session.enumerate(replace(QUERY, where="Name = 'x'")),
    "no filter": lambda session: session.enumerate(replace(QUERY, where=None)),
    "a property more": lambda session: session.enumerate(widened(QUERY)),
    "one row by its key": lambda session: session.enumerate(QUERY.one(Name="vmms")),
    "another namespace": lambda session: session.enumerate(moved(QUERY)),
    "another method": lambda session: session.call(
        WmiMethod(SERVICE_CLASS, "MigrateVirtualSystemToHost"), {}, {}
    ),
    "another script": lambda session: session.run_script(OTHER_SCRIPT, ProbeRequest((), (), 1)),
    "a program": lambda session: session.run_program("cmd.exe", ("/c", "del")),
}


@in_turn("ask", REFUSED.values())
def test_what_is_not_registered_is_not_sent_and_the_session_goes_on(
    ask: Callable[[WsmanSession], object],
) -> None:
    assert QUERY.where is not None
    with NtlmServer(script(soap.identity())) as server:
        endpoint = Endpoint("host", "127.0.0.1", server.port)
        credentials = Credentials(USER, Secret(PASSWORD))
        with WsmanSession(endpoint, credentials, Timeouts(5, 10), Deadline.after(30)) as session:
            refused = failure(lambda: ask(session))
            assert isinstance(refused, NotRegisteredError)
            assert refused.kind is FailureKind.NOT_GATHERED
            assert "so it was not sent" in refused.came_back
            assert server.requests == []
            assert not session.ended
            assert session.identify().product_vendor


def test_what_is_declared_is_registered() -> None:
    for group in HOST_WMI_GROUPS:
        SUITE.check_query(group.query)
    for method in METHOD_GROUPS:
        SUITE.check_method(method.method)
    for each in SCRIPTS:
        SUITE.check_script(each)
    SUITE.check_query(CLUSTER_RESOURCES.query.one(Name="web01"))


def test_optional_properties_may_be_left_out_and_no_other() -> None:
    optional = [each.name for each in MIGRATION_SETTINGS.query.wmi_class.optional]
    assert optional
    SUITE.check_query(MIGRATION_SETTINGS.query.without(optional))
    less = WmiClass("root/cimv2", "Win32_OperatingSystem", (WmiProperty("X", CimType.STRING),))
    with pytest.raises(NotRegisteredError):
        SUITE.check_query(replace(OPERATING_SYSTEM.query, wmi_class=less))


def test_the_keys_of_an_instance_whose_method_is_called_may_be_read() -> None:
    SUITE.check_query(WmiQuery(COMPATIBILITY_METHOD.wmi_class))


def test_only_a_sites_own_tests_start_programs_and_they_ask_for_no_more() -> None:
    OWN_TESTS.check_program("hostname")
    OWN_TESTS.check_script(PROBE)
    with pytest.raises(NotRegisteredError):
        OWN_TESTS.check_query(WmiQuery(SECRETS))
    with pytest.raises(NotRegisteredError):
        SUITE.check_program("hostname")
