// 记下位置: asked for once, when the button is pressed, and only if the one on site lets it.
for (const button of document.querySelectorAll("[data-scene]")) {
  if (!navigator.geolocation) continue;
  const form = button.form, said = document.querySelector("[data-scene-said]");
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.latitude.value = coords.latitude.toFixed(5);
        form.elements.longitude.value = coords.longitude.toFixed(5);
        said.textContent = "已记下位置，提交后保存。";
      },
      () => {
        button.disabled = false;
        said.textContent = "没有取得位置，不影响提交。";
      },
      { timeout: 10000, maximumAge: 60000 },
    );
  });
}
