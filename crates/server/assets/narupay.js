/*! NaruPay for the browser, v1. Apache-2.0 */
(function (scope) {
  'use strict';
  var here = document.currentScript ? document.currentScript.src : scope.__narupaySrc;
  var READY_MS_MAX = 8000;
  var open = null;
  var root = document.documentElement;

  function fail(code, text) {
    var error = new Error('NaruPay: ' + text);
    error.code = code;
    return error;
  }

  function style(element, rules) {
    // By the object model, which a strict CSP allows.
    Object.keys(rules).forEach(function (name) { element.style.setProperty(name, rules[name]); });
    return element;
  }

  function make(tag, rules, attributes) {
    var element = style(document.createElement(tag), rules);
    Object.keys(attributes || {}).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    return element;
  }

  function fits() {
    return window.parent === window && typeof HTMLDialogElement === 'function' &&
      matchMedia('(min-width: 768px) and (min-height: 560px)').matches && !matchMedia('(pointer: coarse)').matches;
  }

  // A modal dialog: the browser keeps the focus inside.
  function overlay(url, origin, test, onResult) {
    return new Promise(function (resolve) {
      var korean = (root.lang || navigator.language || '').slice(0, 2) !== 'en';
      var still = matchMedia('(prefers-reduced-motion: reduce)').matches;
      var dialog = make('dialog', { padding: '0', border: '0', margin: 'auto', width: '520px', height: '760px',
        'max-width': '100vw', 'max-height': '100vh', 'border-radius': '16px', overflow: 'hidden',
        background: 'Canvas', 'box-shadow': '0 16px 64px rgba(0,0,0,.4)', outline: '100vmax solid rgba(10,12,16,.55)' },
      { 'aria-label': korean ? '결제' : 'Payment' });
      var frame = make('iframe', { border: '0', width: '100%', height: '100%', display: 'block' },
        { title: korean ? '결제 화면' : 'Payment page', allow: 'payment *; clipboard-write ' + origin, referrerpolicy: 'origin' });
      var close = make('button', { position: 'absolute', top: '4px', right: '8px', width: '44px', height: '44px', border: '0',
        background: 'transparent', color: 'CanvasText', font: '400 26px/1 sans-serif', cursor: 'pointer' },
      { type: 'button', 'aria-label': korean ? '결제창 닫기' : 'Close payment' });
      close.textContent = '\u00d7';
      dialog.append(frame, close);
      var scroll = root.style.overflow;
      var before = document.activeElement;
      var last = null;
      var timer = setTimeout(away, READY_MS_MAX);
      function away() {
        if (test) { console.error('NaruPay: the payment page did not load inside this page, so it opens on its own. It may be framed only by the origin of the payment\'s returnUrl; this page is ' + location.origin); }
        location.assign(url);
      }
      // What may not be framed loads, too, but says nothing.
      frame.onload = function () { if (timer) { clearTimeout(timer); timer = setTimeout(away, 500); } };

      function end(result) {
        clearTimeout(timer);
        removeEventListener('message', hear);
        root.style.overflow = scroll;
        dialog.remove();
        open = null;
        if (before && before.focus) { before.focus(); }
        // onResult may throw.
        resolve(result);
        if (onResult) { onResult(result); }
      }

      // Closed by the shopper. What came of it the server knows best.
      function leave() {
        if (last) { end(last); return; }
        close.disabled = true;
        fetch(url.split(/[?#]/)[0] + '/status').then(function (answer) { return answer.json(); }).then(function (now) {
          end({ status: now.outcome, paymentId: now.paymentId, orderId: now.orderId });
        }).catch(function () { end({ status: 'checking', paymentId: null, orderId: null }); });
      }

      function hear(event) {
        var said = event.data;
        if (event.origin !== origin || event.source !== frame.contentWindow || !said || said.source !== 'narupay') { return; }
        timer = clearTimeout(timer);
        if (said.type === 'page') {
          // A PG's window needs room.
          var wide = said.page === 'window';
          style(dialog, { width: wide ? '100vw' : '520px', height: wide ? '100vh' : '760px', 'border-radius': wide ? '0' : '16px' });
          if (said.page !== 'result') { last = null; }
        }
        if (said.type === 'result') { last = said.result; }
        if (said.type === 'close') { end(said.result); }
        if (said.type === 'escape') { leave(); }
      }

      addEventListener('message', hear);
      close.addEventListener('click', leave);
      dialog.addEventListener('cancel', function (event) { event.preventDefault(); leave(); });
      if (!still) { style(dialog, { transition: 'width .2s, height .2s' }); }
      frame.src = url + (url.indexOf('?') < 0 ? '?' : '&') + 'embed=1';
      document.body.appendChild(dialog);
      root.style.overflow = 'hidden';
      dialog.showModal();
      frame.focus();
    });
  }

  function NaruPay(clientKey) {
    var test = /^ck_test_/.test(clientKey);
    var base = new URL(here || location.href).origin;
    if (!test && !/^ck_live_/.test(clientKey)) {
      throw fail('client_key', 'the client key begins with ck_test_ or ck_live_; a secret key never goes into a page');
    }
    return {
      pay: function (checkoutUrl, options) {
        var url;
        try { url = new URL(checkoutUrl); } catch (_) { url = null; }
        if (!url || url.origin !== base || !/^\/checkout\/[\w-]+$/.test(url.pathname)) {
          return Promise.reject(fail('checkout_url', 'pay() takes the payment\'s checkoutUrl, at ' + base + ', not ' + checkoutUrl));
        }
        if (open) { return open; }
        if (!(options && options.redirect) && fits()) {
          open = overlay(url.href, base, test, options && options.onResult);
          return open;
        }
        location.assign(url.href);
        // The page goes; the shopper comes back by the payment's returnUrl.
        return new Promise(function () {});
      }
    };
  }

  NaruPay.version = '1';
  scope.NaruPay = NaruPay;
}(globalThis));
