"""What the law wants indicators to be, as published."""

from django.conf import settings

from enrollment.rules.dates import year_start
from enrollment.rules.parameters import BOTH, MissingParameter
from enrollment.rules.terms import read_terms
from enrollment.selectors.policy import PolicyBook, policy_book
from funds.rules.indicators import EnrolmentRateTerms


def enrolment_terms(year: int, book: PolicyBook | None = None) -> EnrolmentRateTerms | None:
    """Target and denominator of the enrolment rate in a benefit year, from a book that is read.

    None where no target was in force when the year began: before the law that set one a rate was
    not told, and it is not told now.

    安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）.
    """
    book = book or policy_book(list(EnrolmentRateTerms.codes().values()))
    on, area = year_start(year), settings.PROVINCE
    try:
        return read_terms(
            EnrolmentRateTerms, lambda code: book.find(code, area=area, on=on, scheme=BOTH)
        )
    except MissingParameter:
        return None
