// Works out the SHA-256 of a chosen file, here, and asks what it is. Nothing of the file leaves.
"use strict";

const field = document.getElementById("file");
const picked = document.getElementById("picked");
const none = picked.textContent;
const told = document.getElementById("digest");

function show(result) {
  for (const one of document.querySelectorAll("[data-result]")) {
    one.hidden = one.dataset.result !== result;
  }
}

async function check(file) {
  if (!window.crypto || !crypto.subtle) return show("unable");
  show("busy");
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  const digest = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
  told.textContent = `SHA-256 ${digest}`;
  const answer = await fetch(`/verify/state/${digest}`);
  if (answer.status === 429) return show("later");
  const { verdict } = await answer.json();
  if (verdict === "unknown") return show("altered");
  if (verdict === "superseded") return show("superseded");
  const asked = field.dataset.digest;
  show(asked === "" || asked === digest ? "same" : "genuine");
}

field.addEventListener("change", () => {
  const [file] = field.files;
  picked.textContent = file ? file.name : none;
  if (file) check(file).catch(() => show("later"));
});
