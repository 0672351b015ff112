"""Going down from the province to a village: what the pages about areas have in common."""

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from enrollment.rules.regions import CITY, PROVINCE
from enrollment.selectors.chase import parent_of
from enrollment.selectors.people import Place, places
from enrollment.selectors.scope import scope_of


def refuse_elsewhere(request: HttpRequest, area: int) -> None:
    """404 where nothing of the area is the user's, or where it is none of this province."""
    in_province = area // PROVINCE == settings.PROVINCE // PROVINCE and area < 10**12
    if not in_province or not scope_of(request.user).touches(area):
        raise Http404


def above(area: int) -> list[tuple[int, str]]:
    """Code and name of the areas that an area lies in, the province first. One query."""
    return path_to(area)[:-1]


def path_to(area: int) -> list[tuple[int, str]]:
    """The same, and the area itself at the end. One query."""
    codes = [area]
    while codes[-1] % PROVINCE:
        codes.append(parent_of(codes[-1]))
    names = places(codes)
    return [
        (code, province_name() if code % PROVINCE == 0 else short(names[code]))
        for code in reversed(codes)
    ]


def province_name() -> str:
    """What the province is called among its areas."""
    return _("whole province")


def short(place: Place) -> str:
    """The place alone, without what it lies in."""
    return place.below or place.county or place.city or str(place)


def name_below(place: Place, area: int) -> str:
    """A place as its parent's table calls it: 合肥市, 蜀山区, 井岗镇; a village by its code."""
    if area % PROVINCE == 0:
        return place.city or place.county or str(place)
    if area % CITY == 0:
        return place.county or str(place)
    return place.below or str(place.code)


__all__ = ["above", "name_below", "path_to", "province_name", "refuse_elsewhere", "short"]
