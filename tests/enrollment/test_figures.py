"""How figures and values of the law are written: one way for every screen."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from enrollment.admin import figures
from enrollment.admin.policy import text_of
from enrollment.models import PolicyParameter


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Texts compared here are those of the Chinese screens."""
    with translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("yuan", Decimal("-1234.5"), "−1,234.50"),
        ("yuan", None, "—"),
        ("wan", Decimal("12345678.90"), "1,234.57"),
        ("wan", None, "—"),
        ("count", 49_262_751, "49,262,751"),
        ("count", None, "—"),
        ("delta", 1204, "+1,204"),
        ("delta", -87, "−87"),
        ("delta", 0, "0"),
        ("delta", Decimal("0.00"), "0.00"),
        ("delta", None, "—"),
        ("wan_delta", Decimal(-5000), "−0.50"),
        ("rate", Decimal("0.94999"), "94.99%"),
        ("rate", None, "—"),
        ("duration", 0.5, "0.5 秒"),
        ("duration", 2, "2 秒"),
        ("duration", 41.9, "41 秒"),
        ("duration", 130, "2 分 10 秒"),
        ("duration", 11_100, "3 小时 5 分"),
        ("duration", None, "—"),
        ("digest_ends", "0123456789abcdef" * 4, "0123 4567 89ab … 89ab cdef"),
        ("digest_ends", "0123456789", "0123 4567 89"),
        ("day", None, "—"),
        ("cause", "category", "类别"),
        ("cause", "weather", "weather"),
        ("step_label", "dance", "dance"),
        ("receipt_look", "no_bill", "failed"),
    ],
)
def test_figures_look_the_same_everywhere(name: str, value: Any, shown: str) -> None:
    assert getattr(figures, name)(value) == shown


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("yuan", "400", "400.00 元"),
        ("rate", "0.2", "20%"),
        ("rates", ["0.6", "0.65"], "60%、65%"),
        ("rate_range", ["0.8", "0.9"], "80% – 90%"),
        ("rate_range", ["1", "1"], "100%"),
        ("points_range", ["5", "15"], "5 – 15"),
        ("months", 3, "3 个月"),
        ("flag", True, "是"),
        ("flag", False, "否"),
        ("year_day", "none", "无"),
        ("year_day", "Y 02-end", "当年 02 月末"),
        ("year_day", "Y-2 09-01", "Y-2 09-01"),
        ("day_window", {"first": "Y-1 09-01", "last": "Y-1 12-31"}, "上年 09-01 至 上年 12-31"),
        ("codes", ["dibao", "other"], "低保对象、other"),
        ("choice", "levy_may_pass", "levy_may_pass"),
        ("calendar_year", 2025, "2025"),
        (
            "work_calendar",
            {"holidays": ["2026-01-01", "2026-01-02"], "workdays": ["2026-01-04"]},
            "放假 2 天，调休上班 1 天",
        ),
    ],
)
def test_a_value_is_shown_as_it_is_read(unit: str, value: Any, shown: str) -> None:
    assert text_of(PolicyParameter(unit=unit, value=value)) == shown
