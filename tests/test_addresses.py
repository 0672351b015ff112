"""Whatever stands in an address, a page answers: nonsense shows all, or nothing, or is refused."""

import pytest
from django.contrib import admin

from config.site import TongchouAdminSite
from enrollment.models import User
from enrollment.rules.keys import is_key
from tests import cast
from tests.screens import logged_in
from tests.test_empty_lists import lists

NONSENSE = ("²", "-1", "9" * 20, "340100000000", "2026-02-31", "\0", "'\"<é", "None", "1e5")
# Everything that a page of figures or a list takes from its address.
PAGES_ASK = (
    "answer", "area", "as", "before", "book", "by", "day", "done", "form", "from", "kind", "month",
    "months", "on", "outcome", "p", "q", "round", "scheme", "since", "sort", "stands", "state",
    "status", "unit", "until", "view", "why", "with", "year",
)  # fmt: skip
LISTS_ASK = ("q", "o", "p", "before", "all", "e")


@pytest.fixture
def auditor(db: None) -> User:
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return cast.officer("Auditor", "auditor", "稽核")


def pages() -> list[str]:
    """The addresses of every page of the site that is named by no more than a year and an area."""
    site = admin.site
    assert isinstance(site, TongchouAdminSite)
    routes = {
        page.route.replace("<int:year>", "2027").replace("<int:area>", str(cast.ANHUI))
        for page in site._pages
    }
    return [f"/{route}" for route in sorted(routes) if "<" not in route]


def test_a_list_answers_whatever_its_filters_are_asked(auditor: User) -> None:
    """All of them at once; and one by one with numbers that fit a key and no column."""
    client = logged_in(auditor)
    asked = 0
    for path in lists():
        shown = client.get(path)
        if shown.status_code != 200 or "cl" not in (shown.context or {}):
            continue
        filters = {name for spec in shown.context["cl"].filter_specs
                   for name in spec.expected_parameters()}  # fmt: skip
        for text in NONSENSE:
            assert client.get(path, dict.fromkeys({*filters, *LISTS_ASK}, text)).status_code < 500
        for name in sorted(filters):
            assert client.get(path, {name: "340100000000"}).status_code < 500, (path, name)
            asked += 1
    assert asked > 100


def test_a_list_is_asked_by_its_filters_alone(auditor: User) -> None:
    """No column that it hides can be guessed letter by letter, and no column breaks the server."""
    client = logged_in(auditor)
    asked = 0
    for path in lists():
        if client.get(path).status_code != 200:
            continue
        for name in ("pk__regex", "pk__in", "pk__startswith", "pk"):
            answer = client.get(path, {name: "9("})
            assert (answer.status_code, answer.headers.get("Location")) == (302, f"{path}?e=1")
        again = client.get(path, {"pk__regex": "(", "e": "1"})
        assert (again.status_code, again.headers.get("Location")) == (302, f"{path}?e=1")
        told = client.get(f"{path}?e=1")
        assert "地址中有本列表不支持的查询条件" in told.content.decode()
        asked += 1
    assert asked > 30


@pytest.mark.parametrize("asked", ["year=99999999999999999999", "year=2026&attempt_time__month=13"])
def test_a_library_s_list_by_date_refuses_what_is_no_date(auditor: User, asked: str) -> None:
    client = logged_in(auditor)
    answer = client.get(f"/axes/accesslog/?attempt_time__{asked}")
    assert (answer.status_code, answer.headers.get("Location")) == (302, "/axes/accesslog/?e=1")
    of_year = client.get("/axes/accesslog/?attempt_time__year=2026")
    assert of_year.status_code == 200
    since = client.get("/axes/accesslog/?attempt_time__gte=2026-11-01T00:00Z")
    assert since.status_code == 200


def test_a_page_answers_whatever_it_is_asked(auditor: User) -> None:
    client = logged_in(auditor)
    known = [path for path in pages() if client.get(path).status_code == 200]
    assert len(known) >= 15, known
    for path in known:
        for text in NONSENSE:
            for names in (PAGES_ASK[::2], PAGES_ASK[1::2]):
                assert client.get(path, dict.fromkeys(names, text)).status_code < 500, path
        for name in PAGES_ASK:
            assert client.get(path, {name: "340100000000"}).status_code < 500, (path, name)


def test_a_nul_in_an_address_is_refused(auditor: User) -> None:
    response = logged_in(auditor).get("/enrollment/case/", {"state": "\0"})
    assert response.status_code == 400
    assert response.headers["X-Request-Id"] in response.content.decode()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("7", True), ("0" * 18, True), ("9" * 19, False), ("²", False), ("２０２６", False),
     ("", False), ("-1", False), ("1.0", False)],
)  # fmt: skip
def test_a_key_is_ascii_digits_that_fit(text: str, is_one: bool) -> None:
    assert is_key(text) is is_one
