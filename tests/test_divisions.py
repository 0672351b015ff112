"""The committed tables of divisions, census counts and names agree with each other."""

import csv
from collections import Counter
from pathlib import Path

import pytest

import enrollment

FIXTURES = Path(enrollment.__file__).parent / "fixtures"

Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def divisions() -> list[Row]:
    (path,) = FIXTURES.glob("divisions-*.csv")
    return read(path.name)


def codes(divisions: list[Row], level: str, province: str) -> set[str]:
    return {
        row["code"]
        for row in divisions
        if row["level"] == level and row["code"].startswith(province)
    }


def pooling_areas(divisions: list[Row], province: str) -> list[Row]:
    return [
        row
        for row in divisions
        if row["code"].startswith(province)
        and row["level"] != "province"
        and row["population_2020"]
    ]


def test_codes_are_unique_and_have_twelve_digits(divisions: list[Row]) -> None:
    counted = Counter(row["code"] for row in divisions)
    assert max(counted.values()) == 1
    assert all(len(code) == 12 and code.isascii() and code.isdigit() for code in counted)
    assert list(counted) == sorted(counted)


def test_level_agrees_with_code(divisions: list[Row]) -> None:
    own_digits = {"province": (0, 2), "city": (2, 4), "county": (4, 6), "township": (6, 9)}
    for row in divisions:
        start, end = own_digits[row["level"]]
        assert row["code"][start:end].strip("0"), row
        assert not row["code"][end:].strip("0"), row


def test_anhui_has_its_cities_counties_and_townships(divisions: list[Row]) -> None:
    counties = codes(divisions, "county", "34")
    assert len(codes(divisions, "city", "34")) == 16
    assert len([code for code in counties if code[4] != "7"]) == 104
    assert len([code for code in counties if code[4] == "7"]) == 15
    assert len(codes(divisions, "township", "34")) == 1685


def test_no_division_of_anhui_hangs_in_the_air(divisions: list[Row]) -> None:
    cities = codes(divisions, "city", "34")
    counties = codes(divisions, "county", "34")
    townships = codes(divisions, "township", "34")
    assert {code[:4].ljust(12, "0") for code in counties} == cities
    assert {code[:6].ljust(12, "0") for code in townships} == counties


@pytest.mark.parametrize(
    ("province", "areas", "population"),
    [("34", 16, 61_027_171), ("42", 17, 57_752_557), ("51", 21, 83_674_866)],
)
def test_pooling_areas_add_up_to_the_census(
    divisions: list[Row], province: str, areas: int, population: int
) -> None:
    found = pooling_areas(divisions, province)
    (whole,) = [row for row in divisions if row["code"] == province.ljust(12, "0")]
    assert len(found) == areas
    assert sum(int(row["population_2020"]) for row in found) == population
    assert int(whole["population_2020"]) == population
    assert all(row["name_en"] for row in [whole, *found])


def test_directly_administered_areas_of_hubei_are_counties(divisions: list[Row]) -> None:
    assert [
        (row["code"], row["name"])
        for row in pooling_areas(divisions, "42")
        if row["level"] == "county"
    ] == [
        ("429004000000", "仙桃市"),
        ("429005000000", "潜江市"),
        ("429006000000", "天门市"),
        ("429021000000", "神农架林区"),
    ]


def test_names_are_full_and_clean(divisions: list[Row]) -> None:
    for row in divisions:
        assert len(row["name"]) >= 2, row
        assert row["name"] == "".join(row["name"].split()), row
        if row["level"] == "city":
            assert row["name"].endswith(("市", "州")), row


def test_validity_is_the_date_in_the_file_name(divisions: list[Row]) -> None:
    (path,) = FIXTURES.glob("divisions-*.csv")
    assert {(row["valid_from"], row["valid_to"]) for row in divisions} == {
        (path.stem.removeprefix("divisions-"), "")
    }
    assert path.stat().st_size < 150_000


def test_census_table_and_divisions_agree(divisions: list[Row]) -> None:
    by_code = {row["code"]: row for row in divisions}
    for area in read("census-2020.csv"):
        division = by_code[area["code"]]
        assert division["population_2020"] == area["population_2020"]
        assert division["name_en"] == area["name_en"]


def test_names_have_weights_and_characters_outside_gbk() -> None:
    names = read("names.csv")
    counted = Counter(row["kind"] for row in names)
    assert counted.keys() == {"surname", "given_f", "given_m"}
    assert counted["surname"] >= 120
    assert min(counted["given_f"], counted["given_m"]) >= 140
    assert all(int(row["weight"]) > 0 for row in names)
    assert len({(row["kind"], row["value"]) for row in names}) == len(names)
    for kind in counted:
        values = [row["value"] for row in names if row["kind"] == kind]
        assert any(value.encode("gbk", "ignore") != value.encode("gb18030") for value in values)
