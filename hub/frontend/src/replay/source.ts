/** Where a player gets its timeline: from the service, or from the page itself when it was saved to a file. */
import type { Body, Index } from "./timeline";

export interface Source {
  index(): Promise<Index>;
  segment(number: number): Promise<Body>;
}

class Refused extends Error {}

async function get(address: string): Promise<unknown> {
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Refused(`The recording cannot be read right now (${String(response.status)}).`);
  return response.json();
}

/** Asks the service. */
export class ServiceSource implements Source {
  readonly #address: string;

  constructor(address: string) {
    this.#address = address;
  }

  async index(): Promise<Index> {
    return (await get(`${this.#address}/timeline`)) as Index;
  }

  async segment(number: number): Promise<Body> {
    return (await get(`${this.#address}/segments/${String(number)}`)) as Body;
  }
}

/** Reads what was saved with the page. */
export class SavedSource implements Source {
  readonly #saved: { readonly index: Index; readonly segments: readonly Body[] };

  constructor(text: string) {
    this.#saved = JSON.parse(text) as { index: Index; segments: Body[] };
  }

  index(): Promise<Index> {
    return Promise.resolve(this.#saved.index);
  }

  segment(number: number): Promise<Body> {
    const body = this.#saved.segments[number];
    return body === undefined ? Promise.reject(new Refused("There is no such part of the recording.")) : Promise.resolve(body);
  }
}
