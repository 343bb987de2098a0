// SPDX-License-Identifier: GPL-2.0-or-later
//
// The page of registrations: asks the server it comes from, shows what it
// says. Everything that came over the wire goes into the page as text.
"use strict";

const EVERY_MS = 5000;
const ROWS = 20;
const SLOTS = 60;
// what http.cfg lets through in a search
const SEARCHABLE = /^[A-Za-z0-9@._+:*-]{0,64}$/;
const KINDS = {
  online: "good", backoff: "warn", disabled: "calm", unregistered: "calm",
};
const STATES = ["online", "trying", "authenticating", "backoff", "waiting",
  "disabled", "leaving", "unregistering", "unregistering-auth",
  "unregistered"];

const byId = (id) => document.getElementById(id);
const kindOf = (state) => KINDS[state] || "busy";
const amount = (n) => Number(n).toLocaleString("en");

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function duration(seconds) {
  if (seconds < 120) return seconds + " s";
  if (seconds < 7200) return Math.round(seconds / 60) + " min";
  if (seconds < 172800) return Math.round(seconds / 3600) + " h";
  return Math.round(seconds / 86400) + " d";
}

async function ask(path) {
  const reply = await fetch("/status/" + path, { cache: "no-store" });
  if (!reply.ok) throw new Error("the server says " + reply.status);
  const told = await reply.json();
  if (told.error) throw new Error(told.error.message);
  return told.result;
}

// --- numbers, states --------------------------------------------------------

function showNumbers(accounts, users) {
  const box = byId("numbers");
  const rows = accounts ? [
    ["accounts", accounts.total, ""],
    ["registered", accounts.online, "good"],
    ["failing", accounts.failing, accounts.failing ? "bad" : ""],
    ["disabled", accounts.disabled, ""],
    ["waiting for room", accounts.held_back, accounts.held_back ? "warn" : ""],
  ] : [];
  if (users)
    rows.push(["users", users.total_users, ""],
      ["contacts", users.total_contacts, ""]);
  box.replaceChildren(...rows.map(([name, n, kind]) => {
    const one = element("div", "number " + kind);
    one.append(element("b", "", amount(n)), element("span", "", name));
    return one;
  }));
}

function showStates(states) {
  const there = STATES.filter((name) => states[name]);
  byId("bar").replaceChildren(...there.map((name) => {
    const part = element("i", kindOf(name) + "-fill");
    part.style.flexGrow = states[name];
    return part;
  }));
  byId("legend").replaceChildren(...there.map((name) => {
    const item = element("li");
    const button = element("button");
    button.type = "button";
    button.append(element("i", kindOf(name) + "-fill"), name,
      element("b", "", amount(states[name])));
    button.addEventListener("click", () => {
      accounts.choose(name);
      byId("accounts").scrollIntoView({ behavior: "smooth" });
    });
    item.append(button);
    return item;
  }));
}

// --- when they are due ------------------------------------------------------

let chart = null;

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}

function drawChart(box, data, step) {
  const axis = { stroke: () => color("--soft"),
    grid: { stroke: () => color("--line"), width: 1 },
    ticks: { stroke: () => color("--line"), width: 1 } };
  chart = new uPlot({
    width: box.clientWidth, height: 220,
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: true, range: (u, min, max) => [min, max + step] },
      y: { range: (u, min, max) => [0, Math.max(max * 1.1, 4)] } },
    axes: [{ ...axis,
      values: (u, at) => at.map((s) => clock(s, step < 60)) },
    { ...axis, size: 60,
      values: (u, at) => at.map((n) => Number.isInteger(n) ? amount(n) : "") }],
    series: [{}, { label: "due", stroke: () => color("--accent"),
      fill: () => color("--accent"), width: 0, points: { show: false },
      paths: uPlot.paths.bars({ size: [0.8, 40], align: 1 }) }],
    hooks: { setCursor: [(u) => tellSlot(u.cursor.idx, step)] },
  }, data, box);
  chart.stepShown = step;
}

function clock(seconds, withSeconds) {
  return new Date(seconds * 1000).toLocaleTimeString("de", { hour: "2-digit",
    minute: "2-digit", second: withSeconds ? "2-digit" : undefined });
}

let dueText = "";

function tellSlot(i, step) {
  byId("due-told").textContent = i === null || i === undefined ? dueText
    : clock(chart.data[0][i], step < 60) + ": " + amount(chart.data[1][i]);
}

function showDue(got) {
  const box = byId("chart");
  const now = Math.floor(Date.now() / 1000);
  const data = [got.due.map((_, i) => now + i * got.step), got.due];
  const within = got.due.reduce((sum, n) => sum + n, 0);
  dueText = amount(within) + " due, " + amount(got.later) + " later";
  if (chart && chart.stepShown === got.step) {
    chart.setData(data);
  } else {
    if (chart) chart.destroy();
    drawChart(box, data, got.step);
  }
  tellSlot(chart.cursor.idx, got.step);
}

// --- tables -----------------------------------------------------------------

// A table of the server's rows: search, state, pages. columns: [title, class,
// cell(row) -> text or element]; path(state, offset, text) -> what to ask.
class Table {
  constructor(id, columns, path, rowsOf) {
    this.columns = columns;
    this.path = path;
    this.rowsOf = rowsOf;
    this.offset = 0;
    this.asked = 0;
    this.box = byId(id);
    this.search = this.box.querySelector("input");
    this.state = this.box.querySelector("select");
    this.build();
  }

  build() {
    const scroll = element("div", "scroll");
    const table = element("table");
    const head = element("tr");
    this.body = element("tbody");
    for (const [title, className] of this.columns)
      head.append(element("th", className, title));
    table.append(element("thead"), this.body);
    table.firstChild.append(head);
    scroll.append(table);
    const pages = element("div", "pages");
    this.told = element("span");
    this.back = element("button", "", "Back");
    this.next = element("button", "", "Next");
    this.back.type = this.next.type = "button";
    pages.append(this.told, this.back, this.next);
    this.box.append(scroll, pages);
    this.back.addEventListener("click", () => this.turn(-ROWS));
    this.next.addEventListener("click", () => this.turn(ROWS));
    this.search.addEventListener("input", () => this.turn(-this.offset));
    if (this.state)
      this.state.addEventListener("change", () => this.turn(-this.offset));
  }

  choose(state) {
    this.state.value = state;
    this.turn(-this.offset);
  }

  turn(rows) {
    this.offset = Math.max(0, this.offset + rows);
    guarded(() => this.load());
  }

  // Ask; of answers that overtake each other the one asked for last counts.
  async load() {
    const text = this.search.value.trim();
    const fits = SEARCHABLE.test(text);
    this.search.setCustomValidity(fits ? "" :
      "letters, digits and @._+:*- can be searched for");
    if (!fits) return null;
    const own = ++this.asked;
    const got = await ask(this.path(
      this.state ? this.state.value : "", this.offset, text));
    if (own === this.asked) this.show(got);
    return got;
  }

  show(got) {
    const rows = this.rowsOf(got);
    if (rows.length === 0 && this.offset > 0 && got.matching > 0) {
      this.offset = 0; // they have become fewer
      guarded(() => this.load());
      return;
    }
    this.body.replaceChildren(...rows.map((row) => this.line(row)));
    if (rows.length === 0) {
      const line = element("tr");
      const cell = element("td", "none", "none");
      cell.colSpan = this.columns.length;
      line.append(cell);
      this.body.append(line);
    }
    this.told.textContent = rows.length === 0 ? "" :
      amount(this.offset + 1) + " to " + amount(this.offset + rows.length)
      + " of " + amount(got.matching);
    this.back.disabled = this.offset === 0;
    this.next.disabled = this.offset + rows.length >= got.matching;
  }

  line(row) {
    const line = element("tr");
    for (const [, className, cell] of this.columns) {
      const td = element("td", className);
      td.append(cell(row));
      line.append(td);
    }
    return line;
  }
}

function stateCell(row) {
  return element("span", "state " + kindOf(row.state), row.state);
}

function replyCell(row) {
  return element("span", "reply" + (row.code >= 300 ? " bad" : ""),
    row.code ? row.code + " " + row.reason : "–");
}

const account = (row) => row.r_username + "@" + row.r_domain;
const soon = (row) => row.next_in ? "in " + duration(row.next_in) : "–";

const accountPath = (state, offset, text) =>
  "accounts/" + state + "/" + offset + "/" + ROWS + "/" + text;

const failing = new Table("failing", [
  ["Account", "", account], ["Id", "", (row) => row.l_uuid],
  ["State", "", stateCell], ["Last reply", "long", replyCell],
  ["Failures", "right", (row) => amount(row.failures)],
  ["Next try", "right", soon],
], (state, offset, text) => accountPath("failing", offset, text),
(got) => got.accounts);

const accounts = new Table("accounts", [
  ["Account", "", account], ["Id", "", (row) => row.l_uuid],
  ["For", "", (row) => row.l_username], ["State", "", stateCell],
  ["Last reply", "long", replyCell],
  ["Expires", "right", (row) =>
    row.online ? "in " + duration(row.expires_in) : "–"],
  ["Next", "right", soon],
], accountPath, (got) => got.accounts);

// Parameters of push services (RFC 8599) let others wake the phone.
const withoutPush = (uri) => uri.replace(/;pn-[^;?>]*/gi, "");

function contactsCell(row) {
  const list = element("div");
  for (const contact of row.contacts)
    list.append(element("div", "", withoutPush(contact.contact)));
  return list;
}

function perContact(text) {
  return (row) => {
    const list = element("div");
    for (const contact of row.contacts)
      list.append(element("div", "", text(contact)));
    return list;
  };
}

const users = new Table("users", [
  ["User", "", (row) => row.aor], ["Contact", "long", contactsCell],
  ["User agent", "", perContact((c) => c.user_agent)],
  ["Expires", "right", perContact((c) =>
    c.expires_in ? "in " + duration(c.expires_in) : "never")],
], (state, offset, text) => "users/" + offset + "/" + ROWS + "/" + text,
(got) => got.users);

// --- all of it --------------------------------------------------------------

let isPaused = false;
let isBusy = false;

function tell(text, isBad) {
  byId("told").textContent = text;
  byId("told").className = isBad ? "bad" : "";
}

async function guarded(job) {
  try {
    await job();
  } catch (error) {
    tell("not up to date: " + error.message, true);
  }
}

async function update() {
  if (isBusy) return;
  isBusy = true;
  await guarded(async () => {
    const step = Number(byId("span").value);
    const summary = await ask("accounts/all/0/0/");
    showStates(summary.states);
    showDue(await ask("due/" + step + "/" + SLOTS));
    await failing.load();
    await accounts.load();
    // there may be no registrar, or no memory of it: see its own message
    const people = await users.load();
    showNumbers(summary, people);
    tell("as of " + new Date().toLocaleTimeString("de"));
  });
  isBusy = false;
}

function start() {
  for (const name of ["all", "failing", ...STATES])
    accounts.state.append(new Option(name, name));
  byId("span").addEventListener("change", update);
  byId("pause").addEventListener("click", () => {
    isPaused = !isPaused;
    byId("pause").textContent = isPaused ? "Go on" : "Pause";
    byId("pause").setAttribute("aria-pressed", isPaused);
    if (!isPaused) update();
  });
  window.addEventListener("resize", () => {
    if (chart)
      chart.setSize({ width: byId("chart").clientWidth, height: 220 });
  });
  setInterval(() => {
    if (!isPaused && !document.hidden) update();
  }, EVERY_MS);
  update();
}

start();
