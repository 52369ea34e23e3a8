// The counter: scanning with the camera where the browser can read QR codes, and collecting codes without a network.
const said = document.querySelector("[data-offline-said]");
const view = document.querySelector("[data-scan-view]");
const FIELD = document.querySelector("[data-offline-code]") || document.querySelector("[data-scan-into]");

function codeIn(text) {
  return text.trim().replace(/\/+$/, "").split(/code=|\//).pop().split("&")[0].replace(/[\s-]/g, "").toUpperCase();
}

// Camera -----------------------------------------------------------------------------------------------------
async function scanInto(found) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  view.srcObject = stream;
  view.hidden = false;
  await view.play();
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const stop = () => { for (const track of stream.getTracks()) track.stop(); view.hidden = true; };
  const look = async () => {
    const codes = await detector.detect(view).catch(() => []);
    if (codes.length) { stop(); found(codes[0].rawValue); return; }
    if (view.srcObject?.active) requestAnimationFrame(look);
  };
  look();
}
for (const button of document.querySelectorAll("[data-scan]")) {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) continue;
  button.hidden = false;
  button.addEventListener("click", () => scanInto((text) => {
    FIELD.value = codeIn(text);
    if (FIELD.matches("[data-offline-code]")) note(FIELD.value); else FIELD.form.requestSubmit();
  }).catch(() => window.alert("打不开摄像头。请允许使用摄像头，或者输入券码。")));
}

// Without a network ------------------------------------------------------------------------------------------
const tool = document.querySelector("[data-offline-tool]"), list = document.querySelector("[data-offline]");
const STORE = "unionhall.offline";
const bytesOf = (text) => {
  const bits = [...text].map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one));
  if (bits.includes(-1)) return null;
  const out = new Uint8Array(Math.floor(text.length * 5 / 8));
  let held = 0, value = 0, at = 0;
  for (const five of bits) { value = (value << 5) | five; held += 5; if (held >= 8) { held -= 8; out[at++] = (value >>> held) & 255; value &= (1 << held) - 1; } }
  return out;
};
let keys = null;

// Whether a signed code is genuine and in time: true, false with words, or null where this browser cannot tell.
async function genuine(code) {
  if (code.length <= 12) return null;
  const raw = bytesOf(code);
  if (!raw || raw.length !== 86 || raw[0] !== 3) return "这不是服务券码。";
  const claim = new DataView(raw.buffer);
  const now = Date.now() / 1000;
  if (now + 600 < claim.getUint32(14)) return "券码还没有生效，请核对设备时钟。";
  if (now >= claim.getUint32(18)) return "这张券已过期。";
  const known = keys?.keys.find((one) => one.id === raw[1]);
  if (!known || !crypto.subtle) return null;
  try {
    const key = await crypto.subtle.importKey("raw", Uint8Array.from(atob(known.public), (one) => one.charCodeAt(0)), "Ed25519", false, ["verify"]);
    const context = new TextEncoder().encode(keys.context);
    const text = new Uint8Array(context.length + 22);
    text.set(context); text.set(raw.slice(0, 22), context.length);
    return await crypto.subtle.verify("Ed25519", key, raw.slice(22), text) ? true : "券码的签名不对，可能是伪造的，请不要接受。";
  } catch { return null; }
}
async function note(text) {
  const code = codeIn(text);
  if (!code) return;
  const lines = list.value.split("\n").filter(Boolean);
  if (lines.some((line) => codeIn(line.split(/[,，]/)[0]) === code)) { said.textContent = "这张券刚才已经记过，请不要重复接受。"; return; }
  const answer = await genuine(code);
  if (typeof answer === "string") { said.textContent = answer; return; }
  // With its offset: a till may be set to another time zone than the server's.
  const at = new Date(), two = (one) => String(one).padStart(2, "0"), zone = -at.getTimezoneOffset();
  const offset = `${zone < 0 ? "-" : "+"}${two(Math.floor(Math.abs(zone) / 60))}:${two(Math.abs(zone) % 60)}`;
  lines.push(`${code},${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}${offset}`);
  list.value = lines.join("\n");
  localStorage.setItem(STORE, list.value);
  said.textContent = `已记下第 ${lines.length} 张${answer === true ? "，签名和有效期核对无误" : "，上传时核对"}。`;
  FIELD.value = "";
  FIELD.focus();
}
if (tool && list) {
  tool.hidden = false;
  fetch(tool.dataset.keys).then((answer) => answer.json()).then((found) => { keys = found; localStorage.setItem(`${STORE}.keys`, JSON.stringify(found)); }).catch(() => { keys = JSON.parse(localStorage.getItem(`${STORE}.keys`) || "null"); });
  // What was sent but not answered (the connection failed) comes back; sending it twice redeems nothing twice.
  const kept = [localStorage.getItem(`${STORE}.sent`), localStorage.getItem(STORE)].filter(Boolean).join("\n");
  if (!list.value) list.value = [...new Set(kept.split("\n"))].filter(Boolean).join("\n");
  document.querySelector("[data-offline-form]").addEventListener("submit", () => {
    localStorage.setItem(`${STORE}.sent`, list.value);
    localStorage.removeItem(STORE);
  });
  list.addEventListener("input", () => localStorage.setItem(STORE, list.value));
  tool.querySelector("[data-offline-add]").addEventListener("click", () => note(FIELD.value));
  FIELD.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); note(FIELD.value); } });
}
// The result page of an upload: what was handed in is no longer kept on the device.
if (document.querySelector("[data-offline-done]")) localStorage.removeItem(`${STORE}.sent`);
