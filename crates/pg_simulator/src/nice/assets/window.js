/* The end of a window: sends the form to the shop, or, in an iframe, hands it to the page around it and only to the
   origin that opened the window. */
(function () {
  'use strict';
  var result = document.getElementById('result');
  if (!result) return;
  var form = document.getElementById('return');
  if (window.parent !== window && result.dataset.origin) {
    var fields = {};
    if (form) {
      form.querySelectorAll('input[name]').forEach(function (input) { fields[input.name] = input.value; });
    }
    window.parent.postMessage({
      source: 'nice-window', outcome: result.dataset.outcome, message: result.dataset.message,
      code: result.dataset.code || fields.authResultCode, action: form ? form.action : '',
      charset: form ? form.acceptCharset : '', fields: fields,
    }, result.dataset.origin);
  } else if (form) {
    form.submit();
  }
})();
