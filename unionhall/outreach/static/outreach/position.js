// 记下位置: asked for once, when the button is pressed; three decimals are about a hundred metres.
for (const button of document.querySelectorAll("[data-position]")) {
  if (!navigator.geolocation) continue;
  const form = button.form, said = document.querySelector("[data-position-said]");
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.latitude.value = coords.latitude.toFixed(3);
        form.elements.longitude.value = coords.longitude.toFixed(3);
        if (said) said.textContent = "已记下位置，提交后保存。";
      },
      () => {
        button.disabled = false;
        if (said) said.textContent = "没有取得位置，不影响提交。";
      },
      { timeout: 10000, maximumAge: 60000 },
    );
  });
}
