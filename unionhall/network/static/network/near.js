// 看离我最近的: the position is asked for once, when the button is pressed, and goes only into this search.
for (const button of document.querySelectorAll("[data-near]")) {
  if (!navigator.geolocation) continue;
  const form = document.getElementById(button.dataset.near), note = document.querySelector("[data-near-note]");
  button.hidden = false;
  if (note) note.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        // A street's width is enough: three decimals are about a hundred metres.
        form.elements.lat.value = coords.latitude.toFixed(3);
        form.elements.lon.value = coords.longitude.toFixed(3);
        form.submit();
      },
      () => {
        button.disabled = false;
        if (note) { note.hidden = false; note.textContent = "没有取得位置。可以选择区县查找。"; } else window.alert("没有取得位置。可以选择区县查找。");
      },
      { timeout: 10000, maximumAge: 60000 },
    );
  });
}
