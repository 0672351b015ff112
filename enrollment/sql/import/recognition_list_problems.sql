-- recognition_list: how many lines are refused for which reason.
SELECT problem, count(*) FROM staging_recognition_list WHERE problem IS NOT NULL GROUP BY 1
