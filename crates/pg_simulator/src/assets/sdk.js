/*
 * The browser SDK of the Toss Payments simulator: the same global and calls as the PG's own script
 * (v2 `/v2/standard` and v1 `/v1`), written anew. Works under a strict page policy: no inline script or
 * style, no eval, no fetch. The page's policy must allow us in script-src, and in frame-src for iframes.
 */
(function (global) {
  'use strict';

  var ANONYMOUS = '@@ANONYMOUS';
  var script = global.document.currentScript;
  var base = script ? script.src.replace(/\/(v2\/standard|v1)([?#].*)?$/, '') : '';
  if (!/\/toss$/.test(base)) base += '/toss';
  var origin = new URL(base, global.location.href).origin;

  /* Errors: class name and code together say what went wrong. */

  function errorClass(name, code, words) {
    function TypedError(message) {
      var error = new Error(message || words);
      Object.setPrototypeOf(error, TypedError.prototype);
      error.code = code;
      return error;
    }
    TypedError.prototype = Object.create(Error.prototype, {
      constructor: { value: TypedError },
      name: { value: name },
    });
    return TypedError;
  }

  var errors = {
    UserCancelError: errorClass('UserCancelError', 'USER_CANCEL', '취소되었습니다.'),
    PaymentRequestAbortedError: errorClass('PaymentRequestAbortedError', 'PAYMENT_REQUEST_ABORTED', '결제 요청이 중단되었습니다.'),
    PaymentRequestFailError: errorClass('PaymentRequestFailError', 'PAYMENT_REQUEST_FAIL', '결제 요청에 실패했습니다.'),
    InvalidParametersError: errorClass('InvalidParametersError', 'INVALID_PARAMETERS', '파라미터가 올바르지 않습니다.'),
    InvalidClientKeyError: errorClass('InvalidClientKeyError', 'INVALID_CLIENT_KEY', '클라이언트 키가 올바르지 않습니다.'),
    InvalidCustomerKeyError: errorClass('InvalidCustomerKeyError', 'INVALID_CUSTOMER_KEY', '고객 키가 올바르지 않습니다.'),
    InvalidAmountValueError: errorClass('InvalidAmountValueError', 'INVALID_AMOUNT_VALUE', '금액이 올바르지 않습니다.'),
    InvalidAmountCurrencyError: errorClass('InvalidAmountCurrencyError', 'INVALID_AMOUNT_CURRENCY', '통화가 올바르지 않습니다.'),
    BelowZeroAmountError: errorClass('BelowZeroAmountError', 'BELOW_ZERO_AMOUNT', '금액은 0보다 커야 합니다.'),
    InvalidMetadataError: errorClass('InvalidMetadataError', 'INVALID_METADATA', 'metadata가 올바르지 않습니다.'),
    IncorrectSuccessUrlFormatError: errorClass('IncorrectSuccessUrlFormatError', 'INCORRECT_SUCCESS_URL_FORMAT', 'successUrl은 도메인을 포함한 절대 주소여야 합니다.'),
    IncorrectFailUrlFormatError: errorClass('IncorrectFailUrlFormatError', 'INCORRECT_FAIL_URL_FORMAT', 'failUrl은 도메인을 포함한 절대 주소여야 합니다.'),
    NotSupportedPromiseError: errorClass('NotSupportedPromiseError', 'NOT_SUPPORTED_PROMISE', '모바일에서는 successUrl과 failUrl이 필요합니다.'),
    NotSupportedMethodError: errorClass('NotSupportedMethodError', 'NOT_SUPPORTED_METHOD', '지원하지 않는 결제 수단입니다.'),
    NotSupportedWidgetKeyError: errorClass('NotSupportedWidgetKeyError', 'NOT_SUPPORTED_WIDGET_KEY', '위젯 키로는 쓸 수 없습니다.'),
    NotSupportedAPIIndividualKeyError: errorClass('NotSupportedAPIIndividualKeyError', 'NOT_SUPPORTED_API_INDIVIDUAL_KEY', '결제위젯에는 위젯 키가 필요합니다.'),
    InsecureKeyUsageError: errorClass('InsecureKeyUsageError', 'INSECURE_KEY_USAGE', '브라우저에서 시크릿 키를 쓰면 안 됩니다.'),
    NotSimulatedError: errorClass('NotSimulatedError', 'NOT_SIMULATED', '시뮬레이터가 아직 흉내 내지 않는 기능입니다.'),
  };

  var METHODS = {
    CARD: 'card',
    TRANSFER: 'transfer',
    VIRTUAL_ACCOUNT: 'virtualAccount',
    MOBILE_PHONE: 'mobilePhone',
    CULTURE_GIFT_CERTIFICATE: null,
    BOOK_GIFT_CERTIFICATE: null,
    GAME_GIFT_CERTIFICATE: null,
    FOREIGN_EASY_PAY: 'foreignEasyPay',
  };

  var V1_METHODS = {
    '카드': 'CARD',
    '계좌이체': 'TRANSFER',
    '가상계좌': 'VIRTUAL_ACCOUNT',
    '휴대폰': 'MOBILE_PHONE',
    '문화상품권': 'CULTURE_GIFT_CERTIFICATE',
    '도서문화상품권': 'BOOK_GIFT_CERTIFICATE',
    '게임문화상품권': 'GAME_GIFT_CERTIFICATE',
    '해외간편결제': 'FOREIGN_EASY_PAY',
  };

  /* Fields of the per-method objects that become form fields under the same name. */
  var PLAIN = [
    'flowMode', 'cardCompany', 'easyPay', 'cardInstallmentPlan', 'maxCardInstallmentPlan', 'useCardPoint',
    'useAppCardOnly', 'useEscrow', 'taxExemptionAmount', 'discountCode', 'validHours', 'dueDate',
    'useInternationalCardOnly', 'language', 'showEstimatedAmount', 'appScheme', 'isCulturalExpenses',
    'showCustomerMobilePhone', 'provider', 'country',
  ];
  var COMMON = [
    'orderId', 'orderName', 'successUrl', 'failUrl', 'customerEmail', 'customerName', 'customerMobilePhone',
    'taxFreeAmount',
  ];

  function isMobile() {
    return /Android|iPhone|iPad|iPod|Mobile/i.test(global.navigator.userAgent);
  }

  function given(value) {
    return value !== undefined && value !== null && value !== '';
  }

  /* What must be right before a window opens. Throws the PG's own classes. */

  function checkClientKey(key) {
    if (typeof key !== 'string') throw errors.InvalidClientKeyError();
    if (/^(test|live)_g?sk_/.test(key)) throw errors.InsecureKeyUsageError();
    if (!/^(test|live)_g?ck_/.test(key)) throw errors.InvalidClientKeyError();
  }

  function checkCustomerKey(key) {
    if (key === ANONYMOUS) return;
    if (typeof key !== 'string' || !/^[A-Za-z0-9_=.@-]{2,300}$/.test(key)) throw errors.InvalidCustomerKeyError();
  }

  function checkAddress(value, refusal) {
    if (typeof value !== 'string' || !/^https?:\/\/[^/]+/.test(value)) throw refusal();
  }

  function checkMetadata(metadata) {
    if (!given(metadata)) return;
    if (typeof metadata !== 'object' || Array.isArray(metadata)) throw errors.InvalidMetadataError();
    var keys = Object.keys(metadata);
    var fit = keys.length <= 5 && keys.every(function (key) {
      return key.length > 0 && key.length <= 40 && !/[[\]]/.test(key) && String(metadata[key]).length <= 2000;
    });
    if (!fit) throw errors.InvalidMetadataError();
  }

  function checkAmount(amount, method) {
    if (typeof amount !== 'object' || amount === null || typeof amount.value !== 'number' || !isFinite(amount.value)) {
      throw errors.InvalidAmountValueError();
    }
    if (amount.value <= 0) throw errors.BelowZeroAmountError();
    if (['KRW', 'USD', 'JPY'].indexOf(amount.currency) < 0) throw errors.InvalidAmountCurrencyError();
    if (method === 'FOREIGN_EASY_PAY' && amount.currency === 'KRW') throw errors.InvalidAmountCurrencyError();
  }

  function checkRequest(request) {
    if (typeof request !== 'object' || request === null) throw errors.InvalidParametersError();
    if (!Object.prototype.hasOwnProperty.call(METHODS, request.method)) throw errors.NotSupportedMethodError();
    checkAmount(request.amount, request.method);
    if (typeof request.orderId !== 'string' || !/^[A-Za-z0-9_=.-]{6,64}$/.test(request.orderId)) {
      throw errors.InvalidParametersError('orderId는 영문, 숫자, -, _, = 로 6자 이상 64자 이하여야 합니다.');
    }
    if (typeof request.orderName !== 'string' || request.orderName.length < 1 || request.orderName.length > 100) {
      throw errors.InvalidParametersError('orderName은 1자 이상 100자 이하여야 합니다.');
    }
    if (given(request.customerMobilePhone) && !/^[0-9]{8,15}$/.test(request.customerMobilePhone)) {
      throw errors.InvalidParametersError('customerMobilePhone은 숫자 8자 이상 15자 이하여야 합니다.');
    }
    checkMetadata(request.metadata);
    checkDetail(request[METHODS[request.method]]);
    var promise = !given(request.successUrl) && !given(request.failUrl);
    if (!promise) {
      checkAddress(request.successUrl, errors.IncorrectSuccessUrlFormatError);
      checkAddress(request.failUrl, errors.IncorrectFailUrlFormatError);
    }
    var target = request.windowTarget || (isMobile() ? 'self' : 'iframe');
    if (target !== 'self' && target !== 'iframe') throw errors.InvalidParametersError('windowTarget은 self 또는 iframe입니다.');
    if (target === 'iframe' && isMobile()) throw errors.InvalidParametersError('모바일에서는 windowTarget이 self여야 합니다.');
    if (promise && target === 'self') throw errors.NotSupportedPromiseError();
    return { promise: promise, target: target };
  }

  function checkDetail(detail) {
    if (!given(detail)) return;
    if (given(detail.cardInstallmentPlan) && given(detail.maxCardInstallmentPlan)) {
      throw errors.InvalidParametersError('cardInstallmentPlan과 maxCardInstallmentPlan은 함께 쓸 수 없습니다.');
    }
    if (given(detail.validHours) && given(detail.dueDate)) {
      throw errors.InvalidParametersError('validHours와 dueDate는 함께 쓸 수 없습니다.');
    }
    if (detail.flowMode === 'DIRECT' && !given(detail.cardCompany) && !given(detail.easyPay)) {
      throw errors.InvalidParametersError('flowMode가 DIRECT이면 cardCompany 또는 easyPay가 필요합니다.');
    }
  }

  /* The request as flat fields; the window's server documents their names. */

  function fieldsOf(clientKey, customerKey, request, target) {
    var fields = [
      ['clientKey', clientKey], ['customerKey', customerKey], ['method', request.method],
      ['amount', String(request.amount.value)], ['currency', request.amount.currency],
      ['windowTarget', target], ['_origin', global.location.origin],
    ];
    function add(name, value) {
      if (given(value)) fields.push([name, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
    }
    COMMON.forEach(function (name) { add(name, request[name]); });
    // The PG's own test switches, v1 and v2: the issuer's part is skipped. Live keys have no such power.
    var skip = request._skipAuth || (request.sandbox && request.sandbox.paymentResult);
    if (/^test_/.test(clientKey) && given(skip)) add('_auto', /FAIL$/.test(skip) ? 'decline' : 'approve');
    Object.keys(request.metadata || {}).forEach(function (key) { add('metadata[' + key + ']', request.metadata[key]); });
    var detail = request[METHODS[request.method]] || {};
    PLAIN.forEach(function (name) { add(name, detail[name]); });
    add('escrowProducts', detail.escrowProducts);
    add('cashReceiptType', detail.cashReceipt && detail.cashReceipt.type);
    add('mobileCarriers', detail.mobileCarriers && detail.mobileCarriers.join(','));
    add('freeInstallmentPlans', (detail.freeInstallmentPlans || []).map(function (plan) {
      return plan.company + ':' + plan.months.join(',');
    }).join(';'));
    return fields;
  }

  /* Navigating by address, not by form: a page's form-action policy need not know us then. */

  function addressOf(fields) {
    return base + '/window?' + new URLSearchParams(fields).toString();
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

  function openFrame(fields, hear) {
    if (open) open.abandon(errors.PaymentRequestAbortedError());
    var overlay = styled(global.document.createElement('div'), {
      position: 'fixed', inset: '0', zIndex: '2147483647', display: 'flex', alignItems: 'center',
      justifyContent: 'center', background: 'rgba(0, 0, 0, 0.5)',
    });
    overlay.id = '__tosspayments_payment_overlay__';
    overlay.setAttribute('role', 'dialog');
    overlay.setAttribute('aria-modal', 'true');
    overlay.setAttribute('aria-label', '결제창');
    var frame = styled(global.document.createElement('iframe'), {
      width: 'min(100%, 480px)', height: 'min(100%, 720px)', border: '0', borderRadius: '16px', background: '#fff',
    });
    frame.id = '__tosspayments_payment_iframe__';
    frame.title = '결제창';
    frame.src = addressOf(fields);
    overlay.appendChild(frame);
    function listener(event) {
      if (event.origin !== origin || event.source !== frame.contentWindow) return;
      if (!event.data || event.data.source !== 'toss-window') return;
      close();
      hear.end(event.data);
    }
    open = {
      overlay: overlay, listener: listener, overflow: global.document.body.style.overflow,
      abandon: function (error) { close(); hear.abandoned(error); },
    };
    global.addEventListener('message', listener);
    global.document.body.style.overflow = 'hidden';
    global.document.body.appendChild(overlay);
    frame.focus();
  }

  function failureOf(end) {
    if (end.code === 'PAY_PROCESS_CANCELED') return errors.UserCancelError(end.message);
    var error = errors.PaymentRequestFailError(end.message);
    error.code = end.code;
    return error;
  }

  function request(clientKey, customerKey, wanted) {
    return new Promise(function (resolve, reject) {
      var way = checkRequest(wanted);
      var fields = fieldsOf(clientKey, customerKey, wanted, way.target);
      if (way.target === 'self') {
        global.location.assign(addressOf(fields));
        return;
      }
      openFrame(fields, {
        abandoned: reject,
        end: function (end) {
          if (!way.promise && end.url) {
            global.location.assign(end.url);
          } else if (end.outcome === 'success') {
            resolve({ paymentKey: end.paymentKey, orderId: end.orderId,
              amount: { currency: end.currency, value: Number(end.amount) }, paymentType: end.paymentType });
          } else {
            reject(failureOf(end));
          }
        },
      });
    });
  }

  /* v1: method and flat options. */

  function fromV1(method, options) {
    var code = V1_METHODS[method] || method;
    var wanted = Object.assign({}, options || {}, {
      method: code,
      amount: { value: Number(options && options.amount), currency: (options && options.currency) || 'KRW' },
    });
    var detail = METHODS[code];
    if (detail) wanted[detail] = options;
    return wanted;
  }

  function notSimulated(what) {
    return function () {
      return Promise.reject(errors.NotSimulatedError(what + ': not simulated yet (시뮬레이터가 아직 흉내 내지 않습니다).'));
    };
  }

  function TossPayments(clientKey) {
    checkClientKey(clientKey);
    var isWidgetKey = /_gck_/.test(clientKey);
    return {
      payment: function (options) {
        if (isWidgetKey) throw errors.NotSupportedWidgetKeyError();
        var customerKey = options && options.customerKey;
        checkCustomerKey(customerKey);
        return {
          requestPayment: function (wanted) { return request(clientKey, customerKey, wanted); },
          requestBillingAuth: notSimulated('requestBillingAuth'),
          destroy: function () {
            if (open) open.abandon(errors.PaymentRequestAbortedError());
            return Promise.resolve();
          },
        };
      },
      widgets: function () {
        throw errors.NotSimulatedError('widgets: not simulated yet (시뮬레이터가 아직 흉내 내지 않습니다).');
      },
      brandpay: function () {
        throw errors.NotSimulatedError('brandpay: not simulated yet (시뮬레이터가 아직 흉내 내지 않습니다).');
      },
      requestPayment: function (method, options) { return request(clientKey, ANONYMOUS, fromV1(method, options)); },
      requestBillingAuth: notSimulated('requestBillingAuth'),
      cancelPayment: function () {
        if (open) open.abandon(errors.UserCancelError());
      },
    };
  }

  TossPayments.ANONYMOUS = ANONYMOUS;
  Object.keys(errors).forEach(function (name) { TossPayments[name] = errors[name]; });
  global.TossPayments = TossPayments;
})(window);
