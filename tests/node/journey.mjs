// The official Node SDK against Seikyu, with nothing changed but the address and the key.
//
// SEIKYU_BASE and SEIKYU_KEY say where and who. The script goes through what a business does, from a
// customer to a paid invoice, receives the webhooks on a port of its own and verifies them with the
// SDK's verifier, and provokes the errors a program handles. It judges nothing: it prints one JSON
// object that says what happened, and the test that started it compares.

import { createServer } from 'node:http';
import Stripe from 'stripe';

const base = new URL(process.env.SEIKYU_BASE);
const stripe = new Stripe(process.env.SEIKYU_KEY, {
  host: base.hostname,
  port: Number(base.port),
  protocol: base.protocol.replace(':', ''),
  maxNetworkRetries: 2,
});

const WEBHOOK_SECONDS = 20;

async function receiver() {
  const received = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const payload = Buffer.concat(chunks);
      received.push({ payload, signature: request.headers['stripe-signature'] });
      response.writeHead(200).end();
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${server.address().port}/webhooks`;
  return { received, url, close: () => server.close() };
}

// What the SDK raised: its class, and what a program would look at.
async function raised(call) {
  try {
    await call();
  } catch (error) {
    const { type, code, param, statusCode, requestId } = error;
    const declineCode = error.decline_code;
    const messageSaid = error.message;
    const isStripeError = error instanceof Stripe.errors.StripeError;
    return { type, code, param, statusCode, requestId, declineCode, messageSaid, isStripeError };
  }
  return null;
}

async function customerWithCard(card, name) {
  const customer = await stripe.customers.create({ name, email: 'keiri@example.jp' });
  const method = await stripe.paymentMethods.attach(card, { customer: customer.id });
  return stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: method.id },
  });
}

async function invoiceWithLines(customer) {
  const invoice = await stripe.invoices.create({
    customer: customer.id,
    currency: 'jpy',
    collection_method: 'charge_automatically',
    auto_advance: false,
    metadata: { board_invoice_id: '1001' },
  });
  await stripe.invoiceItems.create({
    customer: customer.id,
    invoice: invoice.id,
    amount: 10000,
    currency: 'jpy',
    description: '制作費',
  });
  return stripe.invoices.addLines(invoice.id, {
    lines: [
      { amount: 2500, description: '保守 4月' },
      { amount: -500, description: '値引き' },
    ],
  });
}

async function paid(result) {
  const customer = await customerWithCard('pm_card_visa', '株式会社サンプル');
  result.customer = { id: customer.id, name: customer.name };
  const draft = await invoiceWithLines(customer);
  result.draft = { status: draft.status, total: draft.total, lines: draft.lines.data.length };
  const open = await stripe.invoices.finalizeInvoice(draft.id);
  result.open = { status: open.status, amount_due: open.amount_due, number: open.number };
  const settled = await stripe.invoices.pay(draft.id);
  result.settled = { status: settled.status, amount_paid: settled.amount_paid };
  const listed = await stripe.invoices.list({ customer: customer.id, status: 'paid' });
  result.listed = listed.data.map((invoice) => invoice.id === draft.id);
  const expanded = await stripe.invoices.retrieve(draft.id, {
    expand: ['payments.data.payment.payment_intent'],
  });
  const payment = expanded.payments.data[0];
  const intent = payment.payment.payment_intent;
  result.expanded = {
    payment: payment.status,
    amount_paid: payment.amount_paid,
    intent: { object: intent.object, status: intent.status, amount: intent.amount },
  };
  result.walked = [];
  for await (const line of stripe.invoices.listLineItems(draft.id, { limit: 1 })) {
    result.walked.push(line.amount);
  }
  return draft;
}

async function webhook(result, hooks, endpoint, invoice) {
  const deadline = Date.now() + WEBHOOK_SECONDS * 1000;
  const isPaid = ({ payload }) => JSON.parse(payload).type === 'invoice.paid';
  while (!hooks.received.some(isPaid) && Date.now() < deadline) {
    await new Promise((later) => setTimeout(later, 50));
  }
  const delivery = hooks.received.find(isPaid);
  if (delivery === undefined) {
    result.webhook = { received: hooks.received.map(({ payload }) => JSON.parse(payload).type) };
    return;
  }
  const { payload, signature } = delivery;
  const event = stripe.webhooks.constructEvent(payload, signature, endpoint.secret);
  const other = Buffer.from(payload.toString().replace('"paid"', '"void"'));
  result.webhook = {
    type: event.type,
    sameInvoice: event.data.object.id === invoice.id,
    tampered: await raised(() => stripe.webhooks.constructEvent(other, signature, endpoint.secret)),
    otherSecret: await raised(() => stripe.webhooks.constructEvent(payload, signature, 'whsec_no')),
  };
}

async function errors(result) {
  const customer = await customerWithCard('pm_card_chargeCustomerFail', 'サンプル商店');
  const declined = await invoiceWithLines(customer);
  await stripe.invoices.finalizeInvoice(declined.id);
  const once = { idempotencyKey: `journey-${declined.id}` };
  await stripe.customers.create({ name: 'サンプル一' }, once);
  result.errors = {
    declined: await raised(() => stripe.invoices.pay(declined.id)),
    missing: await raised(() => stripe.products.create({})),
    unknown: await raised(() => stripe.invoices.retrieve('in_000000000000000000000000')),
    mismatch: await raised(() => stripe.customers.create({ name: 'サンプル二' }, once)),
    wrongKey: await raised(() => stripe.customers.list({}, { apiKey: 'sk_test_unknown' })),
  };
}

const result = { sdk: Stripe.PACKAGE_VERSION };
const hooks = await receiver();
try {
  const endpoint = await stripe.webhookEndpoints.create({
    url: hooks.url,
    enabled_events: ['invoice.*'],
  });
  const invoice = await paid(result);
  await webhook(result, hooks, endpoint, invoice);
  await errors(result);
} finally {
  hooks.close();
}
console.log(JSON.stringify(result));
