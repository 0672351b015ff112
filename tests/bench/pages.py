"""One process of the web: asks each page of the desk and prints what it took, as JSON."""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

ROUNDS = 30
SEED = 20261120
STARTS_NOTHING = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
Ask = Callable[[], Any]


def main() -> None:
    """Measure and print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.SECURE_SSL_REDIRECT = False
    print(json.dumps({name: measured(asks) for name, asks in pages().items()}))


def pages() -> dict[str, list[Ask]]:
    """Every page with its rounds: other people and names each time, so that no cache flatters."""
    from django.test import Client
    from django.urls import reverse

    from enrollment.models import Duty, User

    def logged_in(username: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=username))
        return client

    maker, checker = logged_in("maker"), logged_in("checker")
    supervisor = logged_in("supervisor")
    people = chosen_people(ROUNDS, city=Duty.objects.get(user__username="maker").region_id)
    search = reverse("admin:search")
    desk, cases = reverse("admin:index"), reverse("admin:enrollment_case_changelist")
    numbers = [person.identity_number for person in people]

    def get(client: Client, address: str, **query: str) -> Ask:
        return lambda: client.get(address, query)

    def find(client: Client, text: str) -> Ask:
        return lambda: client.post(search, {"q": text})

    files = [reverse("admin:enrollment_person_change", args=[each.pk]) for each in people]
    return {
        "desk of a maker": [get(maker, desk)] * ROUNDS,
        "desk of a checker": [get(checker, desk)] * ROUNDS,
        "search by number": [find(maker, number) for number in numbers],
        "search by name": [find(maker, each.name[:2]) for each in people],
        "search by surname": [find(maker, each.name[:1]) for each in people],
        "search by initials": [find(maker, each.initials) for each in people],
        "search by name, province": [find(supervisor, each.name[:2]) for each in people],
        "search by initials, province": [find(supervisor, each.initials) for each in people],
        "person file": [get(maker, file) for file in files],
        "case list": [get(checker, cases)] * ROUNDS,
        "case list, waiting for a check": [get(checker, cases, desk="check")] * ROUNDS,
    }


def chosen_people(number: int, *, city: int) -> list[Any]:
    """People of the maker's city, the same ones in every run; read in one transaction."""
    from django.db import connection, transaction

    from enrollment.models import Person
    from enrollment.rules.regions import county_of, scope_of

    first, last = map(county_of, scope_of(city))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.all', 'true', true)")
        here = Person.objects.filter(county__gte=first, county__lte=last).exclude(initials="")
        return random.Random(SEED).sample(list(here.order_by("pk")[: number * 20]), number)


def measured(asks: list[Ask]) -> dict[str, Any]:
    """Median and 95th percentile in milliseconds, and the statements of one request.

    `cpu_ms` is the median of this process's own computing: what is left waited for the database or,
    on a busy machine, for its turn.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    answered(asks[0])  # the first request of a page compiles its template
    times, computing = [], []
    for ask in asks:
        began, worked = time.perf_counter(), time.process_time()
        answered(ask)
        times.append((time.perf_counter() - began) * 1000)
        computing.append((time.process_time() - worked) * 1000)
    counts = []
    for ask in asks[:5]:
        with CaptureQueriesContext(connection) as captured:
            answered(ask)
        statements = [query["sql"] for query in captured.captured_queries]
        counts.append(sum(not sql.startswith(STARTS_NOTHING) for sql in statements))
    return {
        "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 2),
        "cpu_ms": round(statistics.median(computing), 2),
        "queries": max(counts),
    }


def answered(ask: Ask) -> None:
    """Ask, and see that it was answered: a refusal would be the quickest page of all."""
    response = ask()
    if response.status_code not in {200, 302} or "login" in response.headers.get("Location", ""):
        print(response.content.decode()[:2000], file=sys.stderr)
        raise SystemExit(f"answered with {response.status_code}")


if __name__ == "__main__":
    main()
