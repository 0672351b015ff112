-- Any kind: a number that ends in 000 may be one that Excel rounded, and one in eleven of those
-- passes the check by chance. Where the file has numbers that were rounded, such numbers are refused
-- too; else they are what they look like. {staging} is the table of the kind.
UPDATE {staging}
   SET problem = 'identity_rounded', problem_column = 'id_number'
 WHERE problem IS NULL
   AND doubtful
   AND EXISTS (SELECT FROM {staging} WHERE problem = 'identity_rounded')
