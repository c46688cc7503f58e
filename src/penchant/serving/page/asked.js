// Who is looked at, and what is asked for them. It knows the words of the API; it draws nothing.

import { ask } from "./api.js";

export const LENGTH = 10;

/** A known person or a new one by name, or a stranger whose history lives in this tab alone. */
export class Asked {
  constructor({ user = null, history = [] }) {
    this.user = user;
    this.history = history; // a stranger's, oldest first
    this.steer = "";
    this.against = ""; // what the list is compared with
  }

  get who() {
    return this.user === null ? { history: this.history.map(raw) } : { user_id: this.user };
  }

  /** The list as it is asked for, and beside it what changes it. */
  list(other = {}) {
    const steer = this.steer ? { steer: this.steer } : {};
    return ask("/v1/recommend", { ...this.who, k: LENGTH, ...steer, ...other });
  }

  interests() {
    return ask("/v1/interests", this.who);
  }

  /** Newest first, each with a title where it has one. */
  async past() {
    if (this.user === null) return [...this.history].reverse();
    return (await ask(`/v1/users/${encodeURIComponent(this.user)}?limit=50`)).history;
  }

  /** What somebody did: told to the server, or of a stranger kept here. The title is for the eye. */
  async tell(event, title) {
    if (this.user === null) this.history.push({ ...event, title });
    else await ask("/v1/events", { events: [{ user_id: this.user, ...event }] });
  }
}

/** An event of a stranger's as the server wants it. */
const raw = ({ title, ...event }) => event;
