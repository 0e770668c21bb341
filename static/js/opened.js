// Tells the server which procedure is open, for the person's own list: `data-opened` is the address. A GET changes
// nothing, and who looks for less than two seconds has not opened it.

const SECONDS = 2;

const place = document.querySelector("[data-opened]");
const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");

function tell() {
  if (document.visibilityState === "visible") {
    fetch(place.dataset.opened, { method: "POST", headers, keepalive: true }).catch(() => {});
  }
}

if (place) setTimeout(tell, SECONDS * 1000);
