"""Which loader and which rule belong to which command."""

from collections.abc import Callable
from typing import Any

from seikyu.engine.billing import (
    acknowledging,
    advancing,
    authentication,
    bank_statement,
    cash_paying,
    catalogue,
    configuring,
    coupon,
    credit_note,
    crediting,
    customer,
    funding,
    hosted_link,
    invoice,
    invoicing,
    issuing,
    mail,
    payment,
    payment_intent,
    payment_method,
    payment_plan,
    pending,
    portal,
    promotion_code,
    refund,
    returning,
    subscribing,
    subscription,
    subscription_discounts,
    test_clock,
    webhook_endpoint,
)
from seikyu.engine.billing.decision import Context, Decision
from seikyu.engine.execute import (
    cash_loading,
    catalogue_loading,
    credit_loading,
    loading,
    payment_plans,
    people_loading,
    portal_loading,
    statement_loading,
    subscription_loading,
    webhooks,
)
from seikyu.engine.store import discounts, hosted, mails
from seikyu.engine.store.session import Session

Loader = Callable[[Session, str | None, Any], Any]
Rule = Callable[[Any, object, Context], Decision]

_BY_SUBJECT: tuple[tuple[Loader, Rule, tuple[type, ...]], ...] = (
    (
        loading.of_invoice,
        invoicing.decide,
        (invoice.CreateInvoice, advancing.Advance, *invoice.TABLE),
    ),
    (
        subscription_loading.of_subscription,
        subscribing.decide,
        (
            subscription.CreateSubscription,
            subscription.AdvanceSubscription,
            subscription_discounts.RemoveDiscounts,
            *subscription.TABLE,
        ),
    ),
    (loading.of_item, pending.decide, (pending.CreateItem, pending.UpdateItem, pending.DeleteItem)),
    (
        loading.of_intent,
        payment.decide,
        (
            payment_intent.CreateIntent,
            payment_intent.UpdateIntent,
            payment_intent.ConfirmIntent,
            payment_intent.CancelIntent,
        ),
    ),
    (
        cash_loading.of_cash,
        funding.decide,
        (funding.FundBalance, funding.UpdateCashBalance, funding.GiveInstructions),
    ),
    (cash_loading.of_cash_intent, cash_paying.decide, (payment_intent.ApplyBalance,)),
    (
        statement_loading.of_statement,
        bank_statement.decide,
        (
            bank_statement.ImportStatement,
            bank_statement.AssignLine,
            bank_statement.UnassignLine,
            bank_statement.IgnoreLine,
        ),
    ),
    (loading.of_settings, configuring.decide, (configuring.UpdateSettings,)),
    (
        loading.of_refund,
        returning.decide,
        (
            refund.CreateRefund,
            refund.UpdateRefund,
            returning.CompleteReturn,
            returning.CancelReturn,
        ),
    ),
    (
        credit_loading.of_credit_note,
        issuing.decide,
        (
            credit_note.CreateCreditNote,
            credit_note.UpdateCreditNote,
            credit_note.VoidCreditNote,
        ),
    ),
    (loading.of_attempt, payment.decide, (payment.Settle,)),
    (payment_plans.of_plan, payment_plan.decide, (payment_plan.DescribePaymentPlan,)),
    (hosted.of_link, hosted_link.decide, (hosted_link.RenewLink,)),
    (hosted.of_awaited, authentication.decide, (payment_intent.FailAuthentication,)),
    (
        people_loading.of_customer,
        customer.decide,
        (
            customer.CreateCustomer,
            customer.UpdateCustomer,
            customer.DeleteCustomer,
            customer.DeleteDiscount,
        ),
    ),
    (
        people_loading.of_balance,
        crediting.decide,
        (crediting.MoveBalance, crediting.DescribeMovement),
    ),
    (
        people_loading.of_method,
        payment_method.decide,
        (
            payment_method.CreateMethod,
            payment_method.UpdateMethod,
            payment_method.AttachMethod,
            payment_method.DetachMethod,
        ),
    ),
    (
        portal_loading.of_portal,
        portal.decide,
        (
            portal.CreateConfiguration,
            portal.UpdateConfiguration,
            portal.CreateSession,
            portal.OpenSession,
            portal.AddCard,
            portal.RemoveCard,
        ),
    ),
    (
        catalogue_loading.of_catalogue,
        catalogue.decide,
        (catalogue.Create, catalogue.Update, catalogue.DeleteProduct),
    ),
    (
        discounts.of_coupon,
        coupon.decide,
        (coupon.CreateCoupon, coupon.UpdateCoupon, coupon.DeleteCoupon),
    ),
    (
        discounts.of_promotion_code,
        promotion_code.decide,
        (promotion_code.CreatePromotionCode, promotion_code.UpdatePromotionCode),
    ),
    (
        loading.of_endpoint,
        webhook_endpoint.decide,
        (
            webhook_endpoint.CreateEndpoint,
            webhook_endpoint.UpdateEndpoint,
            webhook_endpoint.DeleteEndpoint,
            webhook_endpoint.DisableEndpoint,
            webhook_endpoint.RollSecret,
        ),
    ),
    (webhooks.of_event, webhook_endpoint.resend, (webhook_endpoint.ResendEvent,)),
    (webhooks.of_acknowledged, acknowledging.decide, (acknowledging.Acknowledge,)),
    (mails.of_mail, mail.decide, (mail.ResendMail,)),
    (
        loading.of_clock,
        test_clock.decide,
        (
            test_clock.CreateClock,
            test_clock.AdvanceClock,
            test_clock.MoveClock,
            test_clock.ArriveClock,
            test_clock.DeleteClock,
        ),
    ),
)

TABLE: dict[type, tuple[Loader, Rule]] = {
    command: (loader, rule) for loader, rule, commands in _BY_SUBJECT for command in commands
}
