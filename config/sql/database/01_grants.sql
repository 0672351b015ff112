-- Grants on the tables of Django and its libraries; see enrollment/sql/database/.
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session, django_admin_log, axes_accessattempt,
    axes_accessattemptexpiration, axes_accesslog, axes_accessfailurelog TO {web};
GRANT SELECT, INSERT, UPDATE ON agency_user TO {web};
GRANT SELECT, INSERT, UPDATE, DELETE ON agency_user_groups, agency_user_user_permissions TO {web};
GRANT SELECT ON django_content_type, auth_permission, auth_group, auth_group_permissions,
    django_migrations TO {web}, {worker};
GRANT SELECT ON agency_user TO {worker};
GRANT SELECT, INSERT, UPDATE, DELETE ON django_celery_beat_periodictask,
    django_celery_beat_periodictasks, django_celery_beat_crontabschedule,
    django_celery_beat_intervalschedule, django_celery_beat_solarschedule,
    django_celery_beat_clockedschedule TO {web}, {worker};
