/*
 * The browser script of the NICE Payments simulator: the same global and call as the PG's own `/v1/js/`, written
 * anew. Works under a strict page policy: no inline script or style, no eval, no fetch. The page's policy must
 * allow us in script-src, in frame-src, and its own return address in form-action.
 */
(function (global) {
  'use strict';

  var script = global.document.currentScript;
  var base = script ? script.src.replace(/\/v1\/js\/?([?#].*)?$/, '') : '';
  if (!/\/nice$/.test(base)) base += '/nice';
  var origin = new URL(base, global.location.href).origin;

  var METHODS = ['card', 'directCard', 'bank', 'vbank', 'cellphone', 'naverpayCard', 'kakaopay', 'kakaopayCard',
    'kakaopayMoney', 'samsungpayCard', 'payco', 'ssgpay', 'cardAndEasyPay'];
  /* Names and the most bytes of each. */
  var NEEDED = { clientId: 50, method: 20, orderId: 64, amount: 12, goodsName: 40, returnUrl: 500 };
  var OPTIONAL = {
    mallReserved: 500, mallUserId: 20, buyerName: 30, buyerTel: 40, buyerEmail: 60, useEscrow: 5, currency: 3,
    taxFreeAmt: 12, language: 2, returnCharSet: 6, cardQuota: 100, cardCode: 100, cardShowOpt: 50, vbankHolder: 40,
    vbankValidHours: 4, vbankExpDate: 40, isDigital: 5, directReceiptType: 20, directReceiptNo: 20, appScheme: 200,
  };

  function isMobile() {
    return /Android|iPhone|iPad|iPod|Mobile/i.test(global.navigator.userAgent);
  }

  function given(value) {
    return value !== undefined && value !== null && value !== '';
  }

  function bytes(text) {
    return unescape(encodeURIComponent(text)).length;
  }

  /* What is wrong with the parameters, for the developer; null: nothing. */
  function mistake(wanted) {
    var names = Object.keys(NEEDED);
    for (var i = 0; i < names.length; i += 1) {
      if (!given(wanted[names[i]])) return 'P001 ' + names[i];
    }
    var all = Object.assign({}, NEEDED, OPTIONAL);
    names = Object.keys(all);
    for (i = 0; i < names.length; i += 1) {
      if (given(wanted[names[i]]) && bytes(String(wanted[names[i]])) > all[names[i]]) return 'P008 ' + names[i];
    }
    if (METHODS.indexOf(wanted.method) < 0) return 'P012 method';
    if (!/^[0-9]+$/.test(String(wanted.amount))) return 'P010 amount';
    if (!/^https?:\/\/[^/]+/.test(wanted.returnUrl)) return 'P010 returnUrl';
    if (wanted.method === 'vbank' && !given(wanted.vbankHolder)) return 'P001 vbankHolder';
    if (wanted.method === 'cellphone' && !given(wanted.isDigital)) return 'P001 isDigital';
    if (given(wanted.cardQuota) && !/^[0-9]{2}(,[0-9]{2})*$/.test(wanted.cardQuota)) return 'P028 cardQuota';
    if (given(wanted.cardQuota) && /(^|,)01(,|$)/.test(wanted.cardQuota)) return 'P028 cardQuota';
    return null;
  }

  /* Navigating by address, not by form: a page's form-action policy need not know us then. */
  function addressOf(wanted, target) {
    var fields = new URLSearchParams();
    Object.keys(NEEDED).concat(Object.keys(OPTIONAL)).forEach(function (name) {
      if (given(wanted[name])) fields.append(name, String(wanted[name]));
    });
    fields.append('_target', target);
    fields.append('_origin', global.location.origin);
    fields.append('_mobile', String(isMobile()));
    return base + '/window?' + fields.toString();
  }

  var open = null;

  function close() {
    if (!open) return;
    global.removeEventListener('message', open.listener);
    global.document.body.style.overflow = open.overflow;
    open.overlay.remove();
    open = null;
  }

  function styled(element, style) {
    // Through the object model: a page's style-src policy does not reach here.
    Object.keys(style).forEach(function (name) { element.style[name] = style[name]; });
    return element;
  }

  function send(end) {
    var form = global.document.createElement('form');
    form.method = 'post';
    form.action = end.action;
    form.acceptCharset = end.charset || 'utf-8';
    Object.keys(end.fields).forEach(function (name) {
      var input = global.document.createElement('input');
      input.type = 'hidden';
      input.name = name;
      input.value = end.fields[name];
      form.appendChild(input);
    });
    global.document.body.appendChild(form);
    form.submit();
  }

  function openFrame(wanted, fail) {
    close();
    var overlay = styled(global.document.createElement('div'), {
      position: 'fixed', inset: '0', zIndex: wanted.zIdxHigher ? '2147483647' : '2147483000', display: 'flex',
      alignItems: 'center', justifyContent: 'center', background: 'rgba(0, 0, 0, 0.5)',
    });
    overlay.id = 'nice_layer';
    overlay.setAttribute('role', 'dialog');
    overlay.setAttribute('aria-modal', 'true');
    overlay.setAttribute('aria-label', '결제창');
    var frame = styled(global.document.createElement('iframe'), {
      width: 'min(100%, 660px)', height: 'min(100%, 825px)', border: '0', borderRadius: '16px', background: '#fff',
    });
    frame.id = 'nice_frame';
    frame.title = '결제창';
    frame.src = addressOf(wanted, 'iframe');
    overlay.appendChild(frame);
    function listener(event) {
      if (event.origin !== origin || event.source !== frame.contentWindow) return;
      if (!event.data || event.data.source !== 'nice-window') return;
      close();
      if (event.data.outcome === 'returned') send(event.data);
      else fail(event.data.code + ' ' + event.data.message, event.data.message);
    }
    open = { overlay: overlay, listener: listener, overflow: global.document.body.style.overflow };
    global.addEventListener('message', listener);
    global.document.body.style.overflow = 'hidden';
    global.document.body.appendChild(overlay);
    frame.focus();
  }

  global.AUTHNICE = {
    requestPay: function (wanted) {
      var params = wanted || {};
      function fail(forDeveloper, forBuyer) {
        if (typeof params.fnError !== 'function') throw new Error(forDeveloper);
        params.fnError({ errorMsg: forDeveloper, msg: forBuyer });
      }
      if (typeof params.fnError !== 'function') throw new Error('P001 fnError');
      var wrong = mistake(params);
      if (wrong) {
        fail(wrong, '결제 요청이 올바르지 않습니다. 상점에 문의해 주세요.');
      } else if (isMobile()) {
        global.location.assign(addressOf(params, 'self'));
      } else {
        openFrame(params, fail);
      }
    },
  };
})(window);
