"""The register, the law and the year in a browser: every look, live progress, keys, print."""

from typing import Literal

import pytest
from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from enrollment.models import Person, PolicyParameter, StepShard, User, YearRun, YearStep
from enrollment.services.signing import sign
from tests import cast, turning
from tests.browser.axe import serious_findings
from tests.browser.conftest import OpenWindow
from tests.browser.looks import in_every_look

# Figures that stand on two lines or run out of their column.
BROKEN_FIGURES = """
const cells = document.querySelectorAll('#content .tc-t .num, #content .tc-kpis dd');
Array.from(cells).filter((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  const middles = Array.from(range.getClientRects()).map((box) => (box.top + box.bottom) / 2);
  const lines = Math.max(...middles) - Math.min(...middles);
  return cell.scrollWidth > cell.clientWidth + 1 || (cell.matches('td') && lines > 12);
}).map((cell) => cell.textContent.trim())
"""
# What waits five seconds on the page waits a fifth of one in a test.
IMPATIENT = """
const plain = window.setTimeout;
window.setTimeout = (act, wait) => plain(act, Math.min(wait, 200));
"""


@pytest.fixture(autouse=True)
def province(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anhui with its law and 2026 by history, in January 2027."""
    turning.province(monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    monkeypatch.setenv("TONGCHOU_TODAY", "2027-01-05")
    monkeypatch.setattr(current_app, "send_task", lambda *args, **kwargs: None)
    cache.clear()


@pytest.fixture
def supervisor() -> User:
    return cast.officer("Supervisor", "wang", "王建国")


@pytest.fixture
def zhang_san() -> Person:
    """Dibao, living away, insured in 2026."""
    person = turning.someone("张三", "dibao", initials="zs")
    Person.objects.filter(pk=person.pk).update(household_region=cast.BAOHE)
    turning.insured(person)
    turning.receipt("34202700000001", person, 42)
    return person


@pytest.fixture
def rehearsal(zhang_san: Person) -> YearStep:
    """`open` of 2027 rehearsed for two people in two cities."""
    turning.insured(turning.someone("李四", region=cast.JINGHU, initials="ls"))
    return turning.turn("open", rehearse=True)


@pytest.fixture
def turned(rehearsal: YearStep) -> YearStep:
    """2027 turned as rehearsed: 张三 is covered, 李四 has lapsed."""
    turning.finish(sign(digest=rehearsal.digest, user=User.objects.first()))
    for name in turning.STEPS[1:]:
        turning.turn(name)
    return rehearsal


def file_of(person: Person) -> str:
    return reverse("admin:enrollment_person_change", args=[person.pk])


@in_every_look
def test_every_screen_in_every_look(  # noqa: PLR0917
    window: OpenWindow,
    supervisor: User,
    turned: YearStep,
    zhang_san: Person,
    size: Literal["field", "large"],
    theme: Literal["light", "dark"],
    language: str,
) -> None:
    page = window(user=supervisor, size=size, theme=theme, language=language)
    quota = PolicyParameter.objects.filter(code="subsidy.quota.dibao").first()
    assert quota is not None
    opened = YearStep.objects.get(run__mode="real", name="open")
    for address in (
        reverse("admin:run_monitor", args=[2027]),
        f"{reverse('admin:run_monitor', args=[2027])}?step={opened.pk}",
        reverse("admin:rehearsal", args=[turned.pk]),
        reverse("admin:year_cities", args=[2027]),
        reverse("admin:year_counties", args=[2027, 3401]),
        reverse("admin:year_calendar", args=[2027]),
        reverse("admin:enrollment_person_changelist"),
        f"{file_of(zhang_san)}?why=subsidy-2027",
        reverse("admin:enrollment_policyparameter_changelist"),
        reverse("admin:enrollment_policyparameter_change", args=[quota.pk]),
        reverse("admin:search"),
    ):
        assert page.open(address) == 200, address
        assert not page.overflows(), address
        assert page.page.evaluate(BROKEN_FIGURES) == [], address
        assert serious_findings(page.page) == [], address


def test_the_run_monitor_follows_the_ledger_and_stops_when_it_ends(
    window: OpenWindow, supervisor: User, zhang_san: Person
) -> None:
    cast.year(2027, closed=False)
    step = YearStep.objects.create(run_id=_run(), name="open", on=turning.OPENING)
    shards = [
        StepShard.objects.create(
            step=step, phase=0, number=number, work="fill", first_person=number, last_person=number
        )
        for number in (1, 2)
    ]
    page = window(user=supervisor)
    page.page.add_init_script(IMPATIENT)
    page.open(reverse("admin:run_monitor", args=[2027]))
    assert "0.00" in page.text("#run-live .tc-kpis")
    now = timezone.now()
    StepShard.objects.filter(pk=shards[0].pk).update(state="done", finished_at=now, rows=7)
    page.page.wait_for_selector("#run-live progress[value='50.00']")
    assert "1 / 2" in page.text("[data-refresh-copy]")
    StepShard.objects.update(state="done", finished_at=now, rows=7)
    YearStep.objects.update(state="done", finished_at=now, digest="d" * 64)
    page.page.wait_for_selector("#run-live .tc-title .is-done")
    assert page.page.locator(".tc-shards .done").count() == 3  # two slices and the legend


def _run() -> int:
    return YearRun.objects.values_list("pk", flat=True).get(year=2027)


def test_a_rehearsal_is_begun_read_and_signed_by_hand(
    window: OpenWindow, supervisor: User, zhang_san: Person
) -> None:
    page = window(user=supervisor)
    page.open(reverse("admin:run_monitor", args=[2027]))
    page.page.click("button[name=rehearse]")
    page.page.wait_for_selector(".messagelist .success")
    turning.finish(YearStep.objects.get())
    page.open(reverse("admin:run_monitor", args=[2027]))
    page.page.click("text=阅读报告并签署")
    page.page.wait_for_selector("#digest")
    page.page.click("text=签署并正式运行")
    page.page.wait_for_selector(".messagelist .success")
    real = turning.finish(YearStep.objects.get(run__mode="real"))
    page.open(f"{reverse('admin:run_monitor', args=[2027])}?step={real.pk}")
    assert page.page.locator(".tc-same").count() == 5
    assert page.page.locator(".tc-diff").count() == 0
    assert "王建国" in page.text("[aria-labelledby=seal-h]")


def test_somebody_is_found_by_keys_and_the_figure_explains_itself(
    window: OpenWindow, supervisor: User, turned: YearStep, zhang_san: Person
) -> None:
    page = window(user=supervisor)
    page.open("/")
    page.page.keyboard.press("/")
    page.page.keyboard.type("zs")
    page.page.keyboard.press("Enter")
    page.page.wait_for_url(page.address + file_of(zhang_san))
    assert page.page.locator("#why").count() == 0
    page.page.click("a.tc-why-btn[href*='subsidy-2027']")
    page.page.wait_for_selector("#why")
    assert "378.00" in page.text("#why .answer")
    assert "皖医保发〔2024〕6号" in page.text("#why")
    assert page.page.url == page.address + file_of(zhang_san)  # in place, without a new page
    page.page.keyboard.press("Escape")
    assert page.page.locator("#why").count() == 0


def test_a_number_that_is_searched_never_stands_in_an_address(
    window: OpenWindow, supervisor: User, zhang_san: Person
) -> None:
    page = window(user=supervisor)
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url))
    page.open("/")
    page.page.fill("#tc-q", zhang_san.identity_number)
    page.page.press("#tc-q", "Enter")
    page.page.wait_for_url(page.address + file_of(zhang_san))
    assert not [url for url in asked if zhang_san.identity_number in url]


def test_paper_shows_the_record_of_cover_and_nothing_else(
    window: OpenWindow, supervisor: User, turned: YearStep, zhang_san: Person
) -> None:
    page = window(user=supervisor)
    page.open(file_of(zhang_san))
    page.page.emulate_media(media="print")
    assert page.page.is_visible(".tc-notice h1")
    assert not page.page.is_visible(".tc-screen")
    assert not page.page.is_visible("#header")
    page.open(reverse("admin:rehearsal", args=[turned.pk]))
    page.page.emulate_media(media="print")
    assert page.page.is_visible(".tc-sign-off")
    assert not page.page.is_visible(".tc-tools")
