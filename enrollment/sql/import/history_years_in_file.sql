-- history: the years of the lines that were not refused, so that only their partitions are read.
SELECT DISTINCT year FROM staging_history WHERE problem IS NULL ORDER BY 1
