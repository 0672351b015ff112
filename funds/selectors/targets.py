"""What the law wants indicators to be, as published."""

from django.conf import settings

from enrollment.rules.dates import year_start
from enrollment.rules.parameters import BOTH
from enrollment.rules.terms import read_terms
from enrollment.selectors.policy import PolicyBook, policy_book
from funds.rules.indicators import EnrolmentRateTerms


def enrolment_terms(year: int, book: PolicyBook | None = None) -> EnrolmentRateTerms:
    """Target and denominator of the enrolment rate in a benefit year, from a book that is read.

    Raises MissingParameter.

    安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）.
    """
    book = book or policy_book(list(EnrolmentRateTerms.codes().values()))
    return read_terms(
        EnrolmentRateTerms,
        lambda code: book.find(code, area=settings.PROVINCE, on=year_start(year), scheme=BOTH),
    )
