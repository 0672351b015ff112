-- Debit and credit of an account up to the end of a day: at most one row a day of the account.
SELECT coalesce(sum(debit), 0), coalesce(sum(credit), 0)
  FROM account_day
 WHERE account_id = %(account)s AND day <= %(day)s
