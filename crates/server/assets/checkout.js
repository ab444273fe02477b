// Makes the payment pages pleasanter. All of them work without it, up to the PG's own window.
(function () {
  'use strict';
  var root = document.documentElement;
  var body = document.body;
  var framed = window.parent !== window;
  var shopOrigin = body.dataset.shopOrigin || '';

  // Tells the shop's page around us, and nobody else, how far we are.
  function tell(message) {
    if (framed && shopOrigin) { window.parent.postMessage(Object.assign({ source: 'narupay' }, message), shopOrigin); }
  }
  if (framed) { root.classList.add('embedded'); }
  tell({ type: 'page', page: body.dataset.page });

  document.addEventListener('keydown', function (event) {
    if (event.key === 'Escape' && framed) { tell({ type: 'escape' }); }
  });

  // One press is one request. A page brought back from memory may be pressed again.
  document.querySelectorAll('form[data-once]').forEach(function (form) {
    var button = form.querySelector('button.main');
    var label = button.textContent;
    var sent = false;
    form.addEventListener('submit', function (event) {
      if (sent) { event.preventDefault(); return; }
      sent = true;
      button.setAttribute('aria-disabled', 'true');
      button.textContent = button.dataset.busy;
    });
    window.addEventListener('pageshow', function () {
      sent = false;
      button.removeAttribute('aria-disabled');
      button.textContent = label;
    });
  });

  // A wide screen has room for the order's parts; a narrow one opens them on request.
  var parts = document.querySelector('.two .parts');
  if (parts && window.matchMedia('(min-width: 880px)').matches) { parts.open = true; }

  document.querySelectorAll('[data-copy]').forEach(function (button) {
    if (!navigator.clipboard) { return; }
    var said = document.getElementById(button.dataset.said);
    button.hidden = false;
    button.addEventListener('click', function () {
      navigator.clipboard.writeText(button.dataset.copy).then(function () { said.textContent = button.dataset.done; });
    });
  });

  var result = document.querySelector('[data-outcome]');
  if (!result) { return; }
  function outcome() {
    return { status: result.dataset.outcome, paymentId: result.dataset.payment, orderId: result.dataset.order };
  }
  tell({ type: 'result', result: outcome() });
  document.querySelectorAll('[data-back]').forEach(function (link) {
    link.addEventListener('click', function (event) {
      if (!framed || !shopOrigin) { return; }
      event.preventDefault();
      tell({ type: 'close', result: outcome() });
    });
  });

  // Not decided yet: look again, slower and slower, and show what came of it.
  var waitMs = 1000;
  var waitMsMax = 15000;
  function again() { window.setTimeout(look, waitMs); waitMs = Math.min(waitMs * 1.5, waitMsMax); }
  function look() {
    fetch(result.dataset.status, { headers: { Accept: 'application/json' } })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .catch(function () { return null; })
      .then(function (now) {
        if (now && now.status !== result.dataset.state) { window.location.reload(); } else { again(); }
      });
  }
  if (result.dataset.status) { again(); }
}());
