"""What is relied on of Kerberos, of domain controllers, and of how they are found."""

from __future__ import annotations

from fidelity_rows import Behaviour, By

DIRECTORY = "kerberos/test_real_directory.py"
OVER_TLS, BINDINGS = "kerberos/test_directory_tls.py", "ldap/test_directory_bindings.py"
BOUND = "test_within_tls_a_ticket_is_bound_to_the_certificate_and_seals_nothing"
GATHERED, HOSTILE = "gather/test_directories.py", "ldap/test_hostile_directory.py"
NOT_SHOWN = "test_an_attribute_that_the_account_may_not_read_is_not_taken_for_unset"
TICKETS, RUNS = "kerberos/test_lab_tickets.py", "kerberos/test_ticket_runs.py"

OF_DIRECTORIES = (
    Behaviour(
        "Kerberos under Negotiate, bare and inside SPNEGO, with the same multipart body; for "
        "HTTP/NAME, which the directory maps to HOST/NAME; AES",
        "MS-WSMV 2.2.9.1, MS-SPNG, MS-KILE",
        (
            (By.DIRECTORY, f"{TICKETS}::test_curl_signs_in_with_a_ticket"),
            (
                By.DIRECTORY,
                f"{TICKETS}::test_every_machine_takes_a_ticket_for_its_own_name_and_seals",
            ),
            (By.DIRECTORY, f"{RUNS}::test_a_password_signs_in_to_all_with_one_exchange"),
        ),
    ),
    Behaviour(
        "What a domain controller says of an account that is disabled, expired, locked or must "
        "change its password, of a name that nobody has or two have, and of a clock that is off",
        "RFC 4120 7.5.9",
        (
            (
                By.DIRECTORY,
                f"{RUNS}::test_an_account_that_is_refused_is_one_finding_and_one_exchange",
            ),
            (
                By.DIRECTORY,
                f"{RUNS}::test_a_machine_that_the_directory_does_not_know_is_a_finding_of_its_own",
            ),
            (
                By.DIRECTORY,
                f"{RUNS}::test_the_clock_of_this_machine_is_one_finding_and_none_of_a_host",
            ),
        ),
    ),
    Behaviour(
        "What a directory says of delegation, names, keys and who may act on behalf, by Kerberos "
        "and by NTLM with sealing under GSS-SPNEGO; what may not be read is left out",
        "MS-ADTS 3.1.1, 5.1.1",
        (
            (By.DIRECTORY, f"{DIRECTORY}::test_each_way_to_sign_in_reads_the_same"),
            (By.DIRECTORY, f"{DIRECTORY}::test_an_account_is_read_as_it_was_written"),
            (
                By.DIRECTORY,
                f"{DIRECTORY}::{NOT_SHOWN}",
            ),
        ),
    ),
    Behaviour(
        "Domain controllers are the computers whose primary group is 516, or 521 where they are "
        "read-only",
        "MS-ADTS 6.1.1.3.1, 6.1.1.3.2",
        (
            (
                By.DIRECTORY,
                f"{DIRECTORY}::test_the_controllers_of_the_domain_are_found_and_no_other_computer",
            ),
            (
                By.LAB,
                f"{GATHERED}::test_the_controllers_of_a_domain_are_told_by_their_whole_names",
            ),
        ),
    ),
    Behaviour(
        "Over LDAPS a domain controller takes a password or a ticket, and refuses a context that "
        "could sign or seal; a ticket is bound to its certificate",
        "MS-ADTS 5.1.1.1.2, 5.1.2.2; RFC 5929",
        (
            (By.DIRECTORY, f"{OVER_TLS}::test_it_says_the_same_as_over_ldap_that_is_sealed"),
            (
                By.DIRECTORY,
                f"{OVER_TLS}::test_a_second_protection_within_tls_is_what_a_controller_refuses",
            ),
            # Samba 4.17 looks at no binding.
            (By.LAB, f"{BINDINGS}::{BOUND}"),
        ),
    ),
    Behaviour(
        "Domain controllers are found by the records `_ldap._tcp.dc._msdcs.DOMAIN`, in the order "
        "of their priority and weight",
        "MS-ADTS 6.3.2.3, RFC 2782",
        (
            (By.LAB, "ldap/test_controllers.py::test_the_lower_priority_comes_first"),
            (
                By.LAB,
                "gather/test_found_controllers.py::test_the_controller_that_dns_names_is_asked",
            ),
        ),
    ),
    Behaviour(
        "A global catalogue has nothing of delegation; of an attribute with many values a "
        "directory gives 1,500, and of a search 1,000 objects a page; other domains are referrals",
        "MS-ADTS 3.1.1.3.1.3.3, 3.1.1.3.4.6; from memory of Active Directory, which Samba is not",
        (
            (
                By.LAB,
                f"{GATHERED}::test_what_the_catalogue_lacks_is_read_from_the_domain",
            ),
            (
                By.LAB,
                f"{HOSTILE}::test_an_attribute_with_many_values_is_read_to_its_end",
            ),
            (By.LAB, f"{HOSTILE}::test_referrals_are_left_alone"),
        ),
    ),
    Behaviour(
        "A machine that takes no ticket says why in its 401, as a KRB-ERROR; whether Windows does "
        "is not documented, and without it the finding names all causes",
        "RFC 4120 5.9.1",
        (
            (By.DIRECTORY, f"{TICKETS}::test_a_clock_that_is_off_is_told"),
            (By.DIRECTORY, f"{TICKETS}::test_a_machine_whose_keys_are_old_refuses_and_tells"),
        ),
    ),
    Behaviour(
        "Over HTTPS a ticket is bound to the certificate, and one that is bound to another is "
        "refused; that a service may demand it of all is played for NTLM only",
        "RFC 5929 4.1; MIT's library takes a ticket that is bound to nothing",
        (
            (
                By.DIRECTORY,
                f"{TICKETS}::test_a_ticket_that_is_bound_to_another_certificate_is_refused",
            ),
            (By.DIRECTORY, f"{TICKETS}::test_the_lab_does_not_demand_that_a_ticket_is_bound"),
        ),
    ),
)
