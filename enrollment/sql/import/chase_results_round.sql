-- chase_results: the round of each line. Reads the run ledger.
UPDATE staging_chase_results s
   SET step_id = (SELECT t.id
                    FROM year_step t
                    JOIN year_run r ON r.id = t.run_id
                   WHERE t.name = 'chase' AND r.mode = 'real' AND r.year = s.round_year
                     AND t.serial = s.round_serial)
 WHERE s.problem IS NULL
