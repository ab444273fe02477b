/* In an iframe: hands the result to the page around it, and only to the origin that opened the window. */
(function () {
  'use strict';
  var result = document.getElementById('result');
  if (!result || window.parent === window || !result.dataset.origin) return;
  var data = { source: 'toss-window' };
  Object.keys(result.dataset).forEach(function (name) {
    if (name !== 'test' && name !== 'origin') data[name] = result.dataset[name];
  });
  window.parent.postMessage(data, result.dataset.origin);
})();
