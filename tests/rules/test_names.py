"""Pinyin initials of names."""

import pytest

from enrollment.rules.names import initials_of


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("王秀英", "wxy"),
        ("曾晓敏", "zxm"),  # not ceng
        ("单雄信", "sxx"),  # not dan
        ("张单", "zd"),  # read so at the beginning alone
        ("尉迟恭", "ycg"),
        ("阚一", "ky"),
        ("䶮𬱖", "yd"),  # outside GBK, one outside the basic plane
        ("阿依古丽·买买提", "ayglmmt"),
        ("Anna Li", "annali"),
        ("", ""),
    ],
)
def test_initials(name: str, initials: str) -> None:
    assert initials_of(name) == initials
