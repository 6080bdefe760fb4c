-- Run at every start by psql, as the owner role, in the database "postgres".
-- A statement runs only if its result is missing, so the next start completes one that was interrupted.
SELECT format('CREATE ROLE %I LOGIN', :'app_role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'app_role') \gexec

-- A backup that is restored grants to it before any migration has run.
SELECT format('CREATE ROLE %I NOLOGIN', :'functions_role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'functions_role') \gexec

-- Of the line provider, which may share the server. Without its schema it can do nothing.
SELECT format('CREATE ROLE %I LOGIN', :'provider_role')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'provider_role') \gexec

SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0', :'database', :'owner_role')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

-- Each row that this query returns is a complaint.
SELECT name || ' is ' || setting
  FROM pg_settings
 WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting <> 'on';
