-- The logins of the servers and of the line provider, which may use the database and not change it. Run by psql as the
-- database's owner, with the passwords in POSTGRES_SERVER_PASSWORD and POSTGRES_LINE_PASSWORD: by compose when it makes
-- the database, and by you on a database that is older.
\set ON_ERROR_STOP on
\getenv password POSTGRES_SERVER_PASSWORD

SELECT format('CREATE ROLE %I %s', name, login) FROM (VALUES ('evens_app', 'NOLOGIN'), ('evens_server', 'LOGIN')) AS r (name, login)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

GRANT evens_app TO evens_server;
ALTER ROLE evens_server PASSWORD :'password';

-- The line provider's login, which owns a database of its own and sees nothing of the house's.
\getenv line_password POSTGRES_LINE_PASSWORD

SELECT format('CREATE ROLE %I %s', name, login)
  FROM (VALUES ('line_provider', 'NOLOGIN'), ('line_provider_owner', 'LOGIN')) AS r (name, login)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

GRANT line_provider TO line_provider_owner;
ALTER ROLE line_provider_owner PASSWORD :'line_password';
SELECT 'CREATE DATABASE line_provider OWNER line_provider_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'line_provider') \gexec
REVOKE ALL ON DATABASE line_provider FROM PUBLIC;
