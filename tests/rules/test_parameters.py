"""The published numbers: complete, cited, found by area, day and scheme."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from config.parameters import ROOTS
from enrollment.rules.dates import DayWindow
from enrollment.rules.parameter_files import load_parameters
from enrollment.rules.parameter_units import read_stored
from enrollment.rules.parameters import MissingParameter, ParameterBook, resolve

READINGS = {
    "W": 12, "R": 4, "C": 13, "S": 4, "E": 2, "T": 2, "F": 6, "G": 5, "B": 2, "D": 1, "U": 1,
    "N": 2,
}  # fmt: skip
SWITCHED = {
    "waiting.variable_offset",
    "waiting.count_breaks_from",
    "waiting.newborn_days",
    "waiting.never_enrolled_counts",
    "waiting.count_missed_window_year",
    "sichuan_fund.reserve_topup",
}
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


def test_every_ambiguity_is_a_parameter(law: ParameterBook) -> None:
    readings = {definition.reading for definition in law.definitions.values()} - {""}

    assert Counter(reading[0] for reading in readings) == Counter(READINGS)
    for letter, count in READINGS.items():
        assert {f"{letter}-A{number}" for number in range(1, count + 1)} <= readings


def test_a_reading_that_nobody_built_admits_its_default_alone(law: ParameterBook) -> None:
    for definition in law.definitions.values():
        if definition.reading and definition.unit == "choice" and definition.code not in SWITCHED:
            assert definition.supported == definition.choices[:1], definition.code


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
        ("contribution.fiscal_standard", 510100, 2026, "740"),
        ("subsidy.quota.extreme_poverty", 340100, 2025, "400"),
        ("subsidy.quota.dibao", 340100, 2025, "360"),
        ("subsidy.quota.returned_to_poverty", 340100, 2025, "320"),
        ("subsidy.quota.monitored", 340100, 2025, "200"),
        ("subsidy.quota.dibao", 340200, 2026, "360"),
        ("cap.base", 340100, 2026, "300000"),
        ("incentive.step", 340100, 2026, "3000"),
        ("incentive.step", 510100, 2026, "4000"),
        ("incentive.limit_rate", 340100, 2026, "0.20"),
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
    ],
)
def test_a_city_opens_its_own_payment_period(
    law: ParameterBook, area: int, year: int, first: date, last: date
) -> None:
    window = value_of(law, "collection.window", area, year)

    assert isinstance(window, DayWindow)
    assert window.in_year(year) == (first, last)


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
