// Makes the shop pleasanter; everything works without it.
(function () {
  'use strict';

  // One press is one request. The page may come back from the browser's memory: then buttons work again.
  function settle(form, busy) {
    form.querySelectorAll('button').forEach(function (button) {
      button.setAttribute('aria-busy', String(busy));
    });
    form.dataset.busy = busy ? 'yes' : '';
  }

  window.addEventListener('pageshow', function () {
    document.querySelectorAll('form').forEach(function (form) { settle(form, false); });
  });

  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (form.dataset.busy) {
      event.preventDefault();
      return;
    }
    settle(form, true);
    if (form.dataset.naruPay && typeof window.NaruPay === 'function') {
      event.preventDefault();
      pay(form);
    }
  });

  // Asks our server for the payment page, and lets NaruPay show it. Whatever goes wrong, the form is sent
  // as if there were no script: the server makes it the same order again.
  function pay(form) {
    var order;
    fetch(form.action, {
      method: 'POST',
      headers: { Accept: 'application/json' },
      body: new URLSearchParams(new FormData(form)),
    }).then(function (answer) {
      var json = (answer.headers.get('Content-Type') || '').indexOf('application/json') === 0;
      if (!answer.ok || !json) { throw new Error('no payment page'); }
      return answer.json();
    }).then(function (answer) {
      order = answer.orderUrl;
      return window.NaruPay(form.dataset.naruPay).pay(answer.checkoutUrl);
    }).then(function () {
      // What the browser heard is a hint; the order page asks the server.
      window.location.assign(order);
    }).catch(function () {
      if (order) { window.location.assign(order); } else { form.submit(); }
    });
  }

  // An order that changes by itself: look for news, slower and slower, and show them.
  var watched = document.querySelector('[data-watch]');
  var waitMs = 2000;
  var waitMsMax = 15000;

  function watch() {
    fetch(watched.dataset.watch, { headers: { Accept: 'application/json' } }).then(function (answer) {
      return answer.ok ? answer.json() : null;
    }).catch(function () { return null; }).then(function (state) {
      if (state && String(state.version) !== watched.dataset.version) {
        window.location.reload();
        return;
      }
      waitMs = Math.min(waitMs * 1.3, waitMsMax);
      window.setTimeout(watch, waitMs);
    });
  }

  if (watched) { window.setTimeout(watch, waitMs); }
}());
