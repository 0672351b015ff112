"""Setting of a policy parameter: within the range, by a document, published by another."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client

from enrollment.models import Case, ParameterSetting, PolicyParameter, User
from enrollment.rules.parameter_checks import check_cities
from enrollment.rules.parameter_input import read_typed, write_typed
from enrollment.rules.parameter_yaml import ParameterFileError
from enrollment.rules.parameters import MissingParameter, ParameterBook
from enrollment.rules.refusals import RuleRefused
from enrollment.selectors.calendar import business_date_is
from enrollment.selectors.parameters import definitions
from enrollment.selectors.policy import policy_book, terms_of_area
from enrollment.services import cases, parameter_settings, reversals
from enrollment.services.refusals import Refused
from tests import cast
from tests.acts import approved, at_once, carried_out
from tests.roles import as_role

AUTUMN = date(2026, 11, 20)
DIBAO, WINDOW = "subsidy.quota.dibao", "collection.window"
PAPER = {
    "document_number": "合医保发〔2026〕31号",
    "document_title": "关于2027年度资助参保定额标准的通知",
    "clause": "二（一）",
}


@pytest.fixture(autouse=True)
def autumn() -> Iterator[None]:
    with business_date_is(AUTUMN):
        yield


@pytest.fixture
def officers(db: None) -> tuple[User, User]:
    return the_officers()


def the_officers() -> tuple[User, User]:
    """Maker and checker, in a province with its law."""
    cast.law()
    cast.year(2026)
    cast.year(2027, closed=False)
    return cast.officer("Maker", "liu", "刘婷"), cast.officer("Checker", "zhang", "张敏")


def setting(maker: User, **says: Any) -> Case:
    told: dict[str, Any] = {
        "region_id": cast.HEFEI,
        "code": DIBAO,
        "typed": "360",
        "valid_from": date(2027, 1, 1),
        "valid_until": date(2027, 12, 31),
    }
    return parameter_settings.open_setting(maker=maker, **PAPER | told | says)


def values_of(code: str = DIBAO) -> list[tuple[Any, DateRange]]:
    rows = PolicyParameter.objects.filter(code=code, area=cast.HEFEI, valid__startswith__gte=AUTUMN)
    return list(rows.order_by("valid").values_list("value", "valid"))


def test_what_another_approved_is_published_with_its_document(
    officers: tuple[User, User],
) -> None:
    maker, checker = officers
    case = carried_out(setting(maker), checker)
    row = PolicyParameter.objects.get(pk=published_of(case))
    assert row.document is not None
    assert (row.value, row.status, row.clause) == ("360", "verified", "二（一）")
    assert (row.document.number, row.document.issuer) == (PAPER["document_number"], "合肥市")
    assert row.valid == DateRange(date(2027, 1, 1), date(2028, 1, 1))
    assert str(terms_of_area(cast.HEFEI, 2027).quotas["dibao"]) == "360.00"
    assert str(terms_of_area(cast.WUHU, 2027).quotas["dibao"]) != "360.00"
    with pytest.raises(cases.MakerIsChecker):
        approved(setting(maker, code="subsidy.quota.monitored", typed="210"), maker)


def test_a_window_keeps_to_that_of_the_province(officers: tuple[User, User]) -> None:
    maker, checker = officers
    province = policy_book([WINDOW]).find(WINDOW, area=cast.HEFEI, on=date(2027, 1, 1))
    first, last = province.value.in_year(2027)
    carried_out(setting(maker, code=WINDOW, typed=f"{first}..2026-12-20"), checker)
    assert terms_of_area(cast.HEFEI, 2027, categories=()).window_last == date(2026, 12, 20)
    with pytest.raises(parameter_settings.OutsideTheRange) as refused:
        setting(maker, code=WINDOW, typed=f"{first}..2027-12-31", region_id=cast.WUHU)
    assert refused.value.details["high"] == last.isoformat()


@pytest.mark.parametrize(
    ("says", "refusal"),
    [
        ({"typed": "335.99"}, parameter_settings.OutsideTheRange),
        ({"typed": "378.01"}, parameter_settings.OutsideTheRange),
        ({"typed": "三百"}, parameter_settings.ValueUnreadable),
        ({"typed": "360.001"}, parameter_settings.ValueUnreadable),
        ({"code": "waiting.fixed_months", "typed": "2"}, parameter_settings.NotForAreas),
        ({"region_id": cast.ANHUI}, parameter_settings.NotAnArea),
        ({"document_number": " "}, parameter_settings.DocumentMissing),
        ({"clause": ""}, parameter_settings.ClauseMissing),
        ({"valid_until": date(2026, 12, 31)}, parameter_settings.EndsBeforeItBegins),
        ({"valid_from": date(2031, 1, 1), "valid_until": None}, parameter_settings.ProvinceSilent),
        (
            {"code": "contribution.fiscal_standard", "typed": "10"},
            parameter_settings.BelowTheProvince,
        ),
        ({"code": "transfer.area_wait_months", "typed": "7"}, parameter_settings.OutsideTheRange),
    ],
)
def test_what_an_area_may_not_set_is_refused_at_its_field(
    officers: tuple[User, User], says: dict[str, Any], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal) as refused:
        setting(officers[0], **says)
    assert refused.value.field
    assert not Case.objects.exists()


def test_a_value_is_held_against_the_range_of_every_day_it_holds(
    officers: tuple[User, User],
) -> None:
    maker, checker = officers
    carried_out(setting(maker, valid_until=None), checker)
    standard = PolicyParameter.objects.filter(code="contribution.individual_standard").latest("pk")
    standard.pk, standard.value, standard.status = None, "500", "example"
    standard.area_id, standard.valid = cast.ANHUI, DateRange(date(2028, 1, 1), None)
    standard.save(force_insert=True)
    with pytest.raises(parameter_settings.OutsideLater):
        setting(maker, valid_until=None, region_id=cast.WUHU)
    # the loader looks again at what was published by a case, too
    values = tuple(value for found in policy_book().values.values() for value in found)
    with pytest.raises(ParameterFileError, match="360 lies outside 400 to 450 on 2028-01-01"):
        check_cities(ParameterBook({}, definitions(), values))


def test_the_value_before_ends_the_day_before_and_nothing_is_rewritten(
    officers: tuple[User, User],
) -> None:
    maker, checker = officers
    carried_out(setting(maker, valid_until=None), checker)
    later = {"valid_from": date(2027, 7, 1), "valid_until": None}
    with pytest.raises(parameter_settings.SameValue):
        setting(maker, **later)
    carried_out(setting(maker, typed="350", **later), checker)
    assert values_of() == [
        ("360", DateRange(date(2027, 1, 1), date(2027, 7, 1))),
        ("350", DateRange(date(2027, 7, 1), None)),
    ]
    with pytest.raises(parameter_settings.ValueStands):
        setting(maker, typed="370", valid_from=date(2027, 3, 1), valid_until=None)


def test_a_reversal_publishes_the_end(officers: tuple[User, User]) -> None:
    maker, checker = officers
    undone = carried_out(setting(maker), checker)
    other = cast.officer("Maker", "he", "何娟")
    undoing = reversals.open_reversal(maker=other, reverses=undone, reason="文件作废")
    carried_out(undoing, checker)
    row = PolicyParameter.objects.get(pk=published_of(undone))
    assert (row.valid.isempty, row.withdrawn_on) == (True, AUTUMN)
    with pytest.raises(MissingParameter):  # the example gave way to what was published
        terms_of_area(cast.HEFEI, 2027, categories=("dibao",))

    again = carried_out(setting(maker), checker)
    with business_date_is(date(2027, 4, 1)):
        cases.reverse_case(case=again, user=checker, reason="文件作废")
    assert values_of() == [("360", DateRange(date(2027, 1, 1), date(2027, 4, 1)))]


# The database --------------------------------------------------------------------------------


def test_the_database_publishes_what_was_approved_and_only_once(
    officers: tuple[User, User],
) -> None:
    maker, checker = officers
    draft = setting(maker)
    done = carried_out(setting(maker, region_id=cast.WUHU), checker)
    for case in (draft, done):
        with pytest.raises(IntegrityError, match="publishes nothing"), transaction.atomic():
            publish(case)
    with pytest.raises(IntegrityError, match="ends nothing"), transaction.atomic():
        publish(draft, "end_setting")
    for fields in ({"clause": ""}, {"document_number": ""}, {"valid_until": AUTUMN}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ParameterSetting.objects.filter(pk=draft.pk).update(**fields)
    published = PolicyParameter.objects.filter(pk=published_of(done))
    for change in ({"value": "361"}, {"valid": DateRange(date(2026, 1, 1), None)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            published.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        published.update(valid=DateRange(empty=True))


def published_of(case: Case) -> int:
    key = ParameterSetting.objects.get(pk=case.pk).published_id
    assert key is not None
    return key


def publish(case: Case, function: str = "publish_setting") -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [case.pk, AUTUMN])


def test_of_two_at_once_one_is_published(transactional_db: None) -> None:
    maker, checker = the_officers()
    both = [approved(setting(maker, typed=typed), checker) for typed in ("350", "360")]
    results = at_once(
        *(lambda case=case: cases.put_into_effect(case=case, user=checker) for case in both)
    )
    assert sum(isinstance(each, parameter_settings.ValueStands) for each in results) == 1
    assert len(values_of()) == 1


# The screens ---------------------------------------------------------------------------------


def test_an_area_is_set_by_who_has_a_duty_there_and_refused_at_the_field(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGCHOU_TODAY", AUTUMN.isoformat())
    _maker, checker = the_officers()
    hefei = cast.officer("Maker", "he", "何娟", region=cast.HEFEI)
    says = PAPER | {
        "request_key": uuid4(), "channel": "counter", "region": cast.HEFEI, "code": DIBAO,
        "typed": "335", "valid_from": "2027-01-01", "valid_until": "2027-12-31",
    }  # fmt: skip

    def ask(user: User, path: str, data: dict[str, Any] | None = None) -> Any:
        client = Client()
        client.force_login(user)
        return as_role("web", lambda: client.post(path, data) if data else client.get(path))

    address = "/enrollment/parametersetting/"
    form = ask(hefei, f"{address}add/", says).context["form"]
    assert list(form.errors) == ["typed"]
    form = ask(hefei, f"{address}add/", says | {"region": cast.WUHU, "typed": "360"}).context[
        "form"
    ]
    assert list(form.errors) == ["region"]
    assert ask(hefei, f"{address}add/", says | {"typed": "360"}).status_code == 302
    case = Case.objects.get()
    page = f"{address}{case.pk}/"
    assert "336 – 378" in ask(hefei, f"{page}change/").content.decode()
    edit = ask(hefei, f"{page}edit/").context["form"]
    assert edit["typed"].value() == "360"
    ask(hefei, f"{page}move/submit/", {"version": case.version})
    shown = ask(checker, f"{page}change/").context["digest"]
    ask(checker, f"{page}move/approve/", {"shown_digest": shown})
    approver = cast.officer("Approver", "chen", "陈立群")
    ask(approver, f"{page}move/effect/", {"version": 3})
    case.refresh_from_db()
    assert case.state == "effected"
    assert "360" in ask(hefei, address).content.decode()
    assert ask(hefei, f"/enrollment/casereversal/add/?reverses={case.pk}").status_code == 200


def test_the_web_publishes_nothing_by_itself(transactional_db: None) -> None:
    the_officers()

    def insert() -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE policy_parameter SET note = 'x'")

    with pytest.raises(DatabaseError, match="permission denied"):
        as_role("web", insert)


# What is typed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "typed", "value", "written"),
    [
        ("yuan", "360.50", "360.5", "360.5"),
        ("rate", "8%", "0.08", "0.08"),
        ("months", "3", 3, "3"),
        ("year_day", "2027-02-28", "Y 02-end", "2027-02-28"),
        ("year_day", "无", "none", "none"),
        (
            "day_window",
            "2026-09-01 至 2026-12-31",
            {"first": "Y-1 09-01", "last": "Y-1 12-31"},
            "2026-09-01..2026-12-31",
        ),
    ],
)
def test_a_typed_value_is_stored_as_the_files_have_it(
    unit: str, typed: str, value: Any, written: str
) -> None:
    assert read_typed(unit, typed, 2027) == value
    assert write_typed(unit, value, 2027) == written


@pytest.mark.parametrize(
    ("unit", "typed"),
    [
        ("yuan", "-1"),
        ("rate", "108%"),
        ("months", "3.5"),
        ("day_window", "2026-12-31..2026-09-01"),
        ("day_window", "2026-12-31"),
        ("year_day", "2027-02-30"),
    ],
)
def test_what_is_no_value_of_the_unit_is_refused(unit: str, typed: str) -> None:
    with pytest.raises(RuleRefused):
        read_typed(unit, typed, 2027)


def test_a_unit_that_nobody_types_is_an_error_of_the_form() -> None:
    with pytest.raises(ValueError, match="codes is not typed"):
        read_typed("codes", "a", 2027)
