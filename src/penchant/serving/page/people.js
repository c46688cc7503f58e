// Choosing a person, known or new, or describing a stranger.

import { ask } from "./api.js";
import { Asked } from "./asked.js";
import { button, el } from "./dom.js";
import { say } from "./words.js";

const OFFERED = 6;

async function named(beginning, limit) {
  return (await ask(`/v1/users?limit=${limit}&query=${encodeURIComponent(beginning)}`)).user_ids;
}

/** Whom the page begins with: the first whom the server knows, null if it knows nobody. */
export async function firstPerson() {
  const [user] = await named("", 1);
  return user === undefined ? null : new Asked({ user });
}

/** The form; `choose` hears of an Asked. */
export function chooser(asked, choose) {
  const ids = el("datalist", { id: "people" });
  const chips = el("div", { class: "chips", id: "chips" });
  const user = el("input", { id: "user", list: "people", autocomplete: "off", spellcheck: "false", value: asked?.user, maxlength: 1024 });
  const words = el("input", { id: "words", autocomplete: "off", placeholder: say("words.example"), maxlength: 4096 });
  user.addEventListener("input", () => suggest(user.value, ids));
  offer(chips, ids, choose);
  const submit = async (event) => {
    event.preventDefault();
    choose(await described(user.value, words.value.trim()));
    words.value = "";
  };
  return el("section", { class: "card", "aria-label": say("who") },
    el("form", { id: "ask", class: "line", onsubmit: submit },
      el("label", {}, say("person"), user), el("label", { class: "wide" }, say("words"), words),
      el("button", { class: "main" }, say("recommend")), button(say("new"), () => begin(user, words), { id: "new" })),
    el("p", { class: "soft small" }, say("who.how")), ids, chips);
}

/** A person whose words are noted as a search of theirs; without a name a stranger, of whom nothing is kept. */
async function described(user, text) {
  const history = text ? [{ kind: "search", text }] : [];
  if (!user) return new Asked({ history });
  const asked = new Asked({ user });
  for (const event of history) await asked.tell(event);
  return asked;
}

function begin(user, words) {
  user.value = "";
  words.focus();
}

async function suggest(beginning, ids) {
  const found = await named(beginning, 20).catch(() => []);
  ids.replaceChildren(...found.map((name) => el("option", { value: name })));
}

async function offer(chips, ids, choose) {
  const found = await named("", OFFERED).catch(() => []);
  ids.replaceChildren(...found.map((name) => el("option", { value: name })));
  chips.replaceChildren(...found.map((name) => button(name, () => choose(new Asked({ user: name })), { class: "chip" })));
}
