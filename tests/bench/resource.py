"""The peer of the benchmark `remittance`: django-import-export, as it comes."""

from typing import Any

from django.db.models import F
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import ForeignKeyWidget

from enrollment.models import Enrollment, Person, Receipt
from enrollment.models.identity import digest
from enrollment.rules.keys import yearly_key


class ByNumber(ForeignKeyWidget):
    """The person whose identity number a cell holds."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Person | None:
        return super().clean(digest(value), row, **kwargs)  # type: ignore[no-any-return]


class ReceiptResource(ModelResource):
    """A line of the file as a receipt, paid to the bill of its person and year."""

    person = Field(
        attribute="person", column_name="id_number", widget=ByNumber(Person, "id_digest")
    )

    class Meta:
        model = Receipt
        import_id_fields = ("receipt_number",)
        fields = ("receipt_number", "person", "name", "year", "amount", "paid_at", "channel")

    def after_save_instance(self, instance: Receipt, row: Any, **kwargs: Any) -> None:
        key = yearly_key(year=instance.year, person_id=instance.person_id or 0)
        bill = Enrollment.objects.get(pk=key)
        applied = min(instance.amount, bill.payable - bill.paid)
        Enrollment.objects.filter(pk=bill.pk).update(
            paid=F("paid") + applied, paid_on=instance.paid_at.date()
        )
        Receipt.objects.filter(pk=instance.pk).update(
            enrollment=bill, applied=applied, outcome=Receipt.Outcome.MATCHED
        )
