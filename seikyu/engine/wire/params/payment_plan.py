"""Parameters of ``/v1/payment_plans``, a private preview of Stripe's."""

from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import (
    Charge,
    Currency,
    Expand,
    FullText,
    Many,
    Percentage,
    Timestamp,
    Word,
    integers,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.recurrence import Interval


class FixedAmount(Params):
    """Minor units of a currency, which is the invoice's."""

    amount: Charge
    currency: Currency


class RelativeDate(Params):
    """So many intervals from finalization, or from now on an open invoice."""

    count: Annotated[int, PlainValidator(integers(0, 1200))]
    interval: Interval


class InstalmentDate(Params):
    """When an instalment falls due: a moment in Unix seconds, or a distance."""

    type: Literal["absolute", "relative"]
    absolute: Timestamp | None = None
    relative: RelativeDate | None = None


class ScheduledAmount(Params):
    """One instalment: a fixed amount, or a percentage of what is due."""

    id: Word | None = None
    type: Literal["fixed_amount", "percentage"]
    description: FullText | None = None
    due_date: InstalmentDate
    fixed_amount: FixedAmount | None = None
    percentage: Percentage | None = None


class ScheduledAmounts(Params):
    """The instalments, in any order of their dates."""

    amounts: Many[ScheduledAmount]


class PlanSchedule(Params):
    """How the plan divides what is due."""

    type: Literal["amounts_due"]
    amounts_due: ScheduledAmounts


class InvoiceDetails(Params):
    """The invoice that a plan collects."""

    invoice: Word


class CollectsOn(Params):
    """What a plan collects: one invoice."""

    type: Literal["invoice_details"]
    invoice_details: InvoiceDetails


class PaymentPlanCreate(Expand):
    """``POST /v1/payment_plans``."""

    collects_on: Annotated[Many[CollectsOn], Field(min_length=1, max_length=1)]
    metadata: Metadata = None
    schedule: PlanSchedule


class PaymentPlanUpdate(Expand):
    """``POST /v1/payment_plans/{id}``."""

    metadata: Metadata = None
    schedule: PlanSchedule | None = None


class PaymentPlanList(Paging):
    """``GET /v1/payment_plans``."""

    invoice: Word | None = None
