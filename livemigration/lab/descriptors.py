"""How many file descriptors a lab needs, how many a process may have, and how they are shared."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from contextlib import suppress

from livemigration.lab.errors import LabError

MOST_PROCESSES = 4
# For connections, of which a client that asks 512 hosts at once may have two each, and for a
# thousand that the VMM server tries at once; of a low limit, a quarter.
_KEPT = 2_000
_KEPT_SHARE = 4
_NONE_LEFT = (errno.EMFILE, errno.ENFILE)


def most_descriptors() -> int | None:
    """Raise the limit of this process as far as it may; return it, None: there is none."""
    most: int | None = None
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - POSIX only

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(ValueError, OSError):
            # Where the hard limit is "unlimited", the kernel may take less.
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = None if soft == resource.RLIM_INFINITY else soft
    return most


def is_out_of_descriptors(error: OSError) -> bool:
    """Whether a socket was refused because this process, or the system, has no more."""
    return error.errno in _NONE_LEFT


def processes_for(needs: Sequence[int], always: int, limit: int | None) -> int:
    """Return in how many processes the sockets of a fleet fit.

    Args:
        needs: the sockets of each host.
        always: the sockets that are not of a host.
        limit: the descriptors that one process may have; None: as many as it wants.

    Raises:
        LabError: they fit in none.
    """
    total = sum(needs) + always
    if limit is None:
        return 1
    room = _room(limit)
    wanted = max(1, -(-total // room))
    if wanted <= MOST_PROCESSES:
        return wanted
    raise LabError(too_few(needs, always, limit))


def too_few(needs: Sequence[int], always: int, limit: int) -> str:
    """Return what is said where a process may not have as many descriptors as are needed."""
    total = sum(needs) + always
    each = _limit_for(-(-total // MOST_PROCESSES))
    fit, left = 0, _room(limit) * MOST_PROCESSES - always
    for need in needs:
        left -= need
        if left < 0:
            break
        fit += 1
    fewer = f", or choose {fit} hosts at most" if fit else ""
    return (
        f"{len(needs)} hosts need {total} sockets, which takes {MOST_PROCESSES} processes with a "
        f"limit of {each} open files. Here the hard limit is {limit}. Have an administrator "
        f"raise it (nofile in /etc/security/limits.conf, LimitNOFILE= of a service){fewer}."
    )


def shares(needs: Sequence[int], always: int, processes: int) -> list[range]:
    """Return the numbers of the hosts of each process; the first has what is `always` there too."""
    ends, filled, number = [], always, 0
    each = (sum(needs) + always) / processes
    for process in range(1, processes):
        while number < len(needs) and filled + needs[number] <= each * process:
            filled += needs[number]
            number += 1
        ends.append(number)
    starts = [0, *ends]
    return [range(*pair) for pair in zip(starts, [*ends, len(needs)], strict=True)]


def _room(limit: int) -> int:
    return limit - min(_KEPT, limit // _KEPT_SHARE)


def _limit_for(sockets: int) -> int:
    """Return the least limit that has room for so many sockets."""
    small = sockets + (sockets - 1) // (_KEPT_SHARE - 1)
    return sockets + _KEPT if small > _KEPT * _KEPT_SHARE else small
