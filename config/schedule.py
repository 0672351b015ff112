"""What beat sends, and when. Whatever fires twice has effect once: the ledger decides.

The yearly calendar is one task every five minutes: it looks at every step's day
(皖医保发〔2024〕6号 二（五）) and does what has become due. Opening a year is only rehearsed; a
supervisor's signature starts it.
"""

from celery.schedules import crontab

SCHEDULE = {
    "sweep": {"task": "enrollment.sweep", "schedule": 15.0},
    "sweep imports": {"task": "enrollment.sweep_imports", "schedule": 15.0},
    "take changes": {"task": "enrollment.take_changes", "schedule": 60.0},
    "fold days": {"task": "enrollment.fold_receipt_days", "schedule": crontab(minute="*/10")},
    "fold pushes": {"task": "enrollment.fold_pushes", "schedule": crontab(minute="5-59/10")},
    "fold collection": {
        "task": "enrollment.fold_collection",
        "schedule": crontab(minute="2-59/10"),
    },
    "fold cases": {"task": "enrollment.fold_cases", "schedule": crontab(minute="7-59/10")},
    "settle lists": {
        "task": "enrollment.settle_follow_ups",
        "schedule": crontab(minute="20", hour="3"),
    },
    "duplicates of the week": {
        "task": "enrollment.ask_for_duplicates",
        "schedule": crontab(day_of_week="mon", hour="2", minute="10"),
    },
    "search duplicates": {
        "task": "enrollment.search_duplicates",
        "schedule": crontab(minute="*/5"),
    },
    "reports": {"task": "funds.make_reports", "schedule": crontab(hour="6", minute="30")},
    "calendar": {"task": "enrollment.run_calendar", "schedule": crontab(minute="*/5")},
}
