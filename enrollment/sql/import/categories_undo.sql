-- categories: take back what the import wrote and nobody changed since; rows taken back, rows kept.
SELECT taken_back, kept FROM take_back_categories(%(import)s)
