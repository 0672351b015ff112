-- remittance: tell the planner how many lines there are, which it takes for a few right after a COPY,
-- and how many are refused. Of no column that holds anything of a payer. A server before 17 warns that
-- the worker may not, and goes on as without.
ANALYZE staging_remittance (line, problem)
