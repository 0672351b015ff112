-- Neither web nor workers are superusers, pass row security by, or own a table.
SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
       (SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid) AS owned
  FROM pg_roles r
 WHERE rolname IN (SELECT grantee FROM information_schema.role_table_grants
                    WHERE table_schema = 'public' AND table_name = 'agency_case'
                      AND grantee <> grantor)
   AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb
        OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid))
