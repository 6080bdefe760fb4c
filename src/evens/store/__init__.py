"""The only place with SQL: journal, projections, queries, migrations and the embedded PostgreSQL.

A batch is one transaction: the fence, the journal rows and the projections, or none of it. Nothing outside
this package knows a table name or imports the database driver.
"""
