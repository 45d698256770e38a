// Comforts only: the page filters, retries and forgets without any of this.
"use strict";

const frame = window.parent === window ? null : window.parent.document;

// Airflow has a light and a dark of its own, which the browser does not know.
function followTheme() {
  const root = frame.documentElement;
  const tell = () => { document.documentElement.dataset.theme = root.classList.contains("dark") ? "dark" : "light"; };
  new MutationObserver(tell).observe(root, { attributes: true, attributeFilter: ["class"] });
  tell();
}

// Airflow's frame lets no link inside it change the page around it, so a link of that page is clicked.
function openInAirflow(event) {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  const link = frame.createElement("a");
  link.href = event.currentTarget.href;
  frame.body.append(link);
  link.click();
  link.remove();
}

async function copyText(event) {
  const button = event.currentTarget;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = "copied";
}

function showWork(event) {
  for (const button of event.currentTarget.querySelectorAll("button")) {
    button.textContent = event.currentTarget.dataset.working;
    button.disabled = true;
  }
}

if (frame) {
  followTheme();
  document.querySelectorAll("a.run").forEach((link) => link.addEventListener("click", openInAirflow));
}
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", copyText);
  }
}
document.querySelectorAll("form[data-working]").forEach((form) => form.addEventListener("submit", showWork));
