-- Who may do what. Run after every migration, and by every later run of the migrations, because a database that was
-- copied or restored has another owner and the privileges of a new one. It changes only what is not so yet.
DO $$
DECLARE
    found record;
BEGIN
    -- PostgreSQL lets everybody execute new functions. Only what a migration grants to the application shall stay.
    FOR found IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'evens'::regnamespace AND has_function_privilege('public', oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', found.name);
    END LOOP;
    IF NOT has_table_privilege('evens_app', 'evens.migrations', 'SELECT') THEN
        GRANT SELECT ON evens.migrations TO evens_app;
    END IF;

    -- Whoever may make temporary objects can put types and tables before those that a careless function means.
    IF has_database_privilege('evens_app', current_database(), 'TEMPORARY') THEN
        BEGIN
            EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC, evens_app', current_database());
        EXCEPTION WHEN insufficient_privilege THEN
            NULL; -- Said below, as is what cannot be revoked without an error.
        END;
        IF has_database_privilege('evens_app', current_database(), 'TEMPORARY') THEN
            RAISE EXCEPTION 'evens_app may make temporary objects; as the administrator run '
                'REVOKE TEMPORARY ON DATABASE % FROM PUBLIC, evens_app', quote_ident(current_database())
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;

    IF to_regrole('evens_functions') IS NULL THEN
        RETURN; -- The migration that makes it is still to come.
    END IF;
    IF EXISTS (
        SELECT FROM pg_roles AS r WHERE r.rolname = 'evens_functions' AND (
            r.rolcanlogin OR r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
            OR EXISTS (SELECT FROM pg_auth_members AS m WHERE m.member = r.oid)
        )
    ) THEN
        RAISE EXCEPTION 'evens_functions may do more than its functions need; as the administrator take it out of other '
            'roles and run ALTER ROLE evens_functions NOLOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS'
            USING ERRCODE = 'insufficient_privilege';
    END IF;

    IF NOT has_schema_privilege('evens_functions', 'evens', 'USAGE') THEN
        GRANT USAGE ON SCHEMA evens TO evens_functions;
    END IF;
    -- Functions write what the application does not, and read the rest. Anything more is granted by a migration.
    FOR found IN
        SELECT oid::regclass AS name, written FROM pg_class,
            LATERAL (SELECT NOT has_table_privilege('evens_app', oid, 'INSERT')) AS application (written)
        WHERE relnamespace = 'evens'::regnamespace AND relkind = 'r' AND relname <> 'migrations' AND NOT (
            has_table_privilege('evens_functions', oid, 'SELECT')
            AND (NOT written OR has_table_privilege('evens_functions', oid, 'INSERT'))
            AND (NOT written OR has_table_privilege('evens_functions', oid, 'UPDATE'))
        )
    LOOP
        EXECUTE format(
            'GRANT %s ON %s TO evens_functions',
            CASE WHEN found.written THEN 'SELECT, INSERT, UPDATE' ELSE 'SELECT' END, found.name
        );
    END LOOP;

    FOR found IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'evens'::regnamespace
            AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, pg_temp', found.name);
    END LOOP;
    FOR found IN
        SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'evens'::regnamespace AND proowner <> to_regrole('evens_functions')
    LOOP
        -- Who is to own something in a schema must be allowed to make things there, for this moment.
        GRANT CREATE ON SCHEMA evens TO evens_functions;
        EXECUTE format('ALTER FUNCTION %s OWNER TO evens_functions', found.name);
        REVOKE CREATE ON SCHEMA evens FROM evens_functions;
    END LOOP;
END
$$;
