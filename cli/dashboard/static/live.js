// Asks for this page again as long as something on it goes on, and puts in what has changed.
"use strict";

const LONGEST_PAUSE = 10;
const ANNOUNCEMENT_PAUSE_MS = 15000;
const began = Date.now();
let announcedAt = 0;
let announced = text(document);
let missed = 0;

function text(page) {
  return Array.from(page.querySelectorAll("[data-announce]"), (one) => one.textContent.trim()).join(" ");
}

// A screen reader is told at once what has ended, and what goes on only now and then.
function announce(page) {
  const now = text(page);
  const ended = !page.body.dataset.poll;
  if (now === announced || (!ended && Date.now() - announcedAt < ANNOUNCEMENT_PAUSE_MS)) return;
  document.getElementById("announcement").textContent = now;
  announced = now;
  announcedAt = Date.now();
}

function replace(old, fresh) {
  if (old.innerHTML === fresh.innerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceChildren(...fresh.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function takeOver(page) {
  const parts = (whole) => Array.from(whole.querySelectorAll("[data-live]"));
  if (page.body.dataset.poll) {
    for (const fresh of parts(page)) {
      const old = document.getElementById(fresh.id);
      if (old) replace(old, fresh);
    }
  } else {
    // It has ended: everything else on the page is known now, too.
    replace(document.querySelector("main"), page.querySelector("main"));
  }
}

function say(line) {
  const state = document.getElementById("live-state");
  if (state.textContent !== line) state.textContent = line;
}

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (answer.redirected) {
    location.replace(answer.url);
    return false;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!answer.ok) throw new Error(page.querySelector("main p")?.textContent ?? "it refused");
  announce(page);
  takeOver(page);
  document.title = page.title;
  say(page.body.dataset.poll ? "This page keeps itself up to date." : "Reload the page to see what is new.");
  document.body.dataset.poll = page.body.dataset.poll ?? "";
  return Boolean(page.body.dataset.poll);
}

function later() {
  const base = Number(document.body.dataset.poll);
  const waited = (Date.now() - began) / 1000;
  const pause = Math.max(base, Math.min(LONGEST_PAUSE, base + waited / 60)) * 2 ** Math.min(missed, 3);
  setTimeout(step, pause * 1000);
}

async function step() {
  // Nobody looks at it: no request, and so no cost.
  if (document.hidden) {
    document.addEventListener("visibilitychange", step, { once: true });
    return;
  }
  try {
    const goesOn = await refresh();
    missed = 0;
    if (goesOn) later();
  } catch (error) {
    missed += 1;
    const told = error instanceof TypeError ? "start `merchant-sales dashboard` again if it has stopped." : error.message;
    const line = `This page could not be brought up to date and is tried again: ${told}`;
    say(line);
    if (missed === 1) document.getElementById("announcement").textContent = line;
    later();
  }
}

if (document.body.dataset.poll) later();
