"""What the hosts of a joined run were judged by: each by the policy of its own run."""

from __future__ import annotations

from dataclasses import replace

from test_join_parts import first, second

from livemigration.inventory.demands import Demands, HostsPolicy
from livemigration.inventory.exchanging import Outside
from livemigration.inventory.policy import Policy
from livemigration.run.merge.demands import joined_demands
from livemigration.run.merge.join import join

LOOSE, STRICT = Policy(), Policy(fail_on="warning")


def demands(policy: Policy, *hosts: str, digest: str = "p" * 64) -> Demands:
    return Demands(
        digest,
        policy,
        (HostsPolicy(policy, hosts),),
        exchanges=tuple((host, hosts) for host in hosts),
        managers=tuple((host, "vmm01") for host in hosts),
    )


def test_each_host_keeps_its_policy_its_peers_and_its_server() -> None:
    one = demands(LOOSE, "hv01", "hv03")
    other = demands(STRICT, "hv02", digest="q" * 64)
    found = joined_demands([one, other])
    assert found is not None
    assert {each: found.policy_of(each) for each in ("hv01", "hv02", "hv03")} == {
        "hv01": LOOSE,
        "hv02": STRICT,
        "hv03": LOOSE,
    }
    assert sorted(each.hosts for each in found.policies) == [("hv01", "hv03"), ("hv02",)]
    assert found.exchanges_of("hv01") == frozenset({"hv01", "hv03"})
    assert found.exchanges_of("hv02") == frozenset({"hv02"})
    assert found.exchanges_of("hv09") == Outside(frozenset({"hv01", "hv02", "hv03"}))
    assert replace(found, exchanges=()).exchanges_of("hv09") is None
    assert dict(found.managers) == dict.fromkeys(("hv01", "hv02", "hv03"), "vmm01")
    assert found.digest == f"{'p' * 64} and {'q' * 64}"
    assert joined_demands([one, None]) is None


def test_a_joined_run_says_what_its_hosts_were_judged_by_and_is_stamped_with_it() -> None:
    whole = join([first(demands=demands(LOOSE, "hv01")), second(demands=demands(STRICT, "hv02"))])
    assert whole.demands is not None
    assert whole.demands.policy_of("hv02") == STRICT
    assert whole.stamp is not None
    assert whole.stamp.policy_digest == whole.demands.digest
    assert whole.stamp.valid_until == whole.valid_until
    unknown = join([first(demands=demands(LOOSE, "hv01")), second()])
    assert unknown.demands is None
    assert unknown.stamp is not None
    assert unknown.stamp.policy_digest == ""
