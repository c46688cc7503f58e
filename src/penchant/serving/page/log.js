// The newest events of the log. Only admins may read it.

import { ask } from "./api.js";
import { card, table } from "./dom.js";
import { nothing } from "./parts.js";
import { nameOf, number, say, when } from "./words.js";

export async function events() {
  const said = await ask("/v1/panel/events?limit=50");
  if (!said.events.length) return [nothing(say("empty.events"))];
  const head = [[say("log.place")], [say("log.when")], [say("person")], [say("kind")], [say("item")], [say("value"), true], [say("text")]];
  return [card(say("topic.events"), table(say("log.newest"), head, said.events.map(row)))];
}

function row({ sequence, received_at: received, event }) {
  const value = event.value == null ? "–" : number(event.value, 1);
  return [String(sequence), when(received), event.user_id ?? "–", nameOf("kind", event.kind || "other"), event.item_id ?? "–", value, event.text ?? ""];
}
