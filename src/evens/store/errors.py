"""What can go wrong with a database.

::

    StoreError
    ├── StoreUnavailable      cannot be reached, or broke off; try again
    ├── BatchRefused          a batch that can never be stored as it is
    ├── MigrationNotAllowed   the role may not change the schema
    ├── PrivilegesLoose       functions that run as somebody who may do more than they need
    ├── SchemaTooNew          migrated by a newer Evens than this one
    ├── SchemaTooOld          not migrated yet
    ├── MigrationChanged      an applied migration differs from the one in this build
    └── ServerTooOld          PostgreSQL itself is older than Evens supports
"""


class StoreError(Exception):
    """Base of the store's errors; ``str()`` says what is wrong and what to do."""


class StoreUnavailable(StoreError):
    """The database cannot be reached, or the connection broke while it was asked."""


class BatchRefused(StoreError, ValueError):
    """PostgreSQL refused a batch for what is in it: a value it has no room for, or a constraint."""


class MigrationNotAllowed(StoreError):
    """The database role lacks the rights to migrate. Use the database's owner, with CREATEROLE for the first time."""


class PrivilegesLoose(StoreError):
    """Functions run as a role that may do more than they need. Run ``evens migrate``."""


class SchemaTooNew(StoreError):
    """The database was migrated by a newer Evens. Run that version, or restore an older backup."""


class SchemaTooOld(StoreError):
    """The database lacks migrations. Run ``evens migrate``."""


class MigrationChanged(StoreError):
    """A migration that was applied is not the one this build carries. Restore the original file."""


class ServerTooOld(StoreError):
    """PostgreSQL is older than version 15."""
