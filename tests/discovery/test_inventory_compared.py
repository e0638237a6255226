"""The hosts of a source among those of an inventory and each other: each is somewhere, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_turn import in_turn
from test_inventory_updates import HEAD, KERBEROS, PROD, VMM, found, update

from livemigration.base.errors import UsageError
from livemigration.discovery.comparing import NOT_WANTED, Gone, Known, LeftOut
from livemigration.discovery.existing import Existing
from livemigration.discovery.found import Found, FoundHost, Reaching, Scope, Settings
from livemigration.discovery.telling import lines_of
from livemigration.discovery.updating import updated
from livemigration.inventory.file import InventoryMachine
from livemigration.inventory.inventory import parse


@in_turn(
    "listed, source, is_known",
    [
        ("hv01.contoso.com", "HV01.contoso.com", True),
        ("hv01.contoso.com", "hv01", True),
        ("hv01", "hv01.contoso.com", True),
        ('"hv[01-03].contoso.com"', "HV02.CONTOSO.COM", True),
        ("hv01.contoso.com", "hv01.fabrikam.com", False),
        ("hv01.contoso.com", "hv011.contoso.com", False),
        ("hv01.contoso.com, address: 10.0.0.11", "10.0.0.11", True),
        ("alias.contoso.com, answers_as: hv01.contoso.com", "hv01.contoso.com", True),
    ],
)
def test_a_machine_is_known_by_whatever_name_it_has(
    listed: str, source: str, is_known: bool
) -> None:
    text = f"{HEAD}hosts:\n  - {{name: {listed}}}\n"
    done = update(text, found(source)).compared
    assert [each.found.name for each in done.known] == ([source] if is_known else [])
    assert len(done.new) == (0 if is_known else 1)


def test_other_names_of_a_found_machine_are_its_own() -> None:
    text = f"{HEAD}hosts:\n  - name: dmz01\n"
    done = update(text, found(FoundHost("gate.contoso.com", others=("DMZ01",)))).compared
    assert [each.name for each in done.known] == ["dmz01"]


def test_hosts_of_two_domains_may_share_their_first_label() -> None:
    one = FoundHost("hv01.contoso.com", others=("HV01",))
    other = FoundHost("HV01.fabrikam.com", others=("HV01",))
    done = update(HEAD, found(one, other)).compared
    assert done.new == (one, other)
    text = f"{HEAD}hosts:\n  - name: hv01.fabrikam.com\n"
    assert update(text, found(one)).compared.new == (one,)
    # As it is where each short name is all that is known.
    text = f"{HEAD}hosts:\n  - name: hv01\n"
    assert [each.name for each in update(text, found(one)).compared.known] == ["hv01"]


def test_a_name_that_netbios_cut_short_is_not_a_second_host() -> None:
    text = f"{HEAD}hosts:\n  - name: hv-amsterdam-prod-01.contoso.com\n"
    cut = FoundHost("hv-amsterdam-pr.contoso.com", cut=True)
    assert len(update(text, found(cut)).compared.known) == 1
    assert len(update(text, found("hv-amsterdam-pr.contoso.com")).compared.new) == 1


def test_two_that_may_be_one_machine_are_not_both_added_and_the_second_is_told() -> None:
    done = update(HEAD, found("hv01", "hv01.contoso.com", "HV01.contoso.com")).compared
    assert [each.name for each in done.new] == ["hv01.contoso.com"]
    assert [(each.name, each.may_matter) for each in done.left_out] == [
        ("HV01.contoso.com", False),
        ("hv01", True),
    ]
    text = f"{HEAD}hosts:\n  - name: hv01\n"
    done = update(text, found("hv01.contoso.com", "hv01.fabrikam.com")).compared
    assert [each.name for each in done.left_out] == ["hv01.fabrikam.com"]


@in_turn(
    "name",
    [
        "hv[01-20].contoso.com",
        "[::1]",
        "hv01.contoso.com\n  - name: evil",
        "hv\x1b[2J01",
        "hv01; rm -rf",
        "hv01\u202econtoso",
        "",
        " ",
        "10.0.0.1:5985",
        "a" * 300,
        "*",
        "hv01#comment",
        "- name: x",
    ],
)
def test_what_is_no_name_is_left_out_and_said_on_one_line(name: str) -> None:
    done = update(PROD, found(name, "hv01.contoso.com"))
    assert [each.name for each in done.compared.left_out] == [name]
    assert done.text == PROD
    for line in lines_of(done, written=False):
        assert line.isprintable()


def test_why_a_host_is_left_out_is_its_own_reason_or_what_is_wrong_with_its_name() -> None:
    nameless = FoundHost("h v", unfit="its record has no name", may_matter=False)
    done = update(HEAD, found("h v", nameless)).compared
    assert [each.why.partition(".")[0] for each in done.left_out] == [
        "'h v' is not a machine's name",
        "its record has no name",
    ]
    assert [each.may_matter for each in done.left_out] == [True, False]


def test_which_server_manages_new_hosts_is_asked_for_where_it_is_not_known() -> None:
    two = (
        "schema: 1\nvmm: [{name: vmm01.contoso.com}, {name: vmm02.contoso.com}]\nhosts:\n"
        "  - {name: hv01.contoso.com, vmm: vmm01.contoso.com}\n"
        "  - {name: hv02.contoso.com, vmm: vmm02.contoso.com}\n"
    )
    done = update(two, found("hv03.contoso.com"))
    assert done.text.endswith("- {name: hv03.contoso.com, vmm: vmm01.contoso.com}\n")
    # Those of the other server are not gone from this one.
    assert [each.name for each in done.compared.gone] == ["hv01.contoso.com"]
    told = lines_of(update(two, found("hv02.contoso.com")), written=False)
    assert "  hv02.contoso.com: the inventory has it under the VMM server vmm02.contoso.com" in told
    with pytest.raises(UsageError, match="--vmm with one of vmm01"):
        update(two, found("hv03.contoso.com", server=""))
    with pytest.raises(UsageError, match="--vmm SERVER"):
        update("schema: 1\n", found("hv03.contoso.com", server=""))
    assert (
        "vmm09.contoso.com"
        in update("schema: 1\n", found("hv03.contoso.com", server=""), vmm="vmm09.contoso.com").text
    )


def test_the_second_of_two_names_of_one_new_machine_is_told_with_the_first() -> None:
    done = update(PROD, found("hv06", "hv06.contoso.com", "HV01.contoso.com", "hv01")).compared
    assert [each.name for each in done.new] == ["hv06.contoso.com"]
    assert done.left_out == (
        LeftOut(
            "hv06",
            "the same machine as hv06.contoso.com, because both may be hv06 (where they are two, "
            "give each its address)",
        ),
        LeftOut(
            "hv01",
            "the same machine as HV01.contoso.com, because both are hv01.contoso.com in the "
            "inventory",
        ),
    )


def test_machines_are_one_or_two_by_their_addresses() -> None:
    text = f"{HEAD}hosts:\n  - {{name: hv01.contoso.com, address: 10.0.0.11}}\n"
    same = FoundHost("node1", address="10.0.0.11")
    other = FoundHost("hv01", address="10.0.0.12")
    done = update(text, found(same, other))
    assert [each.found for each in done.compared.known] == [same]
    assert done.compared.new == (other,)
    assert done.text.endswith('  - {name: hv01, address: "10.0.0.12"}\n')


@in_turn(
    "pattern, added",
    [
        ("hv06*", ["hv06.contoso.com"]),
        ("10.0.0.*", ["hv07.contoso.com"]),
        ("group:AMS", ["hv08.contoso.com"]),
        ("hv09*", []),
    ],
)
def test_a_limit_is_for_names_addresses_and_groups(pattern: str, added: list[str]) -> None:
    source = found(
        "hv06.contoso.com",
        FoundHost("hv07.contoso.com", address="10.0.0.7"),
        FoundHost("hv08.contoso.com", groups=("ams",)),
    )
    done = update(PROD, source, patterns=(pattern,)).compared
    assert [each.name for each in done.new] == added
    assert done.left_out == tuple(
        LeftOut(each.name, NOT_WANTED, may_matter=False)
        for each in source.hosts
        if each.name not in added
    )


@in_turn(
    "connection, settings, strict, groups",
    [
        ("port: 5985", (("port", 5985),), False, ()),
        ("port: 5985", (("port", 5985),), True, ("ansible",)),
        ("port: 5985", (("port", 5986), ("https", True)), False, ("ansible",)),
        ("transport: kerberos", (("transport", "kerberos"),), False, ()),
        ("transport: ntlm", (("transport", "kerberos"),), False, ("ansible",)),
    ],
)
def test_a_host_has_a_group_of_its_connection_where_that_is_another(
    connection: str, settings: Settings, strict: bool, groups: tuple[str, ...]
) -> None:
    text = f"{HEAD}connection: {{{connection}}}\n"
    host = FoundHost("hv01.contoso.com", reaching=Reaching("ansible", settings))
    done = update(text, found(host, strict=strict))
    (listed,) = parse(done.text, "prod.yaml").hosts
    assert listed.groups == groups


def test_a_connection_that_cannot_be_is_refused_as_the_whole_inventory_is() -> None:
    text = f"{HEAD}connection: {{https: true, transport: basic}}\n"
    host = FoundHost("hv01.contoso.com", reaching=Reaching("ansible", (("https", False),)))
    with pytest.raises(UsageError, match=r"^with the hosts that were found: prod\.yaml"):
        update(text, found(host))


def test_each_group_of_a_connection_is_written_once_where_it_is_not_yet() -> None:
    text = (
        f"{HEAD}hosts:\n  - {{name: hv01.contoso.com, groups: [from-directory]}}\n"
        "groups: {from-directory: {connection: {transport: kerberos}}}\n"
    )
    http = Reaching("ansible-http", (("port", 5986),))
    ntlm = Reaching("ansible-ntlm", (("transport", "ntlm"),))
    hosts = (
        FoundHost("hv02.contoso.com", reaching=KERBEROS),
        FoundHost("hv03.contoso.com", reaching=http),
        FoundHost("hv04.contoso.com", reaching=http),
        FoundHost("hv05.contoso.com", reaching=ntlm),
    )
    done = update(text, found(*hosts, strict=True))
    assert done.compared.additions.groups == (http, ntlm)
    groups = {each.name: each.groups for each in parse(done.text, "prod.yaml").hosts}
    assert groups["hv03.contoso.com"] == groups["hv04.contoso.com"] == ("ansible-http",)


def test_a_name_cut_short_is_of_its_own_domain() -> None:
    text = f"{HEAD}hosts:\n  - name: hv-amsterdam-prod-01.fabrikam.com\n"
    cut = FoundHost("hv-amsterdam-pr.contoso.com", cut=True)
    assert update(text, found(cut)).compared.new == (cut,)


def test_hosts_of_a_csv_file_are_known_and_gone_by_their_own_names(tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("name\nhv07.contoso.com\nhv08.contoso.com\n", "utf-8")
    text = f'{HEAD}hosts_from: more.csv\nhosts:\n  - name: "hv[01-02].contoso.com"\n'
    own = Existing(text, "prod.yaml", tmp_path)
    source = found("hv01.contoso.com", "hv08.contoso.com", "hv09.contoso.com")
    done = updated(source, own)
    assert done.compared.gone == (
        Gone("hv02.contoso.com", "hv[01-02].contoso.com"),
        Gone("hv07.contoso.com", "hv07.contoso.com"),
    )
    assert [each.name for each in done.compared.known] == ["hv01.contoso.com", "hv08.contoso.com"]
    assert done.text == f"{text}  - name: hv09.contoso.com\n"


TWO = (
    "schema: 1\nvmm: [{name: vmm01.contoso.com}, {name: vmm02.contoso.com}]\nhosts:\n"
    "  - {name: hv01.contoso.com, vmm: vmm01.contoso.com}\n"
    "  - {name: hv02.contoso.com, vmm: vmm02.contoso.com}\n"
)


def test_where_one_server_manages_all_hosts_none_is_named() -> None:
    done = update(f"{HEAD}hosts: []\n", found("hv03.contoso.com", server=""))
    assert done.text == f"{HEAD}hosts:\n  - name: hv03.contoso.com\n"
    assert not update(TWO, found("hv02.contoso.com", server="")).changes


def test_a_server_that_an_inventory_has_not_is_told_with_those_that_it_has() -> None:
    told = r"is of the VMM server vmm01\.contoso\.com, vmm02\.contoso\.com, and not of vmm03"
    with pytest.raises(UsageError, match=told):
        update(TWO, found("hv03.contoso.com", server="vmm03.contoso.com"))
    with pytest.raises(UsageError, match=r"--vmm with one of vmm01\.contoso\.com, vmm02\.contoso"):
        update(TWO, found("hv03.contoso.com", server=""))


def test_the_server_that_was_asked_is_written_where_there_is_none_also_without_new_hosts() -> None:
    text = "schema: 1\nhosts:\n  - name: hv01.contoso.com\n  - name: hv02.contoso.com\n"
    host = FoundHost("hv01.contoso.com")
    source = Found("It", (host,), Scope(server="vmm01"), (), "vmm01", "10.0.0.5")
    done = update(text, source)
    # It is theirs from now on.
    assert done.compared.known == (Known("hv01.contoso.com", host),)
    assert done.compared.gone == (Gone("hv02.contoso.com", "hv02.contoso.com"),)
    assert done.changes
    assert done.text == f'{text}vmm:\n  name: vmm01\n  address: "10.0.0.5"\n'


def test_where_all_hosts_stand_in_a_csv_file_the_server_alone_is_written(tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text("name\nhv01.contoso.com\n", "utf-8")
    own = Existing("schema: 1\nhosts_from: all.csv\n", "prod.yaml", tmp_path)
    done = updated(found("hv01.contoso.com"), own)
    assert done.text == f"{own.text}vmm:\n  name: {VMM}\n"


def test_who_is_asked_is_reached_as_the_inventory_says_of_it() -> None:
    text = (
        "schema: 1\nvmm:\n  name: vmm01.contoso.com\n  connection: {port: 5986}\n"
        "  credentials: {password_variable: OF_VMM}\ncredentials: {password_variable: OF_ALL}\n"
        "directory: {domain: contoso.com, credentials: {password_variable: OF_AD}}\n"
    )
    own = Existing(text, "prod.yaml", Path())
    nobody = own.asking()
    assert (nobody.vmms, nobody.directories) == ((), ())
    assert {source.password_variable: whose for source, whose in nobody.purposes.items()} == {
        "OF_VMM": "the VMM server vmm01.contoso.com",
        "OF_AD": "the directory",
        "OF_ALL": "all other machines",
    }
    server, cluster = own.file.vmms[0], InventoryMachine(name="cl01.contoso.com")
    assert own.asking(server).vmms == (server,)
    reached = own.asking(cluster).reach_of
    assert (reached(server.name).connection.https, reached(cluster.name).connection.https) == (
        True,
        False,
    )
    (directory,) = own.file.directories
    assert own.asking(directory=directory).directories == (directory,)
