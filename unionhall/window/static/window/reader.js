// The ID-card reader on this machine (docs/card-reader.md): one button asks it, the answer fills the page's own fields.
for (const button of document.querySelectorAll("[data-card-reader]")) {
  button.hidden = false;
  const said = button.closest("form").querySelector("[data-card-status]");
  const say = (text) => { if (said) said.textContent = text; };
  button.addEventListener("click", async () => {
    say("正在读卡，请把身份证放在读卡器上…");
    button.disabled = true;
    try {
      const answer = await fetch(button.dataset.cardReader, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(15000), credentials: new URL(button.dataset.cardReader, location.href).origin === location.origin ? "same-origin" : "omit" });
      const card = await answer.json();
      if (!answer.ok || typeof card.number !== "string") throw new Error(card.error || "读卡器没有返回证件号码");
      const number = document.getElementById(button.dataset.cardInto), name = document.getElementById(button.dataset.cardName || "");
      number.value = card.number;
      if (name && typeof card.name === "string") name.value = card.name;
      say("已读取，请核对。");
      if ("cardSubmit" in button.dataset) button.closest("form").requestSubmit();
    } catch (failure) {
      say(`没有读到身份证：${failure.name === "TypeError" ? "读卡程序没有运行" : failure.name === "TimeoutError" ? "读卡器没有反应" : failure.message}。可以手工输入号码。`);
    } finally {
      button.disabled = false;
    }
  });
}
