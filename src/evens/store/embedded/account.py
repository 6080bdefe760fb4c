"""Which account PostgreSQL runs as. It refuses to run as root, so root has to choose another account for it."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from evens.store.embedded.errors import AccountUnusable

USER_VARIABLE = "EVENS_PG_USER"
FALLBACK_USERS = ("postgres", "nobody")
TIMEOUT_S = 60

ENVIRONMENT = {"HOME": "/", "LANG": "C", "LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
"""The whole environment of PostgreSQL's programs."""


class Identity(TypedDict, total=False):
    """The options of subprocess that change which account a program runs as."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """An operating system account that PostgreSQL's programs run as.

    Attributes:
        name: its name, which peer authentication compares.
        foreign: whether it is another account than this process has, which is then root and must change to it.
    """

    name: str
    uid: int
    gid: int
    foreign: bool

    @property
    def identity(self) -> Identity:
        """The options for subprocess that make a program run as this account, without supplementary groups."""
        return Identity(user=self.uid, group=self.gid, extra_groups=[]) if self.foreign else Identity()

    def run(self, argv: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a short program as this account and return its result; `stdout` has its whole output, errors included.

        Raises:
            PermissionError: this account may not execute the program.
            FileNotFoundError: there is no such program.
        """
        return subprocess.run(
            argv,
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
            umask=0o077,
            **self.identity,
        )

    def can_enter(self, directory: Path) -> bool:
        """Return whether this account can enter `directory`. It is tried, because file modes do not tell everything.

        Raises:
            AccountUnusable: this process cannot run programs as this account at all.
        """
        try:
            return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", directory]).returncode == 0
        except OSError as error:
            raise AccountUnusable(
                f"cannot run programs as {self.name!r} ({error.strerror}): "
                f"run as an ordinary user, or set {USER_VARIABLE} to an account that root may change to"
            ) from error


def choose_account(cluster: Path) -> Account:
    """Return the account that the server of `cluster` is to run as.

    For an ordinary user it is the user's own. For root it is the one that EVENS_PG_USER names, else the owner of an
    existing cluster, else `postgres`, else `nobody`.

    Raises:
        AccountUnusable: there is none, and the message says what to set.
    """
    own_uid = os.geteuid()
    if own_uid != 0:
        try:
            return _account(pwd.getpwuid(own_uid), foreign=False)
        except KeyError:
            raise AccountUnusable(
                f"user id {own_uid} has no name on this machine, and PostgreSQL wants one: "
                "add it to /etc/passwd, run as a named user, or set DATABASE_URL to a PostgreSQL server"
            ) from None
    if wanted := os.environ.get(USER_VARIABLE):
        return _named_by_operator(wanted)
    return _lent_by_root(cluster)


def names_with_access(account: Account) -> list[str]:
    """Return who may connect to a server that runs as `account`: the account, and root, which could change to it."""
    return [account.name, pwd.getpwuid(0).pw_name]


def _named_by_operator(name: str) -> Account:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise AccountUnusable(
            f"{USER_VARIABLE} is {name!r}, but there is no such user: create it or unset it"
        ) from None
    if entry.pw_uid == 0:
        raise AccountUnusable(f"{USER_VARIABLE} is {name!r}, but PostgreSQL refuses to run as root: name another user")
    return _account(entry, foreign=True)


def _lent_by_root(cluster: Path) -> Account:
    try:
        owner_uid = cluster.stat().st_uid
        if owner_uid != 0:
            return _account(pwd.getpwuid(owner_uid), foreign=True)
    except (FileNotFoundError, KeyError):
        pass  # There is no cluster yet, or its owner has no name on this machine: another account can have it.
    for name in FALLBACK_USERS:
        try:
            return _account(pwd.getpwnam(name), foreign=True)
        except KeyError:
            continue
    raise AccountUnusable(
        f"PostgreSQL refuses to run as root, and this machine has none of the users {', '.join(FALLBACK_USERS)}: "
        f"set {USER_VARIABLE} to an ordinary user, or run as one"
    )


def _account(entry: pwd.struct_passwd, *, foreign: bool) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, foreign=foreign)
