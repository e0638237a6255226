"""Result codes of SSPI: how the two hosts authenticate each other."""

from __future__ import annotations

from livemigration.explain import sources, translations
from livemigration.explain.entry import Confidence, Entry, Kind

_DELEGATION = (
    (
        "Use Kerberos; delegate cifs and Microsoft Virtual System Migration Service on both "
        "computer accounts."
    ),
    "From Windows Server 2016 select Use any authentication protocol in the delegation.",
    "Wait up to 15 minutes, or purge the machine's tickets: klist purge -li 0x3e7.",
)
_SPNS = "List the SPNs with setspn -L HOST, and duplicates with setspn -x."

# Windows prints them by name, in its event 3 of Security-Kerberos and in traces.
_KERBEROS = tuple(
    Entry(
        Kind.MESSAGE,
        None,
        (name,),
        meaning,
        cause,
        steps,
        checks,
        (sources.KERBEROS,),
        confidence=Confidence.INFERRED,
        # Windows and RFC 4120 spell the last one differently.
        phrases=(name.casefold().removesuffix("supp"),),
    )
    for name, meaning, cause, steps, checks in (
        (
            "KDC_ERR_S_PRINCIPAL_UNKNOWN",
            "The domain controller knows no account with the SPN that was asked for.",
            "The message names it as Server Name.",
            (_SPNS,),
            ("LM403",),
        ),
        (
            "KDC_ERR_C_PRINCIPAL_UNKNOWN",
            "The domain controller knows no account with the name that asks for a ticket.",
            "The user name or its realm is wrong, or the account is a machine's own.",
            ("Compare the user name with the account's, and the realm with its domain.",),
            ("LM302",),
        ),
        (
            "KDC_ERR_CLIENT_REVOKED",
            "The account that asks for a ticket is disabled, expired or locked.",
            "",
            (
                (
                    "Open Active Directory Users and Computers > the account > Properties > "
                    "Account: unlock it, clear Account is disabled, or set Account expires."
                ),
            ),
            ("LM302",),
        ),
        (
            "KDC_ERR_KEY_EXPIRED",
            "The password of the account that asks for a ticket has expired or must be changed.",
            "",
            ("Change the account's password.",),
            ("LM302",),
        ),
        (
            "KDC_ERR_PREAUTH_FAILED",
            "The password of the account that asks for a ticket is wrong.",
            "With a keytab: the account's password was changed after it was written.",
            ("Correct the password. Each further try counts towards locking the account.",),
            ("LM302",),
        ),
        (
            "KDC_ERR_BADOPTION",
            "The domain controller cannot grant what was asked for.",
            "Where a host asks in the name of a user: constrained delegation is missing or wrong.",
            _DELEGATION,
            ("LM401",),
        ),
        (
            "KRB_AP_ERR_SKEW",
            "The clocks of the two machines differ too much for Kerberos.",
            "",
            ("Compare the clocks: w32tm /query /status on both. Kerberos allows 5 minutes.",),
            ("LM403",),
        ),
        (
            "KDC_ERR_ETYPE_NOSUPP",
            "The two sides share no kind of encryption for Kerberos.",
            (
                "The account, its host and the domain controller allow different ones, for example "
                "where RC4 is switched off."
            ),
            (
                (
                    "Compare msDS-SupportedEncryptionTypes of both computer accounts with the "
                    "policy Network security: Configure encryption types allowed for Kerberos."
                ),
            ),
            ("LM403",),
        ),
    )
)

_CODES = (
    Entry(
        Kind.RESULT,
        0x8009030E,
        ("SEC_E_NO_CREDENTIALS",),
        "The security package holds no credentials for the other host.",
        "With CredSSP: the migration was not started on the source host in a session that holds "
        "credentials; or Credential Guard holds them back, which Windows Server 2025 switches on "
        "by itself for hosts of a domain: there it is the first suspect. With Kerberos: "
        "constrained delegation is wrong; Use Kerberos only is no longer enough from Windows "
        "Server 2016.",
        (
            "With CredSSP, look at LM104: which authentication, and whether Credential Guard runs.",
            *_DELEGATION,
        ),
        ("LM104", "LM401", "LM504"),
        (sources.TROUBLESHOOT_MIGRATION, sources.SET_UP_HOSTS, sources.KERBEROS_POST),
        phrases=(
            "no credentials are available in the security package",
            *translations.NO_CREDENTIALS,
        ),
    ),
    Entry(
        Kind.RESULT,
        0x8009030D,
        ("SEC_E_UNKNOWN_CREDENTIALS",),
        "The credentials are not known to the security package.",
        "Delegation is not set.",
        _DELEGATION,
        ("LM401", "LM104"),
        (sources.TROUBLESHOOT_MIGRATION,),
        phrases=("credentials supplied to the package were not recognized",),
    ),
    Entry(
        Kind.RESULT,
        0x80090303,
        ("SEC_E_TARGET_UNKNOWN",),
        "The target of the authentication is unknown or cannot be reached.",
        "No account of the domain carries the SPN of the other host's migration service, or the "
        "host may not delegate to it.",
        (
            _SPNS,
            "The other host needs Microsoft Virtual System Migration Service with both its names.",
            *_DELEGATION[:1],
        ),
        ("LM401", "LM403"),
        (sources.TARGET_UNKNOWN, sources.HEADER),
        confidence=Confidence.COMMUNITY,
        phrases=("the specified target is unknown or unreachable",),
    ),
    Entry(
        Kind.RESULT,
        0x8009030C,
        ("SEC_E_LOGON_DENIED",),
        "The logon attempt failed.",
        "The account or its password is wrong, or the other host does not let it log on.",
        (
            "Check the account that started the migration, and its rights on the other host.",
            "With Kerberos, check delegation and SPNs on both computer accounts.",
        ),
        ("LM401", "LM302"),
        (sources.HEADER,),
        phrases=("the logon attempt failed",),
    ),
    Entry(
        Kind.RESULT,
        0x80090311,
        ("SEC_E_NO_AUTHENTICATING_AUTHORITY",),
        "No domain controller could be asked to authenticate.",
        steps=("Check that both hosts reach a domain controller: nltest /dsgetdc:DOMAIN.",),
        checks=("LM403",),
        sources=(sources.HEADER,),
        phrases=("no authority could be contacted for authentication",),
    ),
    Entry(
        Kind.RESULT,
        0x80090322,
        ("SEC_E_WRONG_PRINCIPAL",),
        "The name of the target does not fit its account.",
        "An SPN is wrong or exists twice; between clusters, a private network was chosen for live "
        "migration.",
        (
            _SPNS,
            "Between clusters, change the order of the live-migration networks.",
        ),
        ("LM403", "LM401", "LM201"),
        (sources.TROUBLESHOOT_MIGRATION,),
        phrases=("the target principal name is incorrect",),
    ),
    Entry(
        Kind.RESULT,
        0x80090324,
        ("SEC_E_TIME_SKEW",),
        "The clocks of the two machines differ too much for Kerberos.",
        steps=(
            "Compare the clocks: w32tm /query /status on both hosts. Kerberos allows 5 minutes.",
        ),
        checks=("LM403",),
        sources=(sources.HEADER,),
        phrases=("the clocks on the client and server machines are skewed",),
    ),
    Entry(
        Kind.RESULT,
        0xC000015B,
        ("STATUS_LOGON_TYPE_NOT_GRANTED",),
        "The account lacks the logon right that it needs on this computer.",
        "In a failed logon of type 5 of NT VIRTUAL MACHINE: as Win32 error 1385.",
        (
            "Read which account and which logon type the event names.",
            "For NT VIRTUAL MACHINE\\Virtual Machines: livemigration explain 1385.",
        ),
        ("LM402",),
        (sources.HEADER, sources.LOGON_RIGHT),
        confidence=Confidence.INFERRED,
    ),
)

ENTRIES = (*_CODES, *_KERBEROS)
