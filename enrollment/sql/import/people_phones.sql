-- people: whose phone is another one than that on the register (`lines`).
UPDATE staging_people SET changed = true WHERE line = ANY (%(lines)s)
