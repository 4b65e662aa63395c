"""Every way in which a rule says no. A class is named for the rule; the edge translates it once.

``code`` is Stripe's error code where Stripe has one for the rule. ``param`` is the parameter at fault.
The message says what the state is and what would be possible.
"""


class Refusal(Exception):
    """A rule forbids the command. Nothing was changed, unless a Decision carries it."""

    code: str | None = None

    def __init__(self, message: str, param: str | None = None) -> None:
        """``message`` is shown to the caller; ``param`` is in bracket notation."""
        super().__init__(message)
        self.message = message
        self.param = param


class ParameterMissing(Refusal):
    """A parameter is needed in this situation."""

    code = "parameter_missing"

    def __init__(self, param: str) -> None:
        """Name the parameter that is missing."""
        super().__init__(f"Missing required param: {param}.", param)


class ParametersExclude(Refusal):
    """Two parameters were given of which only one may be."""

    code = "parameters_exclusive"


class ParameterNotAllowed(Refusal):
    """A parameter that cannot be used in this situation."""

    code = "parameter_unknown"


class NotServed(Refusal):
    """A part of Stripe's API that this version does not serve; said plainly instead of ignored."""


class ObjectMissing(Refusal):
    """An object named by the command does not exist in this world."""

    code = "resource_missing"

    def __init__(self, noun: str, id: str, param: str = "id") -> None:
        """``noun`` in Stripe's words: ``invoice``, ``customer``, ``payment_intent``."""
        super().__init__(f"No such {noun}: '{id}'", param)


class InvoiceNotEditable(Refusal):
    """The status of the invoice forbids the command."""

    code = "invoice_not_editable"


class OnlyDraftsCanBeDeleted(InvoiceNotEditable):
    """A finalized invoice stays on record: it can be voided, never deleted."""


class OnlyDraftsCanBeFinalized(InvoiceNotEditable):
    """Finalizing happens once."""


class LinesAreFrozen(InvoiceNotEditable):
    """Lines and amounts are fixed by finalization."""


class FieldIsFrozen(InvoiceNotEditable):
    """The field cannot change in this status."""


class InvoiceNotPayable(Refusal):
    """Money cannot be collected on the invoice in this status."""

    code = None  # Stripe answers this with a sentence alone


class InvoiceAlreadyPaid(InvoiceNotPayable):
    """The invoice is paid."""

    code = None  # Stripe answers this with a sentence alone


class InvoiceNotVoidable(Refusal):
    """Only open or uncollectible invoices on which nothing was paid can be voided."""

    code = "status_transition_invalid"


class RefundNotPossible(Refusal):
    """There is no money of this payment to give back, or not as much."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None) -> None:
        """``code`` is Stripe's for the case, where it has one."""
        super().__init__(message, param)
        self.code = code


class CashBalanceInsufficient(Refusal):
    """The customer's cash balance does not have as much."""

    code = "balance_insufficient"


class CustomerHasCash(Refusal):
    """A customer whose money is still here cannot be deleted."""


class FundingIsForTests(Refusal):
    """Money comes by a test helper in test mode only."""


class NoBankAccount(Refusal):
    """There is no bank account, or no further number of one, that a customer could be told."""


class LineIsSettled(Refusal):
    """What a line of a bank statement was taken for forbids the command."""


class StatementNotTaken(Refusal):
    """The file cannot be read as a bank statement, or lacks what was asked for; nothing was imported."""


class PlanNotAllowed(Refusal):
    """A payment plan that the invoice cannot have, or a command that a plan under way forbids."""


class InvoiceNotUncollectible(Refusal):
    """Only open invoices can be given up."""

    code = "status_transition_invalid"


class InvoiceNotSendable(Refusal):
    """Only invoices that are collected by mail can be sent, while they can still be paid."""

    code = "invoice_not_editable"


class InvoiceHasNoLines(Refusal):
    """An invoice needs at least one line to be finalized."""

    code = "invoice_no_customer_line_items"


class AmountTooLarge(Refusal):
    """At most 12 digits in the smallest unit of the currency."""

    code = "amount_too_large"


class AmountTooSmall(Refusal):
    """Below the currency's minimum charge."""

    code = "amount_too_small"


class CurrencyDiffers(Refusal):
    """All amounts of one invoice are in one currency."""

    code = None  # Stripe answers this with a sentence alone


class AutoAdvanceIsOver(Refusal):
    """Automatic advancement can be switched in draft and open only."""

    code = "invoice_not_editable"


class NoPaymentMethod(Refusal):
    """Nothing to charge: neither the invoice nor the customer names a payment method."""

    code = "missing"


class PaymentInProgress(Refusal):
    """A charge of the same payment is on its way; its outcome must be known first."""

    code = "lock_timeout"


class PaymentMethodUnusable(Refusal):
    """The payment method belongs to nobody or to somebody else."""

    code = "payment_method_customer_decline"


class PaymentMethodConsumed(Refusal):
    """A payment method that was detached cannot be used again."""

    code = "payment_method_unexpected_state"


class IntentStateForbids(Refusal):
    """The status of the payment intent forbids the command."""

    code = "payment_intent_unexpected_state"


class PaymentNotApplicable(Refusal):
    """The payment cannot be applied to this invoice; the sentence says why."""

    code = "invoice_not_editable"

    def __init__(self, message: str, param: str | None = None, code: str | None = None) -> None:
        """``code`` is Stripe's for what is wrong with the payment; without it the invoice is at fault."""
        super().__init__(message, param)
        self.code = code or self.code


class PaymentNotApplied(Refusal):
    """The payment is not applied to this invoice, so it cannot be un-applied."""

    code = "invoice_not_editable"

    def __init__(self, message: str, param: str | None = None, code: str | None = None) -> None:
        """``code`` is Stripe's for what is wrong with the payment; without it the invoice is at fault."""
        super().__init__(message, param)
        self.code = code or self.code


class CustomerIsDeleted(Refusal):
    """A deleted customer can be read but not used."""

    code = "resource_missing"


class PrefixTaken(Refusal):
    """Invoice prefixes are unique within a world."""

    code = None  # Stripe answers this with a sentence alone


class NumberTaken(Refusal):
    """Invoice numbers are unique within a world, and a customer's prefix numbers its own invoices."""

    code = None  # Stripe answers this with a sentence alone


class LookupKeyTaken(Refusal):
    """Lookup keys are unique among active prices."""

    code = "resource_already_exists"


class AlreadyExists(Refusal):
    """An object with the id given by the caller exists."""

    code = "resource_already_exists"


class InUse(Refusal):
    """The object is referred to by others and cannot be deleted."""

    code = None  # Stripe answers this with a sentence alone


class CouponNotRedeemable(Refusal):
    """The coupon is over, or was redeemed as often as it can be."""

    code = "coupon_expired"


class PromotionCodeNotRedeemable(Refusal):
    """The promotion code is switched off, over, used up, or not for this customer or purchase."""

    code = None  # Stripe answers this with a sentence alone


class PromotionCodeTaken(Refusal):
    """Regardless of case, no two active promotion codes of one customer are the same."""

    code = "resource_already_exists"


class DiscountNotApplicable(Refusal):
    """The discount has no value in the currency, is not known here, or is one too many."""

    code = None  # Stripe answers this with a sentence alone


class NothingUpcoming(Refusal):
    """There is no invoice to come of which a preview could be made."""

    code = "invoice_upcoming_none"


class NoDiscount(Refusal):
    """There is no discount to take off."""

    code = "resource_missing"


class ClockCannotGoBack(Refusal):
    """A test clock only moves forward."""

    code = "parameter_invalid_integer"


class ClockIsBusy(Refusal):
    """A test clock that is advancing takes no second command."""

    code = None  # Stripe answers this with a sentence alone


class TestClocksAreForTests(Refusal):
    """Test clocks exist in test mode only."""

    __test__ = False


class CardDeclined(Refusal):
    """The card was refused. Answered with HTTP 402; the failed charge is on record.

    ``decline_code`` is the issuer's reason; ``charge`` the failed charge; ``intent`` the payment intent's id.
    """

    code = "card_declined"

    def __init__(
        self,
        message: str,
        *,
        code: str = "card_declined",
        decline_code: str | None = None,
        charge: str | None = None,
        intent: str | None = None,
        method: str | None = None,
    ) -> None:
        """Give the processor's answer in Stripe's words."""
        super().__init__(message)
        self.code = code
        self.decline_code = decline_code
        self.charge = charge
        self.intent = intent
        self.method = method


class ActionRequired(CardDeclined):
    """The customer must authenticate (3-D Secure) before the card can be charged."""


class PortalIsInactive(Refusal):
    """A portal configuration that is switched off lets nobody in, and the default stays on."""

    code = None  # Stripe answers this with a sentence alone


class LastCardIsNeeded(Refusal):
    """A customer whose subscription is charged automatically keeps at least one card in the portal."""

    code = None  # a rule of the portal's pages; no program hears of it


class SubscriptionHasEnded(Refusal):
    """A subscription that is canceled or never began takes notes about itself and nothing else."""

    code = None  # Stripe answers this with a sentence alone


class SubscriptionIncomplete(Refusal):
    """What a subscription bills cannot change before its first invoice is paid."""

    code = None  # Stripe answers this with a sentence alone


class SubscriptionIsPaused(Refusal):
    """A paused subscription bills nothing until it is resumed."""

    code = None  # Stripe answers this with a sentence alone


class SubscriptionIsNotPaused(Refusal):
    """Only a paused subscription can be resumed."""

    code = None  # Stripe answers this with a sentence alone


class SubscriptionNeedsItems(Refusal):
    """A subscription bills between one and twenty different recurring prices."""

    code = None  # Stripe answers this with a sentence alone


class PriceDoesNotFit(Refusal):
    """All prices of a subscription recur, in one currency and equally often."""

    code = None  # Stripe answers this with a sentence alone


class MomentNotAllowed(Refusal):
    """The moment is not one at which this can happen."""

    code = "parameter_invalid_integer"


class SubscriptionLinesStay(InvoiceNotEditable):
    """What a subscription bills is changed on the subscription, and its invoices cannot be deleted."""


class EndpointIsDisabled(Refusal):
    """Nothing is sent to a webhook endpoint that is disabled."""


class NobodyListens(Refusal):
    """An event is to be sent again, and no webhook endpoint is there to take it."""


class InvoiceNotCreditable(Refusal):
    """Only an invoice that was finalized and not voided can have credit notes."""

    code = None  # Stripe answers this with a sentence alone


class CreditTooLarge(Refusal):
    """No more can be credited than the invoice comes to, less what was credited or refunded before."""

    code = None  # Stripe answers this with a sentence alone


class CreditMustBePositive(Refusal):
    """A credit note takes something off its invoice."""

    code = None  # Stripe answers this with a sentence alone


class CreditDoesNotAddUp(Refusal):
    """What was paid already and is credited must be given back in full, in one way or several."""

    code = None  # Stripe answers this with a sentence alone


class RefundNotLinkable(Refusal):
    """A credit note names refunds of its own invoice's payments, as far as no other names them."""

    code = None  # Stripe answers this with a sentence alone


class CreditNoteNotVoidable(Refusal):
    """A credit note can be voided while its invoice is open and nothing was given back."""

    code = None  # Stripe answers this with a sentence alone
