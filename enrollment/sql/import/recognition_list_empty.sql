-- recognition_list: nothing of a file stays behind beside the register.
TRUNCATE staging_list_act, staging_list_person
