-- A partition has row security and no policy, and computes its county as the parent does.
SELECT c.relname AS partition, c.relrowsecurity AS row_security, count(p.oid) AS policies
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind = 'r'
  JOIN pg_class parent ON parent.oid = i.inhparent AND parent.relkind = 'p'
  LEFT JOIN pg_policy p ON p.polrelid = c.oid
 WHERE parent.relname IN ('enrollment', 'standing')
 GROUP BY c.oid, c.relname, c.relrowsecurity
HAVING NOT c.relrowsecurity OR count(p.oid) > 0
 UNION ALL
SELECT c.relname, NULL, NULL
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid
  JOIN pg_class parent ON parent.oid = i.inhparent AND parent.relname IN ('enrollment', 'standing')
  JOIN pg_attrdef d ON d.adrelid = c.oid
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.adnum AND a.attgenerated = 's'
  JOIN pg_attribute pa ON pa.attrelid = parent.oid AND pa.attname = a.attname
  JOIN pg_attrdef pd ON pd.adrelid = parent.oid AND pd.adnum = pa.attnum
 WHERE pg_get_expr(d.adbin, d.adrelid) <> pg_get_expr(pd.adbin, pd.adrelid)
