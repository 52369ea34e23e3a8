/* Finds the number a challenge asks for (see access/challenges.py), in small portions, then lets the form go. */
(function () {
  "use strict";
  var K = [], H = [], n = 2, found = 0;
  function part(x) { return ((x - Math.floor(x)) * 4294967296) | 0; }
  while (found < 64) {
    var prime = true;
    for (var d = 2; d * d <= n; d++) { if (n % d === 0) { prime = false; break; } }
    if (prime) { if (found < 8) { H[found] = part(Math.sqrt(n)); } K[found++] = part(Math.cbrt(n)); }
    n++;
  }
  var W = new Int32Array(64);
  /* One block is enough: the text is 32 characters, a colon and at most 12 digits. */
  function zeroBits(text) {
    var i, length = text.length;
    for (i = 0; i < 16; i++) { W[i] = 0; }
    for (i = 0; i < length; i++) { W[i >> 2] |= text.charCodeAt(i) << (24 - (i & 3) * 8); }
    W[length >> 2] |= 0x80 << (24 - (length & 3) * 8);
    W[15] = length * 8;
    for (i = 16; i < 64; i++) {
      var x = W[i - 15], y = W[i - 2];
      W[i] = (W[i - 16] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ (x >>> 3)) + W[i - 7] +
        ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ (y >>> 10))) | 0;
    }
    var a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
    for (i = 0; i < 64; i++) {
      var t1 = (h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      var t2 = (((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    var first = (a + H[0]) >>> 0;
    return first === 0 ? 32 : Math.clz32(first);
  }
  var box = document.getElementById("challenge");
  if (!box) { return; }
  var text = box.dataset.text, bits = Number(box.dataset.bits), answer = 0;
  var field = box.querySelector("input"), words = box.querySelector("[role=status]"), form = box.closest("form");
  var button = form.querySelector("button[type=submit]");
  button.disabled = true;
  function portion() {
    var end = answer + 20000;
    for (; answer < end; answer++) {
      if (zeroBits(text + ":" + answer) >= bits) {
        field.value = String(answer);
        words.textContent = "安全检查完成，请继续。";
        button.disabled = false;
        return;
      }
    }
    setTimeout(portion, 0);
  }
  words.textContent = "正在做安全检查，通常只要几秒钟…";
  portion();
})();
