-- The login of the servers, which may use the database and not change it. Run by psql as the database's owner, with the
-- password in POSTGRES_SERVER_PASSWORD: by compose when it makes the database, and by you on a database that is older.
\set ON_ERROR_STOP on
\getenv password POSTGRES_SERVER_PASSWORD

SELECT format('CREATE ROLE %I %s', name, login) FROM (VALUES ('evens_app', 'NOLOGIN'), ('evens_server', 'LOGIN')) AS r (name, login)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

GRANT evens_app TO evens_server;
ALTER ROLE evens_server PASSWORD :'password';
