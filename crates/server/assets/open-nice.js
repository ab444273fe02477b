// Opens the payment window of NICE Payments with what the server prepared. Nothing here is secret, and
// nothing it says is believed: the window posts a signed form to the server, and the server asks NICE itself.
(function () {
  'use strict';
  var opener = document.getElementById('opener');
  var button = document.getElementById('open');
  var wrong = document.getElementById('wrong');
  var wrongText = document.getElementById('wrong-text');
  var given = JSON.parse(opener.dataset.parameters);
  var scriptMsMax = 15000;
  var closedCodes = ['I002', 'P091'];
  var opening = false;

  function free() {
    opening = false;
    button.removeAttribute('aria-disabled');
  }

  function say(text) {
    wrongText.textContent = text;
    wrong.hidden = !text;
    free();
  }

  // Once per page; again only after it failed.
  var loading = null;
  function script() {
    if (window.AUTHNICE) { return Promise.resolve(); }
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

  // Before the shopper authenticated: closed, or refused. Nothing was charged, and the window may be opened again.
  function failed(result) {
    var code = result && (result.resultCode || result.authResultCode);
    var said = String((result && (result.msg || result.errorMsg)) || '');
    var closed = closedCodes.indexOf(code) >= 0 || said.indexOf('취소') >= 0;
    say(closed ? opener.dataset.closed : opener.dataset.failed);
  }

  function request() {
    var parameters = {};
    Object.keys(given).forEach(function (name) { parameters[name] = given[name]; });
    parameters.fnError = failed;
    return parameters;
  }

  function open() {
    if (opening) { return; }
    opening = true;
    wrong.hidden = true;
    button.setAttribute('aria-disabled', 'true');
    script().then(function () {
      try {
        window.AUTHNICE.requestPay(request());
      } catch (error) {
        failed(null);
        return;
      }
      // The window posts the page away by itself; where it does not, it may be opened again.
      window.setTimeout(free, 3000);
    }, function () {
      say(opener.dataset.noScript);
    });
  }

  button.addEventListener('click', open);
  // Opened by itself once; somebody who comes back to this page presses the button.
  window.addEventListener('pageshow', function (event) {
    free();
    var entry = performance.getEntriesByType('navigation')[0];
    if (!event.persisted && !(entry && entry.type === 'back_forward')) { open(); }
  });
}());
