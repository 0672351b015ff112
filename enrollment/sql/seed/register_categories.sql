-- seed, register_categories: the batch's categories into the register, numbered in a fixed order.
-- %(base)s is how many there are already.
INSERT INTO person_category (id, person_id, category, valid, source, qualified, evidence)
SELECT %(base)s + row_number() OVER (ORDER BY person_id, category, valid),
       person_id, category, valid, source, qualified,
       CASE source WHEN 'civil_affairs' THEN '民政' WHEN 'agriculture' THEN '农业农村'
                   WHEN 'disabled_federation' THEN '残联' WHEN 'health' THEN '卫健'
                   WHEN 'military' THEN '退役军人' WHEN 'justice' THEN '司法'
                   ELSE '医保' END
           || '认定〔' || EXTRACT(year FROM lower(valid)) || '〕'
           || 1 + (hashint8extended(person_id, %(salt)s + 23) & 65535) || '号'
  FROM seed_category
