// Versions of the model, which of them answers, and experiments between them.

import { ask, askIfThere } from "./api.js";
import { button, card, el, table } from "./dom.js";
import { nothing } from "./parts.js";
import { number, say, when } from "./words.js";

export async function versions() {
  const said = await askIfThere("/v1/models");
  if (!said) return [nothing(say("empty.versions"))];
  return [nothing(JSON.stringify(said))];
}

export async function experiments() {
  const said = await askIfThere("/v1/experiments");
  if (!said) return [nothing(say("empty.experiments"))];
  return [nothing(JSON.stringify(said))];
}
