"""The published numbers: complete, cited, found by area, day and scheme."""

from datetime import date
from decimal import Decimal

import pytest

from config.parameters import ROOTS
from enrollment.rules.dates import DayWindow, YearDay
from enrollment.rules.parameter_files import load_parameters
from enrollment.rules.parameter_units import read_stored
from enrollment.rules.parameters import MissingParameter, ParameterBook, resolve

CITIES = (
    340100, 340200, 340300, 340400, 340500, 340600, 340700, 340800, 341000, 341100, 341200, 341300,
    341500, 341600, 341700, 341800,
)  # fmt: skip
CATEGORIES = ("extreme_poverty", "dibao", "returned_to_poverty", "monitored")


@pytest.fixture(scope="module")
def law() -> ParameterBook:
    return load_parameters(ROOTS)


@pytest.fixture(scope="module")
def law_with_examples() -> ParameterBook:
    return load_parameters(ROOTS, examples=True)


def value_of(book: ParameterBook, code: str, area: int, year: int) -> object:
    return book.find(code, area=area, on=date(year, 1, 1), scheme="resident").value


def test_a_verified_number_cites_a_document_and_the_day_it_was_compared(law: ParameterBook) -> None:
    for value in law.values:
        if value.status == "verified":
            assert value.document in law.documents, value.code
            assert value.clause, value.code
            assert value.verified_on is not None, value.code
        else:
            assert value.verified_on is None, value.code


def test_nothing_published_is_an_example(law: ParameterBook) -> None:
    assert {value.status for value in law.values} == {"verified", "unverified"}


@pytest.mark.parametrize(
    ("code", "area", "year", "expected"),
    [
        ("contribution.individual_standard", 340100, 2024, "380"),
        ("contribution.individual_standard", 340100, 2025, "400"),
        ("contribution.individual_standard", 340200, 2026, "400"),
        ("contribution.fiscal_standard", 340100, 2024, "640"),
        ("contribution.fiscal_standard", 340100, 2025, "670"),
        ("contribution.fiscal_standard", 340200, 2026, "700"),
        ("contribution.individual_standard", 420100, 2024, "380"),
        ("contribution.individual_standard", 420100, 2025, "400"),
        ("contribution.individual_standard", 420100, 2026, "400"),
        ("contribution.fiscal_standard", 420100, 2024, "640"),
        ("contribution.fiscal_standard", 420100, 2025, "670"),
        ("contribution.fiscal_standard", 420100, 2026, "700"),
        ("contribution.individual_standard", 510100, 2025, "400"),
        ("contribution.individual_standard", 510100, 2026, "400"),
        ("contribution.fiscal_standard", 510300, 2025, "670"),
        ("contribution.fiscal_standard", 510300, 2026, "700"),
        ("contribution.fiscal_standard", 510100, 2025, "710"),
        ("contribution.fiscal_standard", 510100, 2026, "740"),
        ("contribution.higher_standard", 510100, 2026, "550"),
        ("subsidy.quota.extreme_poverty", 340100, 2025, "400"),
        ("subsidy.quota.dibao", 340100, 2025, "360"),
        ("subsidy.quota.returned_to_poverty", 340100, 2025, "320"),
        ("subsidy.quota.monitored", 340100, 2025, "200"),
        ("subsidy.city_extra.university_student", 340100, 2025, "50"),
        ("subsidy.quota.extreme_poverty", 340200, 2026, "400"),
        ("subsidy.quota.orphan", 340200, 2026, "400"),
        ("subsidy.quota.dibao", 340200, 2026, "360"),
        ("subsidy.quota.monitored", 340200, 2026, "200"),
        ("cap.base", 340100, 2026, "300000"),
        ("cap.base", 420300, 2026, "300000"),
        ("cap.base", 510100, 2026, "300000"),
        ("cap.deductible", 340100, 2026, "15000"),
        ("cap.deductible_poor", 340100, 2026, "7500"),
        ("incentive.step", 340100, 2026, "3000"),
        ("incentive.step", 510100, 2026, "4000"),
        ("incentive.step", 420300, 2026, "1000"),
        ("incentive.limit_rate", 340100, 2026, "0.20"),
        ("incentive.limit_rate", 420300, 2026, "0.20"),
        ("incentive.limit_rate", 510100, 2026, "0.20"),
    ],
)
def test_a_published_number_is_found(
    law: ParameterBook, code: str, area: int, year: int, expected: str
) -> None:
    assert value_of(law, code, area, year) == Decimal(expected)


@pytest.mark.parametrize(
    ("area", "year", "first", "last"),
    [
        (340100, 2026, date(2025, 9, 1), date(2025, 12, 31)),
        (340200, 2026, date(2025, 10, 20), date(2025, 12, 31)),
        (341100, 2026, date(2025, 10, 15), date(2025, 12, 31)),
        (340200, 2027, date(2026, 9, 1), date(2026, 12, 31)),
        (420100, 2025, date(2024, 9, 1), date(2024, 12, 31)),
    ],
)
def test_a_city_opens_its_own_payment_period(
    law: ParameterBook, area: int, year: int, first: date, last: date
) -> None:
    window = value_of(law, "collection.window", area, year)

    assert isinstance(window, DayWindow)
    assert window.in_year(year) == (first, last)


@pytest.mark.parametrize(
    ("area", "year", "last"),
    [
        (340100, 2026, None),
        (341100, 2026, date(2026, 2, 28)),
        (341100, 2027, None),
        (420100, 2025, date(2025, 2, 28)),
        (420300, 2025, None),
    ],
)
def test_a_city_declares_its_own_extension(
    law: ParameterBook, area: int, year: int, last: date | None
) -> None:
    grace_end = value_of(law, "collection.grace_end", area, year)

    assert (grace_end.in_year(year) if isinstance(grace_end, YearDay) else None) == last


def test_the_bands_of_major_illness_insurance_are_known_by_their_shares(
    law: ParameterBook,
) -> None:
    assert value_of(law, "cap.pay_rates", 340100, 2026) == tuple(
        map(Decimal, ("0.60", "0.65", "0.75", "0.80"))
    )


def test_required_employee_years_are_known_but_not_verified(law: ParameterBook) -> None:
    for area in (340000, 420000, 510000):
        for sex, months in (("male", 360), ("female", 300)):
            found = law.find(
                f"retirement.required_months.{sex}",
                area=area,
                on=date(2026, 1, 1),
                scheme="employee",
            )
            assert (found.value, found.status) == (months, "unverified")


def test_what_is_not_published_is_missing_by_name(law: ParameterBook) -> None:
    with pytest.raises(MissingParameter) as missing:
        value_of(law, "contribution.individual_standard", 340100, 2027)

    assert str(missing.value) == (
        "parameter contribution.individual_standard has no value for area 340100, "
        "scheme resident, on 2027-01-01"
    )


def test_an_area_may_have_twelve_digits(law: ParameterBook) -> None:
    found = law.find(
        "subsidy.quota.dibao", area=340100000000, on=date(2025, 1, 1), scheme="resident"
    )

    assert found.area == 340100


def test_the_city_goes_before_the_province_whatever_the_order(law: ParameterBook) -> None:
    values = law.values_of("collection.window")

    for order in (values, list(reversed(values))):
        found = resolve(order, "collection.window", 340200, date(2026, 1, 1), "resident")
        assert found.area == 340200


def test_the_value_of_a_scheme_goes_before_one_for_both(law: ParameterBook) -> None:
    def ratio(scheme: str) -> object:
        on = date(2026, 1, 1)
        return law.find("indicators.payment_ratio", area=340000, on=on, scheme=scheme).value

    assert (ratio("employee"), ratio("resident")) == (Decimal("0.80"), Decimal("0.70"))
    with pytest.raises(MissingParameter):
        ratio("both")


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_a_synthetic_anhui_lacks_nothing(law_with_examples: ParameterBook, year: int) -> None:
    for city in CITIES:
        standard = value_of(law_with_examples, "contribution.individual_standard", city, year)
        value_of(law_with_examples, "contribution.fiscal_standard", city, year)
        value_of(law_with_examples, "collection.window", city, year)
        value_of(law_with_examples, "collection.grace_end", city, year)
        quotas = [
            value_of(law_with_examples, f"subsidy.quota.{category}", city, year)
            for category in CATEGORIES
        ]
        assert quotas[0] == standard


def test_cities_of_a_synthetic_anhui_differ(law_with_examples: ParameterBook) -> None:
    quotas = {value_of(law_with_examples, "subsidy.quota.dibao", city, 2027) for city in CITIES}

    assert quotas == {Decimal(336), Decimal(357), Decimal(378)}


def test_a_value_survives_its_way_through_json(law_with_examples: ParameterBook) -> None:
    for value in law_with_examples.values:
        stored = value.stored
        if value.unit != "work_calendar":  # single days instead of spans
            assert read_stored(value.unit, stored) == value.value, value.code
