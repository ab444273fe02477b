// Opens the payment window of Toss Payments with what the server prepared. Nothing here is secret,
// and nothing it says is believed: the server asks Toss itself.
(function () {
  'use strict';
  var opener = document.getElementById('opener');
  var button = document.getElementById('open');
  var wrong = document.getElementById('wrong');
  var wrongText = document.getElementById('wrong-text');
  var given = JSON.parse(opener.dataset.parameters);
  var scriptMsMax = 15000;
  var opening = false;

  function say(text) {
    wrongText.textContent = text;
    wrong.hidden = !text;
    opening = false;
    button.removeAttribute('aria-disabled');
  }

  // Once per page; again only after it failed.
  var loading = null;
  function script() {
    if (window.TossPayments) { return Promise.resolve(); }
    loading = loading || new Promise(function (resolve, reject) {
      var tag = document.createElement('script');
      var timer = window.setTimeout(fail, scriptMsMax);
      function fail() { window.clearTimeout(timer); tag.remove(); loading = null; reject(new Error('script')); }
      tag.src = opener.dataset.script;
      tag.onload = function () { window.clearTimeout(timer); resolve(); };
      tag.onerror = fail;
      document.head.appendChild(tag);
    });
    return loading;
  }

  function open() {
    if (opening) { return; }
    opening = true;
    wrong.hidden = true;
    button.setAttribute('aria-disabled', 'true');
    script().then(function () {
      return window.TossPayments(given.clientKey).payment({ customerKey: given.customerKey }).requestPayment(given.request);
    }, function () {
      say(opener.dataset.noScript);
      return null;
    }).then(function () {
      // The window navigates away by itself; where it does not, it may be opened again.
      window.setTimeout(function () { opening = false; button.removeAttribute('aria-disabled'); }, 3000);
    }, function (error) {
      var closed = error && (error.code === 'USER_CANCEL' || error.code === 'PAY_PROCESS_CANCELED');
      say(closed ? opener.dataset.closed : opener.dataset.failed);
    });
  }

  button.addEventListener('click', open);
  // Opened by itself once; somebody who comes back to this page presses the button.
  window.addEventListener('pageshow', function (event) {
    opening = false;
    button.removeAttribute('aria-disabled');
    var entry = performance.getEntriesByType('navigation')[0];
    if (!event.persisted && !(entry && entry.type === 'back_forward')) { open(); }
  });
}());
