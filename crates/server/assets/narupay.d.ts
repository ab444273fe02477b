// Types of https://<your NaruPay>/sdk/v1/narupay.js, and of narupay.mjs as an ES module.

export interface NaruPayResult {
  /**
   * paid: the money is the shop's. waiting_for_deposit: a virtual account was given out.
   * not_paid: nothing was charged. checking: not known yet; do not ask the shopper to pay again.
   * A hint for the page only: ship when your server has read the payment or got the webhook.
   */
  status: 'paid' | 'waiting_for_deposit' | 'not_paid' | 'checking';
  paymentId: string | null;
  orderId: string | null;
}

export interface PayOptions {
  /** Called once, with what the promise resolves to. */
  onResult?: (result: NaruPayResult) => void;
  /** true: always leave for the payment page, never show it inside this one. */
  redirect?: boolean;
}

export interface NaruPayClient {
  /**
   * Shows the payment page. On a wide screen in a dialog: resolves when the shopper is done or closes it.
   * On a phone the browser leaves for the payment page and comes back by the payment's returnUrl,
   * so the promise does not settle.
   */
  pay(checkoutUrl: string, options?: PayOptions): Promise<NaruPayResult>;
}

export interface NaruPayError extends Error {
  code: 'client_key' | 'checkout_url';
}

/** clientKey: ck_test_… or ck_live_…, never a secret key. */
export function NaruPay(clientKey: string): NaruPayClient;
export namespace NaruPay { const version: '1'; }
export default NaruPay;

declare global {
  function NaruPay(clientKey: string): NaruPayClient;
}
